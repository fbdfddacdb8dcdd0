"""Events to seal, and what somebody with the rights of the owner does to them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from clinic.audit import services
from clinic.audit.models import AuditEvent

ACTOR, PATIENT, VISIT = (uuid.UUID(int=n) for n in (1, 2, 3))

Sql = Callable[..., None]


def recorded(**values: Any) -> AuditEvent:
    given: dict[str, Any] = {
        "actor_id": ACTOR,
        "actor_roles": {"practitioner"},
        "patient_id": PATIENT,
        "action": "appointment.booked",
        "object_type": "appointment",
        "object_id": VISIT,
        "now": timezone.now(),
    }
    return services.record(**given | values)


def made(at: dt.datetime) -> uuid.UUID:
    """Return an id such as one made at this instant has."""
    return uuid.UUID(int=int(at.timestamp() * 1000) << 80 | 0x7000 << 64 | uuid.uuid4().int >> 66)


@pytest.fixture
def tamper(db: None) -> Sql:
    """Run SQL as somebody who has switched the triggers off, which takes the owner's rights."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE audit_auditlink DISABLE TRIGGER USER")

    def run(statement: str, *parameters: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            assert cursor.rowcount != 0

    return run

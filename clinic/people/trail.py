"""Write the audit trail in this domain's terms: a `Viewer` acts, a row is what it is about."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db.models import Model

from clinic.audit import services as audit
from clinic.people.models import Patient, User
from clinic.people.viewer import Viewer


def note(
    *,
    action: str,
    by: Viewer,
    now: dt.datetime,
    subject: Model,
    detail: audit.Detail | None = None,
) -> None:
    """Add one event about `subject`, inside the caller's transaction.

    A visitor who makes an account acts as that account: there is nobody else to name.
    """
    itself = by.user_id is None and not by.is_system and isinstance(subject, User)
    audit.record(
        actor_id=subject.pk if itself else by.user_id,
        actor_roles=["system"] if by.is_system else by.roles,
        action=action,
        object_type=subject._meta.model_name or "",
        object_id=subject.pk,
        patient_id=_patient_of(subject),
        now=now,
        detail=detail,
    )


def _patient_of(subject: Model) -> uuid.UUID | None:
    return subject.pk if isinstance(subject, Patient) else None

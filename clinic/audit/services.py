"""Write the audit trail. One row per act or reading, in the transaction of what it tells about.

Actors and objects come as plain ids: this package lies under every other one and imports none of
them. Sealing the rows into the chain is `sealing`, which runs later and apart.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from clinic.audit import macs
from clinic.audit.context import request_id
from clinic.audit.models import AuditEvent

Detail = Mapping[str, "str | int | bool | None | uuid.UUID | Iterable[str | uuid.UUID]"]

# Plain SQL: one event goes with every booking, and the ORM builds this statement slower than the
# database runs it.
INTO = f"INSERT INTO {AuditEvent._meta.db_table} ({', '.join(macs.COLUMNS)}) VALUES "
ROW = f"({', '.join(['%s'] * len(macs.COLUMNS))})"
# PostgreSQL takes 65,535 parameters in a statement.
ROWS_A_STATEMENT = 1000


@dataclass(frozen=True, slots=True)
class About:
    """What one event of several is about."""

    object_type: str
    object_id: uuid.UUID | None
    patient_id: uuid.UUID | None = None
    detail: Detail | None = None


def record(
    *,
    actor_id: uuid.UUID | None,
    actor_roles: Iterable[str],
    action: str,
    object_type: str,
    object_id: uuid.UUID | None,
    now: dt.datetime,
    patient_id: uuid.UUID | None = None,
    detail: Detail | None = None,
) -> AuditEvent:
    """Add one event to the trail.

    `detail` holds ids, codes, counts and the names of changed fields. It never holds a value a
    person typed. Call it inside the transaction of the change, so that neither exists without the
    other.
    """
    about = About(object_type, object_id, patient_id, detail)
    [event] = record_many(
        actor_id=actor_id, actor_roles=actor_roles, action=action, abouts=[about], now=now
    )
    return event


def record_many(
    *,
    actor_id: uuid.UUID | None,
    actor_roles: Iterable[str],
    action: str,
    abouts: Sequence[About],
    now: dt.datetime,
) -> list[AuditEvent]:
    """Add one event for each of `abouts` in one statement: for a list page that shows many."""
    roles = ",".join(sorted(actor_roles))
    secret = macs.key() if abouts else b""
    events = [
        AuditEvent(
            at=now,
            actor=actor_id,
            actor_roles=roles,
            patient=about.patient_id,
            action=action,
            object_type=about.object_type,
            object_id=about.object_id,
            detail=macs.canonical_json(about.detail or {}),
            request_id=request_id.get(),
        )
        for about in abouts
    ]
    for event in events:
        event.mac = macs.event_mac(macs.texts(event), secret=secret)
    for first in range(0, len(events), ROWS_A_STATEMENT):
        _insert(events[first : first + ROWS_A_STATEMENT])
    return events


def mac_is_genuine(event: AuditEvent) -> bool:
    """Say whether the row is as it was written."""
    return macs.is_genuine((*macs.texts(event), event.mac), secret=macs.key())


def _insert(events: Sequence[AuditEvent]) -> None:
    values = [getattr(event, column) for event in events for column in macs.COLUMNS]
    with connection.cursor() as cursor:
        cursor.execute(INTO + ", ".join([ROW] * len(events)), values)
    for event in events:
        event._state.adding = False

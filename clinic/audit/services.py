"""Write the audit trail. One row per act or reading, in the transaction of what it tells about.

Actors and objects come as plain ids: this package lies under every other one and imports none of
them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection

from clinic.audit.context import request_id
from clinic.audit.models import AuditEvent
from clinic.crypto import datakeys

Detail = Mapping[str, "str | int | bool | None | uuid.UUID | Iterable[str | uuid.UUID]"]

# Plain SQL: one event goes with every booking, and the ORM builds this statement slower than the
# database runs it.
COLUMNS = tuple(field.attname for field in AuditEvent._meta.local_fields)
INSERT = (
    f"INSERT INTO {AuditEvent._meta.db_table} ({', '.join(COLUMNS)}) "
    f"VALUES ({', '.join(['%s'] * len(COLUMNS))})"
)


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
    event = AuditEvent(
        at=now,
        actor=actor_id,
        actor_roles=",".join(sorted(actor_roles)),
        patient=patient_id,
        action=action,
        object_type=object_type,
        object_id=object_id,
        detail=canonical_json(detail or {}),
        request_id=request_id.get(),
    )
    event.mac = event_mac(event)
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [getattr(event, column) for column in COLUMNS])
    event._state.adding = False
    return event


def event_mac(event: AuditEvent) -> bytes:
    """Return HMAC-SHA256 over every other column. The database holds its key wrapped only."""
    columns = [
        str(event.pk),
        event.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        event.actor and str(event.actor),
        event.actor_roles,
        event.patient and str(event.patient),
        event.action,
        event.object_type,
        event.object_id and str(event.object_id),
        event.detail,
        event.request_id,
    ]
    secret = datakeys.for_sealing(datakeys.AUDIT).usable()
    return hmac.new(secret, canonical_json(columns).encode(), hashlib.sha256).digest()


def mac_is_genuine(event: AuditEvent) -> bool:
    """Say whether the row is as it was written."""
    return hmac.compare_digest(bytes(event.mac), event_mac(event))


def canonical_json(value: Any) -> str:
    """Return JSON with one spelling: sorted keys, no spaces, ASCII, sets in order."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=_plain, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    raise TypeError(f"An audit detail holds ids, codes and counts, not {type(value).__name__}.")

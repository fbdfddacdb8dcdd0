"""The seals of the trail: one over each event, one over each link of the chain.

Both are HMAC-SHA256 with a key that the database holds wrapped only: whoever has nothing but SQL
can neither forge an event nor compute the chain anew.
"""

from __future__ import annotations

import hmac
import json
import uuid
from typing import Any

from clinic.audit.models import AuditEvent
from clinic.crypto import datakeys

# In the order of an event's MAC: every column but the MAC itself, which stands last.
COLUMNS = tuple(field.attname for field in AuditEvent._meta.local_fields)
# What stands before the first link.
NOTHING = bytes(32)

EventRow = tuple[Any, ...]


def key() -> bytes:
    """Return the key of the trail."""
    return datakeys.for_sealing(datakeys.AUDIT).usable()


def event_mac(row: EventRow, *, secret: bytes) -> bytes:
    """Return the MAC over the columns of an event, given in the order of COLUMNS."""
    pk, at, actor, roles, patient, action, object_type, object_id, detail, request = row[:10]
    columns = [
        str(pk),
        at.isoformat(timespec="microseconds"),
        actor and str(actor),
        roles,
        patient and str(patient),
        action,
        object_type,
        object_id and str(object_id),
        detail,
        request,
    ]
    return hmac.digest(secret, canonical_json(columns).encode(), "sha256")


def is_genuine(row: EventRow, *, secret: bytes) -> bool:
    """Say whether a whole row, its MAC included, is as it was written."""
    return hmac.compare_digest(bytes(row[10]), event_mac(row, secret=secret))


def link_mac(
    *, previous: bytes, pos: int, event: uuid.UUID, event_mac: bytes, secret: bytes
) -> bytes:
    """Return the MAC of the link at `pos`, which covers its event and every link before it."""
    return hmac.digest(
        secret, b"link" + previous + pos.to_bytes(8, "big") + event.bytes + event_mac, "sha256"
    )


def canonical_json(value: Any) -> str:
    """Return JSON with one spelling: sorted keys, no spaces, ASCII, sets in order."""
    return _encoder.encode(value)


def _plain(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    raise TypeError(f"An audit detail holds ids, codes and counts, not {type(value).__name__}.")


# Made once: `json.dumps` with these options makes one at every call, half of its time.
_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=_plain, allow_nan=False)

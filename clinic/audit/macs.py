"""The seals of the trail: one over each event, one over each link of the chain.

Both are HMAC-SHA256 with a key that the database holds wrapped only: whoever has nothing but SQL
can neither forge an event nor compute the chain anew.
"""

from __future__ import annotations

import datetime as dt
import hmac
import json
import uuid
from collections.abc import Sequence
from json.encoder import encode_basestring_ascii as as_json
from typing import Any

from clinic.audit.models import AuditEvent
from clinic.crypto import datakeys

# In the order of an event's MAC: every column but the MAC itself, which stands last.
COLUMNS = tuple(field.attname for field in AuditEvent._meta.local_fields)
# The same as texts, spelled by the database as `texts` spells them: reading a million events into
# Python's own types takes longer than their MACs.
AS_TEXT = {
    "id": "e.id::text",
    "at": """to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')""",
    "actor": "e.actor::text",
    "patient": "e.patient::text",
    "object_id": "e.object_id::text",
}
SELECT_TEXTS = ", ".join(AS_TEXT.get(column, f"e.{column}") for column in COLUMNS)
# What stands before the first link.
NOTHING = bytes(32)

# The texts of an event and its MAC, in the order of COLUMNS.
EventRow = tuple[Any, ...]


def key() -> bytes:
    """Return the key of the trail."""
    return datakeys.for_sealing(datakeys.AUDIT).usable()


def texts(event: AuditEvent) -> tuple[str | None, ...]:
    """Return what the MAC covers."""
    return (
        str(event.pk),
        event.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        _id(event.actor),
        event.actor_roles,
        _id(event.patient),
        event.action,
        event.object_type,
        _id(event.object_id),
        event.detail,
        event.request_id,
    )


def event_mac(covered: Sequence[str | None], *, secret: bytes) -> bytes:
    """Return the MAC over the texts of an event."""
    # As `canonical_json` of the list would be, in half the time.
    message = ",".join(["null" if text is None else as_json(text) for text in covered])
    return hmac.digest(secret, f"[{message}]".encode(), "sha256")


def is_genuine(row: EventRow, *, secret: bytes) -> bool:
    """Say whether a whole row, its MAC included, is as it was written."""
    return hmac.compare_digest(bytes(row[10]), event_mac(row[:10], secret=secret))


def link_mac(*, previous: bytes, pos: int, event: str, event_mac: bytes, secret: bytes) -> bytes:
    """Return the MAC of the link at `pos`, which covers its event and every link before it."""
    message = b"".join((b"link", previous, pos.to_bytes(8, "big"), event.encode(), event_mac))
    return hmac.digest(secret, message, "sha256")


def canonical_json(value: Any) -> str:
    """Return JSON with one spelling: sorted keys, no spaces, ASCII, sets in order."""
    return _encoder.encode(value)


def _id(value: uuid.UUID | str | None) -> str | None:
    return None if value is None else str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    raise TypeError(f"An audit detail holds ids, codes and counts, not {type(value).__name__}.")


# Made once: `json.dumps` with these options makes one at every call, half of its time.
_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=_plain, allow_nan=False)

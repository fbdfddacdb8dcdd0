"""When an event was made, by its id: a UUIDv7 begins with the milliseconds since 1970.

`at` is what the caller says; the id is taken from the machine's clock at the INSERT.
"""

from __future__ import annotations

import datetime as dt
import uuid

REST_BITS = 80


def made_ms(event_id: uuid.UUID) -> int:
    """Return the milliseconds at which an id was made. A forged one may say anything."""
    return event_id.int >> REST_BITS


def ms(at: dt.datetime) -> int:
    return int(at.timestamp() * 1000)


def first_id(made_at_ms: int) -> str:
    """Return what sorts before every id made at or after this moment, as text or as UUID."""
    return str(uuid.UUID(int=max(0, made_at_ms) << REST_BITS))

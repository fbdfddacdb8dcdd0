"""How a day runs: who waits how long, how late the doctor is, what one click does next.

Pure functions over values, like `rules`; the board and the patient's banner read the same answers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from clinic.scheduling.choices import AppointmentStatus as S

# What the main button of a visit does, by its present status.
NEXT_STEP = {
    S.PENDING: S.BOOKED,
    S.BOOKED: S.ARRIVED,
    S.ARRIVED: S.CHECKED_IN,
    S.CHECKED_IN: S.FULFILLED,
}


@dataclass(frozen=True, slots=True)
class Passage:
    """One visit's way through the day; instants are those of the status rows (S2)."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    status: str
    arrived_at: dt.datetime | None = None
    in_room_at: dt.datetime | None = None
    done_at: dt.datetime | None = None

    @property
    def length(self) -> dt.timedelta:
        return self.ends_at - self.starts_at


def whole_minutes(span: dt.timedelta) -> int:
    """Return the started minutes of a span, never below zero."""
    return max(0, int(span.total_seconds() // 60))


def minutes_waiting(passage: Passage, *, now: dt.datetime) -> int | None:
    """Return how long somebody who is here has waited, None for everybody else."""
    if passage.status != S.ARRIVED or passage.arrived_at is None:
        return None
    return whole_minutes(now - passage.arrived_at)


def minutes_overdue(passage: Passage, *, now: dt.datetime) -> int | None:
    """Return how long ago somebody who is not here yet was expected, None while there is time."""
    if passage.status != S.BOOKED or now < passage.starts_at:
        return None
    return whole_minutes(now - passage.starts_at)


def minutes_late(passages: Iterable[Passage], *, now: dt.datetime) -> int:
    """Return how late the doctor runs: how long after its time the next visit can begin.

    The next visit is the first of those who are here, else the first still to come. Somebody who
    has not come does not make the doctor late.
    """
    free_at = now
    waiting: list[Passage] = []
    coming: list[Passage] = []
    for passage in passages:
        if passage.status == S.CHECKED_IN and passage.in_room_at is not None:
            free_at = max(free_at, passage.in_room_at + passage.length)
        elif passage.status == S.ARRIVED:
            waiting.append(passage)
        elif passage.status == S.BOOKED and passage.starts_at >= now:
            coming.append(passage)
    candidates = waiting or coming
    if not candidates:
        return 0
    following = min(candidates, key=lambda passage: passage.starts_at)
    return whole_minutes(free_at - following.starts_at)

"""Rules of appointments: the table of allowed moves, cut-offs, undo. Values in, answers out.

No queries, no clock, no settings: `now` is passed in, and who asks is one boolean. Marks such as
S1 and P1 cite the scheduling rules in docs/scheduling.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from clinic.scheduling.choices import EXIT_STATUSES, AppointmentStatus

HOLD_FOR = dt.timedelta(minutes=5)
# A request blocks its time until the clinic decides, at the longest so long (H5).
REQUEST_FOR = dt.timedelta(hours=48)
MAX_MOVES_BY_PATIENT = 3

S = AppointmentStatus

# S1: the one table of allowed changes. A hold that ends is not a change of status, its claim just
# runs out.
TRANSITIONS: Mapping[str, frozenset[str]] = {
    S.PROPOSED: frozenset({S.BOOKED, S.PENDING}),
    S.PENDING: frozenset({S.BOOKED, S.CANCELLED, S.ENTERED_IN_ERROR}),
    S.BOOKED: frozenset({S.ARRIVED, S.CHECKED_IN, S.CANCELLED, S.NOSHOW, S.ENTERED_IN_ERROR}),
    S.ARRIVED: frozenset({S.CHECKED_IN, S.FULFILLED, S.CANCELLED, S.NOSHOW, S.ENTERED_IN_ERROR}),
    S.CHECKED_IN: frozenset({S.FULFILLED, S.ENTERED_IN_ERROR}),
    S.FULFILLED: frozenset({S.ENTERED_IN_ERROR}),
    S.NOSHOW: frozenset({S.ARRIVED, S.ENTERED_IN_ERROR}),
    S.CANCELLED: frozenset(),
    S.ENTERED_IN_ERROR: frozenset(),
    S.WAITLIST: frozenset({S.CANCELLED}),
}
# What a patient may do to an own visit; everything else is the staff's.
PATIENT_TRANSITIONS = frozenset(
    {
        (S.PROPOSED, S.BOOKED),
        (S.PROPOSED, S.PENDING),
        (S.PENDING, S.CANCELLED),
        (S.BOOKED, S.CANCELLED),
    }
)
MOVABLE = frozenset({S.PENDING, S.BOOKED})


class TransitionNotAllowed(Exception):
    """The visit cannot change from its present status to the wished one."""


class TooLateToCancel(Exception):
    """The patient's cut-off has passed; the clinic can still be told (P1)."""


class TooLateToMove(Exception):
    """The patient's cut-off for moving has passed, or the visit has begun."""


class TooManyMoves(Exception):
    """The patient has moved this visit as often as the clinic allows (P4)."""


class NothingToUndo(Exception):
    """The last change is not of today, or there is none that can be taken back (S3)."""


def check_transition(*, from_status: str, to_status: str, by_staff: bool) -> None:
    """Raise TransitionNotAllowed unless the table allows the change to this kind of person."""
    if to_status not in TRANSITIONS[from_status]:
        raise TransitionNotAllowed(from_status, to_status)
    if not by_staff and (from_status, to_status) not in PATIENT_TRANSITIONS:
        raise TransitionNotAllowed(from_status, to_status)


def is_past_cutoff(*, starts_at: dt.datetime, cutoff_minutes: int, now: dt.datetime) -> bool:
    """Say whether less than the cut-off remains; elapsed minutes, so daylight saving changes
    nothing.
    """
    return now > starts_at - dt.timedelta(minutes=cutoff_minutes)


def check_can_cancel(
    *, starts_at: dt.datetime, cutoff_minutes: int, now: dt.datetime, by_staff: bool, late: bool
) -> None:
    """Raise TooLateToCancel for a patient after the cut-off who does not say so (`late`) (P1)."""
    if by_staff or late:
        return
    if is_past_cutoff(starts_at=starts_at, cutoff_minutes=cutoff_minutes, now=now):
        raise TooLateToCancel


def check_can_move(
    *,
    status: str,
    starts_at: dt.datetime,
    cutoff_minutes: int,
    moves: int,
    max_moves: int,
    now: dt.datetime,
    by_staff: bool,
) -> None:
    """Raise TransitionNotAllowed, TooLateToMove or TooManyMoves where the visit must stay (P1,
    P4).
    """
    if status not in MOVABLE:
        raise TransitionNotAllowed(status, status)
    if by_staff:
        return
    if is_past_cutoff(starts_at=starts_at, cutoff_minutes=cutoff_minutes, now=now):
        raise TooLateToMove
    if moves >= max_moves:
        raise TooManyMoves


def hold_released_at(*, now: dt.datetime) -> dt.datetime:
    """Return the instant a hold made now ends (H1)."""
    return now + HOLD_FOR


def request_released_at(*, starts_at: dt.datetime, now: dt.datetime) -> dt.datetime:
    """Return the instant an undecided request stops blocking: after 48 h, or when the visit
    begins (H5).
    """
    return max(now, min(now + REQUEST_FOR, starts_at))


def frees_time(*, from_status: str, to_status: str) -> bool:
    """Say whether this change gives the time back (S4); undoing it must claim the time again
    (B9).
    """
    return to_status in EXIT_STATUSES and from_status not in EXIT_STATUSES


def check_can_undo(*, changed_on: dt.date, today: dt.date) -> None:
    """Raise NothingToUndo unless the change is of the site's present calendar day (S3, T7)."""
    if changed_on != today:
        raise NothingToUndo

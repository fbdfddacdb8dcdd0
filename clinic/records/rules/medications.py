"""What may be done with a medicine on file, with a prescription and with a dose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from clinic.lib import times
from clinic.records.choices import MedicationStatus as S
from clinic.records.choices import RequestStatus as R
from clinic.records.rules.history import HIDDEN as HIDDEN
from clinic.records.rules.history import NotPossible as NotPossible

CURRENT = (S.ACTIVE, S.INTENDED)
PAST = (S.STOPPED, S.COMPLETED)

# Which act is possible from which status.
ACTS: Mapping[str, tuple[S, ...]] = {
    "change": (S.ACTIVE, S.INTENDED, S.ON_HOLD),
    "pause": (S.ACTIVE, S.INTENDED),
    "restart": (S.ON_HOLD, S.STOPPED, S.COMPLETED),
    "stop": (S.ACTIVE, S.INTENDED, S.ON_HOLD),
    "fill": (S.ACTIVE, S.INTENDED, S.ON_HOLD),
    "remind": (S.ACTIVE, S.INTENDED),
}
OPEN_REQUESTS = (R.ACTIVE, R.ON_HOLD, R.DRAFT)
# A prescription may follow one that ran out, not one that was taken back.
RENEWABLE = (R.ACTIVE, R.COMPLETED, R.ON_HOLD)


class NoSuchDose(Exception):
    """No dose of this medicine falls due at this instant."""


class TooEarlyToMark(Exception):
    """The dose is due on a day to come."""


class TooLateToMark(Exception):
    """The dose was due before yesterday: what is written now would be a guess."""


def can(*, act: str, status: str, verification: str) -> bool:
    """Say whether an act is possible with a medicine in this state."""
    return verification not in HIDDEN and status in ACTS[act]


def check_can(*, act: str, status: str, verification: str) -> None:
    """Raise NotPossible where an act is not possible with a medicine in this state."""
    if not can(act=act, status=status, verification=verification):
        raise NotPossible


def can_cancel(*, status: str) -> bool:
    return status in OPEN_REQUESTS


def can_renew(*, status: str) -> bool:
    return status in RENEWABLE


def check_may_mark(*, due_at: dt.datetime, now: dt.datetime, zone: str) -> None:
    """Raise TooEarlyToMark or TooLateToMark outside of the dose's day and the day after.

    Earlier on the same day is possible: people take the evening tablet with lunch.
    """
    due_on, today = times.local_date(due_at, zone), times.today(zone, now)
    if due_on > today:
        raise TooEarlyToMark
    if due_on < today - times.ONE_DAY:
        raise TooLateToMark

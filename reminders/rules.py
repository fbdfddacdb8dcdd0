"""When a message falls due, when it is no longer of use, and what is done about a failed attempt.

Values in, answers out: no queries, no clock, no settings. A step is elapsed time before the visit,
so a reminder "24 hours before" is 24 hours before on the night clocks change as well (D24); only
quiet hours are thought in the wall time of the site (N4).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from clinic.lib import times
from reminders.choices import ReminderKind

# N1: nothing is planned for a visit booked less than the step and this much before.
NOT_RIGHT_AFTER_BOOKING = dt.timedelta(hours=12)
# N3: a late reminder is of use while the visit is more than this away.
USEFUL_BEFORE = dt.timedelta(hours=1)
# A reminder as close to the visit as that itself has at least this long to arrive.
LEAST_WINDOW = dt.timedelta(minutes=10)
# What falls into quiet hours is sent so long before they begin, which leaves time for a second
# attempt.
EVENING_LEAD = dt.timedelta(minutes=30)

# A dose that was not taken an hour later is not helped by a message any more.
DOSE_USEFUL = dt.timedelta(hours=1)

MAX_ATTEMPTS = 6
FIRST_RETRY = dt.timedelta(seconds=30)
LONGEST_RETRY = dt.timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Wall times of the site between which nobody is reminded; `ends <= starts` runs overnight."""

    starts: dt.time
    ends: dt.time

    def covers(self, local: dt.time) -> bool:
        """Say whether clocks show a quiet time; equal ends mean that there are no quiet hours."""
        if self.starts <= self.ends:
            return self.starts <= local < self.ends
        return local >= self.starts or local < self.ends


NEVER_QUIET = QuietHours(dt.time(0), dt.time(0))


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A message to be: which, when, and until when it is worth sending."""

    kind: ReminderKind
    step_minutes: int | None
    due_at: dt.datetime
    useful_until: dt.datetime


def quiet_span(
    *, instant: dt.datetime, quiet: QuietHours, tz: str
) -> tuple[dt.datetime, dt.datetime] | None:
    """Return the instants `[begin, end)` of the quiet hours that hold `instant`, or None."""
    local = times.to_local(instant, tz)
    if not quiet.covers(local.time()):
        return None
    overnight = quiet.ends <= quiet.starts
    began = local.date()
    if overnight and local.time() < quiet.ends:
        began -= times.ONE_DAY
    ended = began + times.ONE_DAY if overnight else began
    return times.to_instant(began, quiet.starts, tz), times.to_instant(ended, quiet.ends, tz)


def before_quiet_hours(*, due_at: dt.datetime, quiet: QuietHours, tz: str) -> dt.datetime:
    """Return `due_at`, or the evening before where it falls into quiet hours (N4).

    Earlier, never later: a reminder put off until the morning could come after the visit.
    """
    span = quiet_span(instant=due_at, quiet=quiet, tz=tz)
    return due_at if span is None else span[0] - EVENING_LEAD


def useful_until(*, starts_at: dt.datetime, due_at: dt.datetime) -> dt.datetime:
    """Return the instant from which a reminder is not sent any more; never after the start (N3)."""
    return min(starts_at, max(starts_at - USEFUL_BEFORE, due_at + LEAST_WINDOW))


def plan_reminders(
    *,
    starts_at: dt.datetime,
    now: dt.datetime,
    steps_minutes: Iterable[int],
    quiet: QuietHours,
    tz: str,
) -> list[PlannedStep]:
    """Return the reminders of a visit booked or moved at `now`, the earliest first (N1, N4)."""
    planned = []
    for minutes in sorted(set(steps_minutes), reverse=True):
        step = dt.timedelta(minutes=minutes)
        if starts_at - now < step + NOT_RIGHT_AFTER_BOOKING:
            continue
        due_at = before_quiet_hours(due_at=starts_at - step, quiet=quiet, tz=tz)
        until = useful_until(starts_at=starts_at, due_at=due_at)
        if now < due_at < until:
            planned.append(PlannedStep(ReminderKind.REMINDER, minutes, due_at, until))
    return planned


def plan_answer(
    *, kind: ReminderKind, starts_at: dt.datetime, now: dt.datetime
) -> list[PlannedStep]:
    """Return the message that answers an act: due at once, at any hour, never after the start."""
    return [PlannedStep(kind, None, now, starts_at)] if now < starts_at else []


def retry_after(*, attempts: int) -> dt.timedelta:
    """Return how long to wait after so many failed attempts: 30 s, 2 min, 8 min, 32 min, 2 h."""
    factor: int = 4 ** (max(attempts, 1) - 1)
    return min(FIRST_RETRY * factor, LONGEST_RETRY)


def next_attempt(*, attempts: int, now: dt.datetime, until: dt.datetime) -> dt.datetime | None:
    """Return when a failed message is tried again, or None when it is given up."""
    if attempts >= MAX_ATTEMPTS:
        return None
    again = now + retry_after(attempts=attempts)
    return again if again < until else None


def is_superseded(*, step_minutes: int | None, steps_due: Sequence[int]) -> bool:
    """Say whether a nearer step of the same visit is due as well, as after an outage (N3)."""
    return step_minutes is not None and any(other < step_minutes for other in steps_due)

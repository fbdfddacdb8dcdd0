"""What became of the doses that were due: per day, and together."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from clinic.records.choices import DoseStatus


class DayState(enum.StrEnum):
    """How a day of the strip looks. `UNTRACKED` lies before the first tick: it says nothing."""

    ALL = "all"
    SOME = "some"
    NONE = "none"
    FREE = "free"
    UNTRACKED = "untracked"


@dataclass(frozen=True, slots=True)
class DoseDay:
    """The doses of one day."""

    date: dt.date
    due: int
    taken: int
    skipped: int
    state: DayState


@dataclass(frozen=True, slots=True)
class Adherence:
    """The days of a strip, oldest first, and their sums since the first tick."""

    days: tuple[DoseDay, ...]
    due: int
    taken: int
    skipped: int

    @property
    def percent(self) -> int | None:
        return round(100 * self.taken / self.due) if self.due else None


def adherence(
    *,
    days: Sequence[dt.date],
    due: Mapping[dt.date, Collection[object]],
    marked: Mapping[dt.date, Mapping[object, str]],
) -> Adherence:
    """Return the strip of some days.

    `due` holds the doses that were due by now on each day, `marked` what was ticked. A dose that
    was ticked counts as due, whatever the dosage says today. Days before the first tick are no
    reproach: nobody had begun to tick.
    """
    first = min((date for date in days if marked.get(date)), default=None)
    found = []
    for date in days:
        ticks = marked.get(date, {})
        doses = {*due.get(date, ()), *ticks}
        taken = sum(status == DoseStatus.TAKEN for status in ticks.values())
        tracked = first is not None and date >= first
        state = _state(len(doses), taken) if tracked else DayState.UNTRACKED
        found.append(DoseDay(date, len(doses), taken, len(ticks) - taken, state))
    counted = [day for day in found if day.state != DayState.UNTRACKED]
    return Adherence(
        days=tuple(found),
        due=sum(day.due for day in counted),
        taken=sum(day.taken for day in counted),
        skipped=sum(day.skipped for day in counted),
    )


def _state(due: int, taken: int) -> DayState:
    if not due:
        return DayState.FREE
    if taken == due:
        return DayState.ALL
    return DayState.SOME if taken else DayState.NONE

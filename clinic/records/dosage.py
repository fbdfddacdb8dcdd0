"""How a medicine is taken and how long it lasts: what is stored, and when doses fall due.

Pure: no queries, no clock. Times of a dose are wall times of the patient; an instant is made of
them for one day at a time, so that eight in the morning stays eight in the morning all year.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from clinic.lib import times
from clinic.records.dosage_choices import Frequency

MORNING, MIDDAY, EVENING, NIGHT = dt.time(8), dt.time(12), dt.time(20), dt.time(22)

# Where nobody said at which hours: spread over the day that people are awake.
USUAL_TIMES: Mapping[str, tuple[dt.time, ...]] = {
    Frequency.ONCE: (MORNING,),
    Frequency.TWICE: (MORNING, EVENING),
    Frequency.THREE_TIMES: (MORNING, dt.time(14), EVENING),
    Frequency.FOUR_TIMES: (MORNING, MIDDAY, dt.time(16), EVENING),
    Frequency.WEEKDAYS: (MORNING,),
}
HOURS_OF_A_DAY = 24


@dataclass(frozen=True, slots=True)
class Dosage:
    """One way of taking a medicine. `amount` is a decimal as text, "" where it is not known.

    `times` are wall times in order. `hours` belongs to EVERY_HOURS, `weekdays` (ISO, Monday is 1)
    to WEEKDAYS, `max_per_day` to AS_NEEDED. `text` is said beside the rest, or instead of it.
    `since` is the first day on which it was to be taken like this: earlier doses were others.
    """

    amount: str = ""
    unit: str = ""
    route: str = ""
    frequency: str = Frequency.WORDS
    times: tuple[dt.time, ...] = ()
    hours: int | None = None
    weekdays: tuple[int, ...] = ()
    max_per_day: int | None = None
    meal: str = ""
    text: str = ""
    since: dt.date | None = None

    def says_the_same(self, other: Dosage) -> bool:
        """Say whether both are the same way of taking it, whenever it began."""
        return replace(self, since=None) == replace(other, since=None)

    @property
    def quantity(self) -> Decimal | None:
        """Return the amount as a number, None where there is none."""
        return as_number(self.amount)

    @property
    def is_scheduled(self) -> bool:
        """Say whether doses fall due by the clock, so that they can be ticked and reminded of."""
        if self.frequency == Frequency.EVERY_HOURS:
            return bool(self.hours)
        return bool(self.clock_times)

    @property
    def clock_times(self) -> tuple[dt.time, ...]:
        """Return the wall times of a day with doses, chosen or usual; none of every few hours."""
        if self.frequency in (Frequency.AS_NEEDED, Frequency.WORDS, Frequency.EVERY_HOURS):
            return ()
        return self.times or USUAL_TIMES.get(self.frequency, ())

    @property
    def has_usual_times(self) -> bool:
        return not self.times and self.frequency in USUAL_TIMES

    @property
    def per_day(self) -> Decimal | None:
        """Return how much is used up on an average day, None where that cannot be said."""
        amount = self.quantity
        if amount is None:
            return None
        if self.frequency == Frequency.EVERY_HOURS and self.hours:
            return amount * HOURS_OF_A_DAY / self.hours
        if self.frequency == Frequency.AS_NEEDED:
            return amount * self.max_per_day if self.max_per_day else None
        days = len(self.weekdays) if self.frequency == Frequency.WEEKDAYS else 7
        return amount * len(self.clock_times) * days / 7 or None

    def as_json(self) -> dict[str, Any]:
        """Return what is stored: only what is known."""
        known: dict[str, Any] = {
            "amount": self.amount,
            "unit": self.unit,
            "route": self.route,
            "frequency": str(self.frequency),
            "times": [f"{time:%H:%M}" for time in self.times],
            "hours": self.hours,
            "weekdays": list(self.weekdays),
            "max_per_day": self.max_per_day,
            "meal": self.meal,
            "text": self.text,
            "since": self.since.isoformat() if self.since else "",
        }
        return {name: value for name, value in known.items() if value}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any] | None) -> Dosage:
        """Return the stored dosage; of nothing, the empty one."""
        values = dict(stored or {})
        values["times"] = tuple(dt.time.fromisoformat(time) for time in values.get("times", ()))
        values["weekdays"] = tuple(values.get("weekdays", ()))
        if values.get("since"):
            values["since"] = dt.date.fromisoformat(values["since"])
        return cls(**values)

    def __bool__(self) -> bool:
        return self != NOTHING_SAID


NOTHING_SAID = Dosage()


@dataclass(frozen=True, slots=True)
class Supply:
    """What was handed out: `quantity` in the dosage's unit on `filled_on`; `refills` may follow."""

    quantity: str = ""
    filled_on: dt.date | None = None
    refills: int = 0

    def runs_out_on(self, dosage: Dosage) -> dt.date | None:
        """Return the first day without a full dose, None where that cannot be said."""
        total, daily = as_number(self.quantity), dosage.per_day
        if total is None or daily is None or self.filled_on is None:
            return None
        try:
            return self.filled_on + dt.timedelta(days=int(total / daily))
        except OverflowError:
            return None

    def as_json(self) -> dict[str, Any]:
        """Return what is stored: only what is known."""
        filled = self.filled_on.isoformat() if self.filled_on else ""
        known = {"quantity": self.quantity, "filled_on": filled, "refills": self.refills}
        return {name: value for name, value in known.items() if value}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any] | None) -> Supply:
        """Return the stored supply; of nothing, the empty one."""
        stored = stored or {}
        filled = stored.get("filled_on")
        return cls(
            quantity=stored.get("quantity", ""),
            filled_on=dt.date.fromisoformat(filled) if filled else None,
            refills=stored.get("refills", 0),
        )


def due_times(*, dosage: Dosage, date: dt.date, zone: str) -> list[dt.datetime]:
    """Return the instants in UTC at which doses fall due on a local day, in order.

    A time that the clocks skip moves forward by the gap, one that they show twice is its first
    occurrence, and two times that become one instant are one dose. "Every few hours" keeps to the
    clock where the hours divide a day or make whole days; else it counts real hours. What does not
    come back every day needs the dosage's `since`; without it nothing can be said.
    """
    if dosage.since and date < dosage.since:
        return []
    if dosage.frequency == Frequency.EVERY_HOURS:
        return _every_hours(dosage, date, zone)
    if dosage.frequency == Frequency.WEEKDAYS and date.isoweekday() not in dosage.weekdays:
        return []
    return _instants(dosage.clock_times, date, zone)


def as_number(text: str) -> Decimal | None:
    """Return a positive decimal that was typed or stored, None of anything else."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and number > 0 else None


def _instants(clock_times: tuple[dt.time, ...], date: dt.date, zone: str) -> list[dt.datetime]:
    return sorted({times.to_instant(date, time, zone) for time in clock_times})


def _every_hours(dosage: Dosage, date: dt.date, zone: str) -> list[dt.datetime]:
    hours, since = dosage.hours or 0, dosage.since
    first = dosage.times[0] if dosage.times else MORNING
    if hours and HOURS_OF_A_DAY % hours == 0:
        hands = range(first.hour, first.hour + HOURS_OF_A_DAY, hours)
        clock_times = tuple(first.replace(hour=hour % HOURS_OF_A_DAY) for hour in hands)
        return _instants(clock_times, date, zone)
    if not hours or since is None:
        return []
    if hours % HOURS_OF_A_DAY == 0:
        is_due = (date - since).days % (hours // HOURS_OF_A_DAY) == 0
        return _instants((first,), date, zone) if is_due else []
    start, end = times.day_bounds(date, zone)
    began, step = times.to_instant(since, first, zone), dt.timedelta(hours=hours)
    number = max(0, -((began - start) // step))
    due = (began + (number + more) * step for more in range(HOURS_OF_A_DAY + 2))
    return [instant for instant in due if start <= instant < end]

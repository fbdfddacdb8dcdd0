"""One thing that can be charted: a kind of measurement in the reader's units, or a laboratory
value as it was sent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from clinic.lib import times
from clinic.people.choices import Units
from clinic.records.models import Observation
from clinic.records.presenters import quantities
from clinic.records.presenters.charts import Limits
from clinic.records.presenters.quantities import Quantity
from clinic.records.rules import observations as rules
from clinic.records.rules.ranges import Range
from clinic.records.rules.series import Point
from clinic.records.rules.values import body_mass, number_of, numbers_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One reading: its numbers in the stored unit, and its row unless it was derived."""

    at: dt.datetime
    numbers: tuple[Decimal, ...]
    row: Observation | None


@dataclass(frozen=True, slots=True)
class Measure:
    """How numbers of one kind are shown. `kind` is None for a laboratory value."""

    label: str
    unit: str
    parts: tuple[str, ...]
    kind: rules.Kind | None
    units: Units
    axis: Callable[[Decimal], str]

    def words(self, numbers: Sequence[Decimal]) -> Quantity:
        """Return stored numbers as they are shown."""
        if self.kind is not None:
            return quantities.quantity(kind=self.kind, numbers=numbers, units=self.units)
        return Quantity(self.axis(numbers[0]), self.unit)

    def difference(self, number: Decimal) -> Quantity:
        """Return how much two shown numbers differ."""
        return Quantity(self.axis(number) if self.kind is None else _short(number), self.unit)

    def shown(self, numbers: Sequence[Decimal]) -> tuple[Decimal, ...]:
        """Return stored numbers in the reader's units."""
        if self.kind is None:
            return tuple(numbers)
        return tuple(self.kind.in_units(number=n, system=self.units) for n in numbers)

    def limits(self, known: Range | None) -> tuple[Limits, ...]:
        """Return the range of each part in the reader's units."""
        if known is None or self.kind is None:
            return ((None, None),) * len(self.parts)
        return tuple(
            (
                None if span.low is None else self.shown([span.low])[0],
                None if span.high is None else self.shown([span.high])[0],
            )
            for span in known.spans
        )

    def points(self, entries: Sequence[Entry], tz: str) -> list[Point]:
        """Return entries as points of a chart: local times, shown units."""
        return [
            Point(times.to_local(entry.at, tz).replace(tzinfo=None), self.shown(entry.numbers))
            for entry in entries
        ]


def measure_of(*, kind: rules.Kind, units: Units) -> Measure:
    """Return how one kind of measurement is shown."""
    return Measure(
        label=str(kind.label),
        unit=str(kind.shown[units].text),
        parts=tuple(str(part.label) for part in kind.parts),
        kind=kind,
        units=units,
        axis=quantities.sayer(kind, units),
    )


def measure_like(*, row: Observation) -> Measure:
    """Return how values like this one are shown: as they were sent."""
    unit = quantities.words_of_value({"number": "0", "unit": row.value.get("unit", "")}).unit
    return Measure(row.label, unit, (row.label,), None, Units.METRIC, _short)


def entries_of(*, kind: rules.Kind, rows: Sequence[Observation]) -> list[Entry]:
    """Return the readings of a kind; a row whose value cannot be read as one is left out."""
    found = ((row, numbers_of(value=row.value, kind=kind)) for row in rows)
    return [Entry(row.effective_at, numbers, row) for row, numbers in found if numbers]


def entries_as_sent(*, rows: Sequence[Observation]) -> list[Entry]:
    """Return the rows that hold one number."""
    found = ((row, number_of(value=row.value)) for row in rows)
    return [Entry(row.effective_at, (number,), row) for row, number in found if number is not None]


def body_mass_entries(
    *, weights: Sequence[Observation], heights: Sequence[Observation], sent: Sequence[Observation]
) -> list[Entry]:
    """Return the BMI that follows from weights and heights, and what others sent between."""
    known = body_mass(
        weights=[(e.at, e.numbers[0]) for e in entries_of(kind=rules.WEIGHT, rows=weights)],
        heights=[(e.at, e.numbers[0]) for e in entries_of(kind=rules.HEIGHT, rows=heights)],
    )
    derived = {at for at, _number in known}
    entries = [Entry(at, (number,), None) for at, number in known]
    others = entries_of(kind=rules.BODY_MASS_INDEX, rows=sent)
    entries += [entry for entry in others if entry.at not in derived]
    return sorted(entries, key=lambda entry: entry.at)


def _short(number: Decimal) -> str:
    return quantities.words_of_value({"number": str(number)}).number

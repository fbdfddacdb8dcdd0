"""The page of one series: its newest value, its chart in two widths, its numbers in a table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.lib import times
from clinic.records.models import Observation
from clinic.records.permissions import RecordAccess
from clinic.records.presenters import charts
from clinic.records.presenters.charts import Drawing
from clinic.records.presenters.measures import Entry, Measure
from clinic.records.presenters.observations import (
    SOURCE_WORDS,
    Reader,
    State,
    change_words,
    range_at,
    state_of,
    when_text,
)
from clinic.records.presenters.quantities import Quantity
from clinic.records.rules.ranges import Range
from clinic.records.rules.series import Point, Step, thinned
from clinic.records.services.observations import can_change, can_withdraw


@dataclass(frozen=True, slots=True)
class TableRow:
    when: str
    numbers: Sequence[str]
    count: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure: two drawings of the same points, the sentence that says them, the table."""

    wide: Drawing
    narrow: Drawing
    wide_says: str
    narrow_says: str
    parts: Sequence[str]
    step: str
    rows: Sequence[TableRow]
    has_counts: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading in the list below the chart."""

    row_id: str
    quantity: Quantity
    when: str
    source: str
    note: str
    state: State | None
    can_change: bool
    can_withdraw: bool
    version: int


@dataclass(frozen=True, slots=True)
class SeriesPage:
    label: str
    newest: Quantity | None
    when: str
    state: State | None
    trend: str
    known: Range | None
    chart: Chart | None


STEP_WORDS: dict[Step, Promise] = {
    Step.READING: gettext_lazy("Each reading"),
    Step.DAY: gettext_lazy("Average of each day"),
    Step.MONTH: gettext_lazy("Average of each month"),
    Step.QUARTER: gettext_lazy("Average of each quarter"),
    Step.YEAR: gettext_lazy("Average of each year"),
}


def present_series(
    *, measure: Measure, entries: Sequence[Entry], newest: Entry | None, reader: Reader
) -> SeriesPage:
    """Return the head and the chart of a series. `newest` is the newest of all, shown or not."""
    known = None
    if newest is not None and measure.kind is not None:
        known = range_at(kind=measure.kind, entry=newest, reader=reader)
    return SeriesPage(
        label=measure.label,
        newest=measure.words(newest.numbers) if newest else None,
        when=when_text(newest.at, reader) if newest else "",
        state=state_of(known=known, numbers=newest.numbers) if newest else None,
        trend=change_words(measure, entries, reader.tz) if entries else "",
        known=known,
        chart=chart_of(measure=measure, entries=entries, known=known, tz=reader.tz),
    )


def chart_of(
    *, measure: Measure, entries: Sequence[Entry], known: Range | None, tz: str
) -> Chart | None:
    """Return the chart of at least two readings."""
    if len(entries) < 2:
        return None
    points, limits = measure.points(entries, tz), measure.limits(known)
    step, wide = thinned(points=points, most=charts.WIDE.most_points)
    _narrow_step, narrow = thinned(points=points, most=charts.NARROW.most_points)
    return Chart(
        wide=charts.draw(points=wide, limits=limits, canvas=charts.WIDE, say=measure.axis),
        narrow=charts.draw(points=narrow, limits=limits, canvas=charts.NARROW, say=measure.axis),
        wide_says=sentence(measure=measure, points=wide),
        narrow_says=sentence(measure=measure, points=narrow),
        parts=measure.parts,
        step=str(STEP_WORDS[step]),
        rows=[_table_row(measure, point, step) for point in reversed(wide)],
        has_counts=step is not Step.READING,
    )


def sentence(*, measure: Measure, points: Sequence[Point]) -> str:
    """Return what the picture shows to those who do not see it."""
    first, last = points[0], points[-1]
    numbers = [point.numbers[0] for point in points]
    return _(
        "%(label)s from %(first)s on %(first_date)s to %(last)s on %(last_date)s."
        " Lowest %(low)s, highest %(high)s."
    ) % {
        "label": measure.label,
        "first": _joined(measure, first.numbers),
        "first_date": formats.date_format(first.at, "DATE_FORMAT"),
        "last": _joined(measure, last.numbers),
        "last_date": formats.date_format(last.at, "DATE_FORMAT"),
        "low": measure.axis(min(numbers)),
        "high": measure.axis(max(numbers)),
    }


def _joined(measure: Measure, numbers: Sequence[Decimal]) -> str:
    return str(Quantity("/".join(map(measure.axis, numbers)), measure.unit))


_PERIOD_FORMATS = {Step.MONTH: "YEAR_MONTH_FORMAT", Step.QUARTER: "YEAR_MONTH_FORMAT"}


def _table_row(measure: Measure, point: Point, step: Step) -> TableRow:
    when = (
        str(point.at.year)
        if step is Step.YEAR
        else formats.date_format(point.at, _PERIOD_FORMATS.get(step, "DATE_FORMAT"))
    )
    return TableRow(when, [measure.axis(number) for number in point.numbers], point.count)


def readings(
    *, measure: Measure, entries: Sequence[Entry], reader: Reader, access: RecordAccess
) -> list[Reading]:
    """Return the readings as a list, as given."""
    return [_reading(measure, entry, reader, access) for entry in entries]


def _reading(measure: Measure, entry: Entry, reader: Reader, access: RecordAccess) -> Reading:
    known, row = None, entry.row
    if measure.kind is not None:
        known = range_at(kind=measure.kind, entry=entry, reader=reader)
    local = times.to_local(entry.at, reader.tz)
    return Reading(
        row_id=str(row.pk) if row else "",
        quantity=measure.words(entry.numbers),
        when=_("%(day)s, %(time)s")
        % {
            "day": formats.date_format(local.date(), "DATE_FORMAT"),
            "time": times.format_clock(local),
        },
        source=str(SOURCE_WORDS[row.source]) if row else _("From weight and height"),
        note=row.note if row else "",
        state=state_of(known=known, numbers=entry.numbers),
        can_change=row is not None and can_change(access=access, row=row),
        can_withdraw=row is not None and can_withdraw(access=access, row=row),
        version=row.version if row else 0,
    )


@dataclass(frozen=True, slots=True)
class Zoom:
    """One choice of the period above the chart."""

    query: str
    label: str
    current: bool


ZOOMS: dict[str, tuple[Promise, dt.timedelta | None]] = {
    "month": (gettext_lazy("1 month"), dt.timedelta(days=31)),
    "quarter": (gettext_lazy("3 months"), dt.timedelta(days=92)),
    "year": (gettext_lazy("1 year"), dt.timedelta(days=366)),
    "all": (gettext_lazy("All"), None),
}


def zooms(chosen: str) -> list[Zoom]:
    """Return the periods to choose from."""
    return [Zoom(f"?show={key}", str(label), key == chosen) for key, (label, _s) in ZOOMS.items()]


def row_label(row: Observation) -> str:
    """Return what a value is called on its own page."""
    return row.label or _("Measurement")

"""Measurements ready for the page: tiles with their trend in words, sparklines, other values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from clinic.lib import times
from clinic.people.choices import Units
from clinic.records.choices import ObservationCategory, Source
from clinic.records.models import Observation
from clinic.records.presenters import charts
from clinic.records.presenters.measures import (
    Entry,
    Measure,
    body_mass_entries,
    entries_of,
    measure_of,
)
from clinic.records.presenters.quantities import Quantity, words_of_value
from clinic.records.rules import observations as rules
from clinic.records.rules.ranges import Range, range_for
from clinic.records.rules.series import Trend, trend_of


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose units and clock a page is written for, and whose measurements it shows."""

    units: Units
    tz: str
    now: dt.datetime
    birth_date: dt.date | None

    def age_months(self, at: dt.datetime) -> int | None:
        """Return the full months of age at an instant."""
        if self.birth_date is None:
            return None
        day = times.local_date(at, self.tz)
        months = (day.year - self.birth_date.year) * 12 + day.month - self.birth_date.month
        return max(0, months - (day.day < self.birth_date.day))


@dataclass(frozen=True, slots=True)
class Spark:
    """A small line without words; `label` says its direction."""

    path: str
    last: charts.Mark
    label: str


@dataclass(frozen=True, slots=True)
class State:
    """How a value lies to its range, in words."""

    text: str
    tone: str
    icon: str


@dataclass(frozen=True, slots=True)
class Tile:
    """One kind at a glance."""

    slug: str
    label: str
    icon: str
    quantity: Quantity
    when: str
    iso: str
    source: str
    trend: str
    spark: Spark | None
    state: State | None
    can_add: bool


TREND_WORDS: Mapping[Trend | None, Promise] = {
    Trend.RISING: gettext_lazy("Rising"),
    Trend.FALLING: gettext_lazy("Falling"),
    Trend.STEADY: gettext_lazy("Steady"),
    None: gettext_lazy("Too few readings for a trend"),
}
SOURCE_WORDS: Mapping[str, Promise] = {
    Source.PATIENT: gettext_lazy("Measured at home"),
    Source.PROXY: gettext_lazy("By a carer"),
    Source.PRACTITIONER: gettext_lazy("At the clinic"),
    Source.IMPORT: gettext_lazy("Imported"),
}


def tiles(*, recent: Mapping[str, Sequence[Observation]], reader: Reader) -> list[Tile]:
    """Return a tile for each kind that has a reading, in the order of the kinds."""
    return [
        _tile(kind, entries, reader)
        for kind in rules.KINDS.values()
        if (entries := entries_in(recent, kind))
    ]


def entries_in(recent: Mapping[str, Sequence[Observation]], kind: rules.Kind) -> list[Entry]:
    """Return the readings of one kind out of what `selectors.observations.recent` found."""
    if not kind.derived:
        return entries_of(kind=kind, rows=recent.get(kind.slug, ()))
    found = (recent.get(name, ()) for name in (rules.WEIGHT.slug, rules.HEIGHT.slug, kind.slug))
    weights, heights, sent = found
    return body_mass_entries(weights=weights, heights=heights, sent=sent)


def sparkline(*, kind: str, rows: Sequence[Observation]) -> Spark | None:
    """Return the small line of a kind's rows (the oldest first); None below two readings."""
    return spark_of(entries_of(kind=rules.KINDS[kind], rows=rows))


def spark_of(entries: Sequence[Entry]) -> Spark | None:
    """Return the small line of the first number of each entry."""
    if len(entries) < 2:
        return None
    path, last = charts.spark_path([entry.numbers[0] for entry in entries])
    trend = trend_of(points=[_dated(entry) for entry in entries])
    return Spark(path, last, str(TREND_WORDS[trend]))


def said(*, kind: str, row: Observation, units: Units) -> Quantity:
    """Return one measurement as it is shown: "128/82" and "mmHg"."""
    known = rules.KINDS[kind]
    entries = entries_of(kind=known, rows=[row])
    if not entries:
        return words_of_value(row.value)
    return measure_of(kind=known, units=units).words(entries[0].numbers)


def range_at(*, kind: rules.Kind, entry: Entry, reader: Reader) -> Range | None:
    """Return the range that counts for one reading."""
    at_home = entry.row is not None and entry.row.source in (Source.PATIENT, Source.PROXY)
    return range_for(kind=kind, age_months=reader.age_months(entry.at), at_home=at_home)


_SIDES: Mapping[int, tuple[Promise, str, str]] = {
    -1: (pgettext_lazy("measurement", "Below the range"), "wait", "circle-alert"),
    0: (pgettext_lazy("measurement", "In the range"), "act", "check"),
    1: (pgettext_lazy("measurement", "Above the range"), "wait", "circle-alert"),
}


def state_of(*, known: Range | None, numbers: Sequence[Decimal]) -> State | None:
    """Return how numbers lie to a range, None without one."""
    if known is None:
        return None
    text, tone, icon = _SIDES[known.side_of(numbers)]
    return State(str(text), tone, icon)


def when_text(at: dt.datetime, reader: Reader) -> str:
    """Return "Today, 08:10", "Yesterday, 21:40" or "22 November 2026"."""
    local = times.to_local(at, reader.tz)
    days = (times.today(reader.tz, reader.now) - local.date()).days
    if days in (0, 1):
        day = _("Today") if days == 0 else _("Yesterday")
        return _("%(day)s, %(time)s") % {"day": day, "time": times.format_clock(local)}
    return formats.date_format(local.date(), "DATE_FORMAT")


def _tile(kind: rules.Kind, entries: list[Entry], reader: Reader) -> Tile:
    measure, newest = measure_of(kind=kind, units=reader.units), entries[-1]
    row = newest.row
    return Tile(
        slug=kind.slug,
        label=str(kind.label),
        icon=kind.icon,
        quantity=measure.words(newest.numbers),
        when=when_text(newest.at, reader),
        iso=times.to_local(newest.at, reader.tz).isoformat(timespec="minutes"),
        source=_source(kind, row),
        trend=change_words(measure, entries, reader.tz),
        spark=spark_of(entries),
        state=state_of(
            known=range_at(kind=kind, entry=newest, reader=reader), numbers=newest.numbers
        ),
        can_add=not kind.derived,
    )


def _source(kind: rules.Kind, row: Observation | None) -> str:
    if row is None or kind.derived:
        return _("From weight and height")
    return str(SOURCE_WORDS[row.source])


def change_words(measure: Measure, entries: Sequence[Entry], tz: str) -> str:
    """Return "Down 3.2 kg since March 2026": the newest reading against the oldest shown.

    What goes up and down without a direction is steady.
    """
    if len(entries) < 2:
        return _("First reading")
    oldest, newest = measure.shown(entries[0].numbers)[0], measure.shown(entries[-1].numbers)[0]
    since = formats.date_format(times.local_date(entries[0].at, tz), "YEAR_MONTH_FORMAT")
    change = newest - oldest
    if not change or trend_of(points=[_dated(entry) for entry in entries]) is Trend.STEADY:
        return _("Steady since %(date)s") % {"date": since}
    words = _("Up %(change)s since %(date)s") if change > 0 else _("Down %(change)s since %(date)s")
    return words % {"change": measure.difference(abs(change)), "date": since}


def _dated(entry: Entry) -> charts.Point:
    return charts.Point(entry.at, entry.numbers)


@dataclass(frozen=True, slots=True)
class OtherValue:
    """The newest value of something that is no kind of measurement."""

    row_id: str
    label: str
    quantity: Quantity
    when: str


@dataclass(frozen=True, slots=True)
class OtherGroup:
    label: str
    icon: str
    values: Sequence[OtherValue]


_ICONS = {ObservationCategory.LABORATORY: "flask-conical", ObservationCategory.SURVEY: "list"}


def other_groups(*, rows: Sequence[Observation], reader: Reader) -> list[OtherGroup]:
    """Return other values by category, the laboratory first, each by name."""
    groups: dict[str, list[OtherValue]] = {}
    for row in rows:
        value = OtherValue(
            str(row.pk), row.label, words_of_value(row.value), when_text(row.effective_at, reader)
        )
        groups.setdefault(row.category, []).append(value)
    order = [ObservationCategory.LABORATORY, *ObservationCategory]
    return [
        OtherGroup(
            str(category.label),
            _ICONS.get(category, "clipboard-list"),
            sorted(groups.pop(category), key=lambda value: value.label.casefold()),
        )
        for category in order
        if category in groups
    ]

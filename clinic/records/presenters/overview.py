"""One record at a glance: what the overview and the doctor's side panel show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from clinic.records.dates import present_partial_date
from clinic.records.models import ClinicalNote, Condition, FollowUp
from clinic.records.permissions import RecordAccess
from clinic.records.presenters import observations
from clinic.records.presenters.measurement_page import Chart, chart_of
from clinic.records.presenters.measures import measure_of
from clinic.records.presenters.medications import MedicationLine, medication_line
from clinic.records.presenters.observations import Reader, Tile
from clinic.records.presenters.timeline import Line, day_text, lines, short, visit_title
from clinic.records.rules import observations as rules
from clinic.records.selectors.overview import Glance

# Drawn large where there is one, because it is what most people follow.
FIRST = rules.BLOOD_PRESSURE.slug
MOST_TILES = 4


@dataclass(frozen=True, slots=True)
class ConditionLine:
    label: str
    since: str
    is_unconfirmed: bool


@dataclass(frozen=True, slots=True)
class NoteLine:
    """One past visit in the doctor's panel: when, what for, what came of it."""

    id: str
    title: str
    when: str
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Overview:
    """The parts of a record at a glance, each in the order it is read."""

    first: Tile | None
    chart: Chart | None
    tiles: Sequence[Tile]
    conditions: Sequence[ConditionLine]
    medicines: Sequence[MedicationLine]
    notes: Sequence[NoteLine]
    story: Sequence[Line]
    changed: Sequence[Line]
    changed_since: dt.datetime | None
    follow_ups: Sequence[FollowUp]
    proposals: int
    documents: Sequence[Line]


def overview(*, glance: Glance, access: RecordAccess, reader: Reader) -> Overview:
    """Turn what was read of a record into what its overview shows."""
    tiles = observations.tiles(recent=glance.recent, reader=reader)
    chart = _chart(glance, reader)
    first = next((tile for tile in tiles if tile.slug == FIRST), None) if chart else None
    return Overview(
        first=first,
        chart=chart,
        tiles=[tile for tile in tiles if tile is not first][:MOST_TILES],
        conditions=[_condition(row) for row in glance.conditions],
        medicines=[medication_line(row) for row in glance.medicines],
        notes=[_note(row, reader.tz) for row in glance.notes],
        story=lines(moments=glance.story, access=access, tz=reader.tz, units=reader.units),
        changed=lines(moments=glance.changed, access=access, tz=reader.tz, units=reader.units),
        changed_since=glance.changed_since,
        follow_ups=glance.follow_ups,
        proposals=glance.proposals,
        documents=lines(moments=glance.documents, access=access, tz=reader.tz, units=reader.units),
    )


def _chart(glance: Glance, reader: Reader) -> Chart | None:
    kind = rules.KINDS[FIRST]
    entries = observations.entries_in(glance.recent, kind)
    if not entries:
        return None
    return chart_of(
        measure=measure_of(kind=kind, units=reader.units),
        entries=entries,
        known=observations.range_at(kind=kind, entry=entries[-1], reader=reader),
        tz=reader.tz,
    )


def _condition(row: Condition) -> ConditionLine:
    since = present_partial_date(row.onset_date, row.onset_precision)
    return ConditionLine(row.label, since, not row.is_confirmed)


def _note(row: ClinicalNote, tz: str) -> NoteLine:
    text = row.sections.get("assessment", "") or row.sections.get("plan", "")
    return NoteLine(
        id=str(row.pk),
        title=visit_title(row.encounter),
        when=day_text(row.encounter.starts_at, tz),
        who=row.author.full_name,
        text=short(text),
    )

"""Everything of one record in order of time: a page of it, what changed since a moment, a search.

What happened when stands in clear columns, so the database orders and cuts the pages; only what a
page shows is opened. A search opens the whole record in memory and keeps no index of its words.
Measurements of one day and category are one moment.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Max, Min, Model, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, TruncDate
from django.utils.translation import gettext_lazy as _

from clinic.crypto.blindindex import folded
from clinic.records.choices import DocumentStatus, EncounterStatus, MedicationStatus, Verification
from clinic.records.models import (
    AllergyIntolerance,
    Condition,
    DocumentReference,
    Encounter,
    FamilyMemberHistory,
    Immunization,
    ImportedResource,
    MedicationStatement,
    Observation,
    Procedure,
)
from clinic.records.permissions import RecordAccess
from clinic.records.selectors.notes import encounters_with_notes
from clinic.records.timeline_words import words_of

PAGE_SIZE: Final = 40
MOST_FOUND: Final = 100
HIDDEN = (Verification.ENTERED_IN_ERROR, Verification.REFUTED)


class Kind(models.TextChoices):
    """What a moment is about: the filter of the time line."""

    VISIT = "visits", _("Visits")
    CONDITION = "conditions", _("Conditions")
    ALLERGY = "allergies", _("Allergies")
    MEDICINE = "medicines", _("Medicines")
    MEASUREMENT = "measurements", _("Measurements")
    PROCEDURE = "procedures", _("Procedures")
    VACCINATION = "vaccinations", _("Vaccinations")
    FAMILY = "family", _("Family")
    DOCUMENT = "documents", _("Documents")
    OTHER = "other", _("Other")


Rows = Mapping[uuid.UUID, Sequence[Model]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a moment stands: its kind, the (first) row's id and the instant."""

    kind: Kind
    row_id: uuid.UUID
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the time line with its rows; several only for measurements of one day."""

    place: Place
    rows: Sequence[Model]


@dataclass(frozen=True, slots=True)
class MomentPage:
    """One page of moments, newest first, and whether older ones follow."""

    moments: Sequence[Moment]
    number: int
    has_more: bool


def timeline_page(
    *, access: RecordAccess, tz: str, kind: Kind | None = None, number: int = 1
) -> MomentPage:
    """Return one page of the record, of one kind or of all. One query for the order and one for
    each kind on the page.
    """
    first = (number - 1) * PAGE_SIZE
    kinds = [kind] if kind else list(Kind)
    places = _places(access, kinds, tz, slice(first, first + PAGE_SIZE + 1))
    shown = places[:PAGE_SIZE]
    return MomentPage(_moments(access, shown, tz), number, len(places) > PAGE_SIZE)


def latest_moments(*, access: RecordAccess, tz: str, limit: int) -> Sequence[Moment]:
    """Return the newest moments without the measurements, which have charts of their own."""
    kinds = [kind for kind in Kind if kind is not Kind.MEASUREMENT]
    return _moments(access, _places(access, kinds, tz, slice(0, limit)), tz)


def newest_of(*, access: RecordAccess, kind: Kind, tz: str, limit: int) -> Sequence[Moment]:
    """Return the newest moments of one kind."""
    return _moments(access, _places(access, [kind], tz, slice(0, limit)), tz)


def changed_since(
    *, access: RecordAccess, tz: str, since: dt.datetime, limit: int
) -> Sequence[Moment]:
    """Return what was written into the record after an instant, the newest first."""
    places = _places(access, list(Kind), tz, slice(0, limit), since=since)
    return _moments(access, places, tz)


def search(*, access: RecordAccess, tz: str, words: str) -> Sequence[Moment]:
    """Return the moments in which every word begins one of theirs, at most MOST_FOUND, newest
    first. Case and accents do not matter.
    """
    wanted = folded(words).split()
    if not wanted:
        return []
    places = _places(access, list(Kind), tz, slice(None))
    found = (moment for moment in _moments(access, places, tz) if _holds(moment, wanted))
    return [moment for _number, moment in zip(range(MOST_FOUND), found, strict=False)]


def _holds(moment: Moment, wanted: Sequence[str]) -> bool:
    held = folded(" ".join(words_of(row) for row in moment.rows))
    starts = f" {held}"
    return all(f" {word}" in starts for word in wanted)


# Where each kind is found: its rows and the column that says when. A patient-entered row without a
# date stands where it was written down.

COLUMNS = ("moment_kind", "moment_id", "moment_at")
Source = tuple[Callable[[RecordAccess], QuerySet[Any, Any]], str, str]


def _entries(model: type[Model]) -> Callable[[RecordAccess], QuerySet[Any, Any]]:
    def rows(access: RecordAccess) -> QuerySet[Any, Any]:
        found = model._default_manager.filter(patient_id=access.patient_id)
        return found.exclude(verification__in=HIDDEN)

    return rows


def _medicines(access: RecordAccess) -> QuerySet[Any, Any]:
    rows = _entries(MedicationStatement)(access)
    return rows.exclude(status=MedicationStatus.ENTERED_IN_ERROR)


def _visits(access: RecordAccess) -> QuerySet[Any, Any]:
    hidden = (EncounterStatus.ENTERED_IN_ERROR, EncounterStatus.CANCELLED, EncounterStatus.PLANNED)
    return Encounter.objects.filter(patient_id=access.patient_id).exclude(status__in=hidden)


def _documents(access: RecordAccess) -> QuerySet[Any, Any]:
    current = DocumentStatus.CURRENT
    return DocumentReference.objects.filter(patient_id=access.patient_id, status=current)


def _imported(access: RecordAccess) -> QuerySet[Any, Any]:
    # What is kept only to be complete has no label and no place in time.
    return ImportedResource.objects.filter(
        patient_id=access.patient_id, label__isnull=False, occurred_at__isnull=False
    )


SOURCES: dict[Kind, Source] = {
    Kind.VISIT: (_visits, "starts_at", "recorded_at"),
    Kind.CONDITION: (_entries(Condition), "onset_date", "changed_at"),
    Kind.ALLERGY: (_entries(AllergyIntolerance), "onset_date", "changed_at"),
    Kind.MEDICINE: (_medicines, "starts_on", "changed_at"),
    Kind.MEASUREMENT: (_entries(Observation), "effective_at", "changed_at"),
    Kind.PROCEDURE: (_entries(Procedure), "performed_date", "changed_at"),
    Kind.VACCINATION: (_entries(Immunization), "occurrence_date", "changed_at"),
    Kind.FAMILY: (_entries(FamilyMemberHistory), "recorded_at", "changed_at"),
    Kind.DOCUMENT: (_documents, "uploaded_at", "uploaded_at"),
    Kind.OTHER: (_imported, "occurred_at", "changed_at"),
}


def _places(
    access: RecordAccess,
    kinds: Sequence[Kind],
    tz: str,
    cut: slice,
    *,
    since: dt.datetime | None = None,
) -> list[Place]:
    parts = [_part(access, kind, tz, since) for kind in kinds]
    found = parts[0].union(*parts[1:], all=True).order_by("-moment_at", "-moment_id")[cut]
    return [Place(Kind(kind), uuid.UUID(first), at) for kind, first, at in found]


def _part(
    access: RecordAccess, kind: Kind, tz: str, since: dt.datetime | None
) -> QuerySet[Any, Any]:
    """Return one kind's (kind, first row's id, instant), measurements gathered by day."""
    rows, when, written = SOURCES[kind]
    found: QuerySet[Any, Any] = rows(access).order_by()
    if since is not None:
        found = found.filter(**{f"{written}__gt": since})
    named: dict[str, Any] = {COLUMNS[0]: Value(kind.value, output_field=models.CharField())}
    row_id = Cast("pk", models.CharField())
    if kind is Kind.MEASUREMENT:
        days = found.annotate(**named, moment_day=_day(when, tz))
        days = days.values(COLUMNS[0], "moment_day", "category")
        named = {COLUMNS[1]: Min(row_id), COLUMNS[2]: Max(when)}
        found = days.annotate(**named)
        return found.values_list(*COLUMNS)
    at = Cast(when if since is None else written, models.DateTimeField())
    named |= {COLUMNS[1]: row_id, COLUMNS[2]: Coalesce(at, F("recorded_at")) if dated(kind) else at}
    found = found.annotate(**named)
    return found.values_list(*COLUMNS)


def dated(kind: Kind) -> bool:
    """Say whether rows of a kind may lack the date on which they happened."""
    return SOURCES[kind][1].endswith(("_date", "_on"))


def _day(column: str, tz: str) -> TruncDate:
    return TruncDate(column, tzinfo=ZoneInfo(tz))


def _moments(access: RecordAccess, places: Sequence[Place], tz: str) -> list[Moment]:
    """Load the rows of the places, one query for each kind among them."""
    by_kind: dict[Kind, list[Place]] = defaultdict(list)
    for place in places:
        by_kind[place.kind].append(place)
    rows: dict[uuid.UUID, Sequence[Model]] = {}
    for kind, of_kind in by_kind.items():
        rows |= _load(access, kind, tz, of_kind)
    return [Moment(place, rows[place.row_id]) for place in places]


def _load(access: RecordAccess, kind: Kind, tz: str, places: Sequence[Place]) -> Rows:
    ids = [place.row_id for place in places]
    if kind is Kind.VISIT:
        return {row.pk: [row] for row in encounters_with_notes(access=access, ids=ids)}
    if kind is Kind.MEASUREMENT:
        return _load_days(access, tz, ids)
    rows = SOURCES[kind][0](access).filter(pk__in=ids)
    return {row.pk: [row] for row in rows}


def _load_days(
    access: RecordAccess, tz: str, ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, Sequence[Observation]]:
    """Return the measurements of the days and categories of the named ones, in order of time."""
    rows = _entries(Observation)(access).annotate(day=_day("effective_at", tz))
    named = rows.filter(pk__in=list(ids))
    groups = {(row.day, row.category): row.pk for row in named.only("category", "effective_at")}
    days = Q(day__in={day for day, _category in groups})
    found: dict[uuid.UUID, list[Observation]] = defaultdict(list)
    for row in rows.filter(days).order_by("effective_at", "pk"):
        if first := groups.get((row.day, row.category)):
            found[first].append(row)
    return dict(found)

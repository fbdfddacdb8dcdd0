"""Moments of a record in words: one line each, whatever they are about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db.models import Model
from django.urls import NoReverseMatch, reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.lib import times
from clinic.people.choices import Units
from clinic.records.choices import (
    ClinicalStatus,
    MedicationStatus,
    ObservationCategory,
    Relationship,
    Verification,
)
from clinic.records.dates import present_partial_date
from clinic.records.dosage import Dosage
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
from clinic.records.presenters.dosage import dosage_words
from clinic.records.presenters.history_words import label_of
from clinic.records.presenters.observations import said
from clinic.records.presenters.quantities import words_of_value
from clinic.records.rules import observations as measures
from clinic.records.selectors.timeline import Kind, Moment

ICONS = {
    Kind.VISIT: "stethoscope",
    Kind.CONDITION: "activity",
    Kind.ALLERGY: "triangle-alert",
    Kind.MEDICINE: "pill",
    Kind.MEASUREMENT: "chart-line",
    Kind.PROCEDURE: "clipboard-list",
    Kind.VACCINATION: "syringe",
    Kind.FAMILY: "users",
    Kind.DOCUMENT: "file-text",
    Kind.OTHER: "list",
}
# So many values of one day stand in the line, the others are counted.
MOST_VALUES = 4
SHORT = 240
# Conditions, allergies and the like are read on the history page.
_PAGES = {
    Kind.CONDITION: "history",
    Kind.ALLERGY: "history",
    Kind.PROCEDURE: "history",
    Kind.VACCINATION: "history",
    Kind.FAMILY: "history",
    Kind.MEASUREMENT: "measurement_list",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what, when, who or how, and a sentence where there is one."""

    kind: str
    kind_label: str
    icon: str
    title: str
    when: str
    about: str
    text: str
    href: str
    is_past: bool
    is_unconfirmed: bool


@dataclass(frozen=True, slots=True)
class _Words:
    title: str
    when: str
    about: str = ""
    text: str = ""
    is_past: bool = False


@dataclass(frozen=True, slots=True)
class Style:
    """In which zone and units a reader is told."""

    tz: str
    units: Units


def lines(*, moments: Sequence[Moment], access: RecordAccess, tz: str, units: Units) -> list[Line]:
    """Return the moments as lines, in their order."""
    return [_line(moment, access, Style(tz, units)) for moment in moments]


def _line(moment: Moment, access: RecordAccess, style: Style) -> Line:
    kind, first = moment.place.kind, moment.rows[0]
    words = _SAY[kind](moment, style)
    unconfirmed = getattr(first, "verification", "") == Verification.UNCONFIRMED
    return Line(
        kind=kind.value,
        kind_label=str(kind.label),
        icon=ICONS[kind],
        title=words.title,
        when=words.when,
        about=words.about,
        text=words.text,
        href=_href(kind, first, access),
        is_past=words.is_past,
        is_unconfirmed=unconfirmed,
    )


def _href(kind: Kind, row: Model, access: RecordAccess) -> str:
    """Return the page on which an entry is read in full, "" where there is none."""
    patient = access.patient_id
    if isinstance(row, Encounter):
        note = getattr(row, "seen_note", None)
        return _address("note_detail", patient, note.pk) if note else ""
    if isinstance(row, MedicationStatement):
        return _address("medication_detail", patient, row.pk)
    if isinstance(row, DocumentReference):
        return _address("document_detail", patient, row.pk)
    return _address(_PAGES[kind], patient) if kind in _PAGES else ""


def _address(name: str, *args: object) -> str:
    try:
        return reverse(f"records:{name}", args=args)
    except NoReverseMatch:
        return ""


def day_text(at: dt.datetime, tz: str) -> str:
    """Return the calendar day on which an instant falls, in words."""
    return formats.date_format(times.to_local(at, tz).date(), "DATE_FORMAT")


def _visit(moment: Moment, style: Style) -> _Words:
    (row,) = moment.rows
    assert isinstance(row, Encounter)
    who = row.practitioner.full_name if row.practitioner else row.participant_text
    note = getattr(row, "seen_note", None)
    sections = note.sections if note else {}
    return _Words(
        title=visit_title(row),
        when=day_text(row.starts_at, style.tz),
        about=", ".join(filter(None, (who, row.reason))),
        text=short(note.instructions or sections.get("assessment", "")) if note else "",
    )


def _condition(moment: Moment, style: Style) -> _Words:
    (row,) = moment.rows
    assert isinstance(row, Condition)
    since = present_partial_date(row.onset_date, row.onset_precision)
    until = present_partial_date(row.abatement_date, row.abatement_precision)
    past = row.clinical_status in (ClinicalStatus.RESOLVED, ClinicalStatus.INACTIVE)
    status = str(ClinicalStatus(row.clinical_status).label) if past else ""
    return _Words(
        title=row.label,
        when=_span(since, until) or _noted(row.recorded_at, style.tz),
        about=status,
        text=short(row.note),
        is_past=past,
    )


def _allergy(moment: Moment, style: Style) -> _Words:
    (row,) = moment.rows
    assert isinstance(row, AllergyIntolerance)
    title = _("No known allergies") if row.states_none else row.label
    return _Words(
        title=title,
        when=present_partial_date(row.onset_date, row.onset_precision)
        or _noted(row.recorded_at, style.tz),
        about=row.reaction,
        text=short(row.note),
        is_past=row.clinical_status != ClinicalStatus.ACTIVE,
    )


def _medicine(moment: Moment, style: Style) -> _Words:
    (row,) = moment.rows
    assert isinstance(row, MedicationStatement)
    starts = formats.date_format(row.starts_on, "DATE_FORMAT") if row.starts_on else ""
    ends = formats.date_format(row.ends_on, "DATE_FORMAT") if row.ends_on else ""
    past = row.status in (MedicationStatus.STOPPED, MedicationStatus.COMPLETED)
    return _Words(
        title=row.label,
        when=_span(starts, ends) or _noted(row.recorded_at, style.tz),
        about=", ".join(filter(None, (dosage_words(Dosage.from_json(row.dosage)), row.reason))),
        is_past=past,
    )


def _measurements(moment: Moment, style: Style) -> _Words:
    rows = [row for row in moment.rows if isinstance(row, Observation)]
    category = str(ObservationCategory(rows[0].category).label)
    # A panel of many values is named and counted, a few are told.
    told = [_value_of(row, style.units) for row in rows[:MOST_VALUES]]
    rest = len(rows) - MOST_VALUES
    if rest > 0:
        told.append(ngettext("and %(count)s more", "and %(count)s more", rest) % {"count": rest})
    return _Words(
        title=category, when=day_text(rows[-1].effective_at, style.tz), text="; ".join(told)
    )


def _value_of(row: Observation, units: Units) -> str:
    slug = measures.KIND_OF_CODE.get(row.coded.code)
    if slug is None:
        return f"{row.label} {words_of_value(row.value)}".strip()
    return f"{measures.KINDS[slug].label} {said(kind=slug, row=row, units=units)}"


def _procedure(moment: Moment, style: Style) -> _Words:
    (row,) = moment.rows
    assert isinstance(row, Procedure)
    when = present_partial_date(row.performed_date, row.performed_precision)
    return _Words(row.label, when or _noted(row.recorded_at, style.tz), text=short(row.note))


def _vaccination(moment: Moment, style: Style) -> _Words:
    (row,) = moment.rows
    assert isinstance(row, Immunization)
    when = present_partial_date(row.occurrence_date, row.occurrence_precision)
    return _Words(row.label, when or _noted(row.recorded_at, style.tz), text=short(row.note))


def _family(moment: Moment, style: Style) -> _Words:
    (row,) = moment.rows
    assert isinstance(row, FamilyMemberHistory)
    return _Words(
        row.label, _noted(row.recorded_at, style.tz), about=label_of(Relationship, row.relationship)
    )


def _document(moment: Moment, style: Style) -> _Words:
    (row,) = moment.rows
    assert isinstance(row, DocumentReference)
    title = row.title or row.file_name
    return _Words(title, day_text(row.uploaded_at, style.tz), text=short(row.note))


def _other(moment: Moment, style: Style) -> _Words:
    (row,) = moment.rows
    assert isinstance(row, ImportedResource) and row.occurred_at is not None
    return _Words(row.label, day_text(row.occurred_at, style.tz), about=_("From another system"))


_SAY: dict[Kind, Callable[[Moment, Style], _Words]] = {
    Kind.VISIT: _visit,
    Kind.CONDITION: _condition,
    Kind.ALLERGY: _allergy,
    Kind.MEDICINE: _medicine,
    Kind.MEASUREMENT: _measurements,
    Kind.PROCEDURE: _procedure,
    Kind.VACCINATION: _vaccination,
    Kind.FAMILY: _family,
    Kind.DOCUMENT: _document,
    Kind.OTHER: _other,
}


def visit_title(row: Encounter) -> str:
    """Return what kind of visit it was."""
    return str(row.kind.get("text", "")) or _("Visit")


def _span(since: str, until: str) -> str:
    if since and until and since != until:
        return _("%(since)s to %(until)s") % {"since": since, "until": until}
    if since and not until:
        return _("Since %(date)s") % {"date": since}
    return since or until


def _noted(at: dt.datetime, tz: str) -> str:
    return _("Noted on %(date)s") % {"date": day_text(at, tz)}


def short(text: str) -> str:
    """Return the text on one line, cut at a word."""
    line = " ".join(text.split())
    if len(line) <= SHORT:
        return line
    return line[:SHORT].rsplit(" ", 1)[0] + " …"

"""The copy as a person reads it: sections of lines, for the page and for the sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import formats
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from clinic.fhir.exporting.documents import file_path
from clinic.fhir.exporting.gathering import Gathered
from clinic.lib import times
from clinic.people.carer_rows import name_of
from clinic.records.choices import (
    CURRENT_STATUSES,
    CorrectionStatus,
    DoseStatus,
    MedicationStatus,
    ObservationCategory,
    Verification,
)
from clinic.records.dates import present_partial_date
from clinic.records.dosage import Dosage
from clinic.records.models import (
    ClinicalNote,
    DocumentReference,
    DoseEvent,
    Encounter,
    MedicationRequest,
    MedicationStatement,
    Observation,
)
from clinic.records.models.base import CodedEntry
from clinic.records.presenters import history_words
from clinic.records.presenters.access_log import GROUNDS
from clinic.records.presenters.dosage import dosage_words
from clinic.records.presenters.notes import PATIENT_WORDS
from clinic.records.presenters.quantities import words_of_value
from clinic.records.presenters.timeline import day_text, visit_title
from clinic.records.rules.notes import TEXTS
from clinic.records.services.notes import texts_of
from clinic.scheduling.models import Appointment


@dataclass(frozen=True, slots=True)
class Passage:
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One entry: what, when, the rest in a sentence; a note has passages, a file an address."""

    title: str
    when: str = ""
    about: str = ""
    passages: Sequence[Passage] = ()
    href: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the page. One with many short lines is a table."""

    slug: str
    title: str
    lines: Sequence[Line]
    is_table: bool = False
    in_summary: bool = False


def parts_of(found: Gathered, *, tz: str) -> list[Part]:
    """Return the sections in the order a reader asks for them, without empty ones."""
    every = [*_now(found), *_before(found, tz), *_around(found, tz)]
    return [part for part in every if part.lines]


def _now(found: Gathered) -> Iterable[Part]:
    current = [row for row in found.conditions if row.clinical_status in CURRENT_STATUSES]
    past = [row for row in found.conditions if row.clinical_status not in CURRENT_STATUSES]
    taken = [row for row in found.statements if row.status in _TAKEN]
    stopped = [row for row in found.statements if row.status not in _TAKEN]
    yield Part("allergies", _("Allergies"), _entries(found.allergies), in_summary=True)
    yield Part("conditions", _("Conditions"), _entries(current), in_summary=True)
    yield Part("medicines", _("Medicines"), list(map(_medicine, taken)), in_summary=True)
    yield Part("past-conditions", _("Past conditions"), _entries(past))
    yield Part("past-medicines", _("Medicines of the past"), list(map(_medicine, stopped)))
    yield Part("vaccinations", _("Vaccinations"), _entries(found.immunizations), in_summary=True)
    yield Part("procedures", _("Operations and procedures"), _entries(found.procedures))
    yield Part("family", _("Family"), _entries(found.family))


_TAKEN = (MedicationStatus.ACTIVE, MedicationStatus.ON_HOLD, MedicationStatus.INTENDED)


def _before(found: Gathered, tz: str) -> Iterable[Part]:
    notes = {note.encounter_id: note for note in found.notes}
    visits = [_visit(row, notes.get(row.pk), tz) for row in reversed(found.encounters)]
    yield Part("visits", _("Visits and notes"), visits)
    yield _table("measurements", _("Measurements"), found.observations, _measurement, tz)
    yield _table("prescriptions", _("Prescriptions"), found.requests, _prescription, tz)
    yield _table("doses", _("Doses"), found.doses, _dose, tz)


def _around(found: Gathered, tz: str) -> Iterable[Part]:
    documents = [_document(row, tz) for row in reversed(found.documents)]
    yield Part("documents", _("Documents"), documents)
    yield _table("appointments", _("Booked visits"), found.appointments, _appointment, tz)
    asked = [_correction(row, tz) for row in reversed(found.corrections)]
    asked += [_proposal(row, tz) for row in reversed(found.proposals)]
    yield Part("requests", _("What you asked us to change"), asked)
    other = [
        Line(row.label or row.resource_type, _day(row.occurred_at, tz), row.resource_type)
        for row in found.imported
        if row.content.get("resourceType")
    ]
    yield Part("imported", _("From other systems"), other, is_table=True)
    yield Part("looks", _("Who opened this record"), _looks(found, tz), is_table=True)


def _table(
    slug: str, title: str, rows: Sequence[Any], say: Callable[[Any, str], Line], tz: str
) -> Part:
    return Part(slug, title, [say(row, tz) for row in reversed(rows)], is_table=True)


def _entries(rows: Iterable[CodedEntry]) -> list[Line]:
    return [
        Line(
            history_words.title(row),
            about=history_words.summary(row),
            passages=_passages(row),
            mark=_mark(row),
        )
        for row in rows
    ]


def _passages(row: CodedEntry) -> list[Passage]:
    facts = [Passage(label, value) for label, value in history_words.facts(row)]
    return [*facts, Passage(_("Note"), row.note)] if row.note else facts


def _mark(row: CodedEntry) -> str:
    known = Verification(row.verification)
    return "" if known is Verification.CONFIRMED else str(known.label)


def _medicine(row: MedicationStatement) -> Line:
    since = present_partial_date(row.starts_on, row.starts_precision)
    until = formats.date_format(row.ends_on, "DATE_FORMAT") if row.ends_on else ""
    more = [
        Passage(_("For"), row.reason),
        Passage(_("Why it ended"), row.status_reason),
        Passage(_("Prescribed by"), row.prescriber_text),
        Passage(_("Note"), row.note),
    ]
    return Line(
        row.label,
        when=_span(since, until),
        about=dosage_words(Dosage.from_json(row.dosage)),
        passages=[one for one in more if one.text],
        mark=_mark(row),
    )


def _span(since: str, until: str) -> str:
    if since and not until:
        return _("since %(date)s") % {"date": since}
    return " – ".join(filter(None, (since, until)))


def _visit(row: Encounter, note: ClinicalNote | None, tz: str) -> Line:
    who = row.practitioner.full_name if row.practitioner else row.participant_text
    return Line(
        visit_title(row),
        _day(row.starts_at, tz),
        ", ".join(filter(None, (who, row.reason))),
        _note(note, tz) if note else (),
    )


def _note(note: ClinicalNote, tz: str) -> list[Passage]:
    texts = texts_of(note)
    said = [Passage(str(PATIENT_WORDS[name][0]), texts[name]) for name in TEXTS]
    added = [
        Passage(
            _("Added on %(date)s") % {"date": day_text(one.signed_at, tz)},
            one.text,
        )
        for one in note.addenda.all()
    ]
    return [passage for passage in said if passage.text.strip()] + added


def _measurement(row: Observation, tz: str) -> Line:
    about = " ".join(filter(None, (str(words_of_value(row.value)), row.note)))
    category = str(ObservationCategory(row.category).label)
    return Line(row.label, _moment(row.effective_at, tz), about, mark=_mark(row) or category)


def _prescription(row: MedicationRequest, tz: str) -> Line:
    who = row.requester.full_name if row.requester else row.requester_text
    said = dosage_words(Dosage.from_json(row.dosage))
    about = ", ".join(filter(None, (said, row.reason, who)))
    return Line(row.label, _day(row.authored_at, tz), about, mark=row.get_status_display())


def _dose(row: DoseEvent, tz: str) -> Line:
    mark = str(DoseStatus(row.status).label)
    return Line(row.statement.label, _moment(row.due_at, tz), row.reason, mark=mark)


def _document(row: DocumentReference, tz: str) -> Line:
    return Line(
        row.title or row.file_name,
        _day(row.uploaded_at, tz),
        row.note,
        href=file_path(row),
        mark=row.file_name,
    )


def _appointment(row: Appointment, tz: str) -> Line:
    about = ", ".join(filter(None, (row.practitioner.full_name, row.reason)))
    title = row.visit_type.name
    return Line(title, _moment(row.starts_at, tz), about, mark=row.get_status_display())


def _correction(row: Any, tz: str) -> Line:
    answer = [Passage(_("Answer"), row.answer)] if row.answer else []
    mark = str(CorrectionStatus(row.status).label)
    return Line(_("A correction"), _day(row.created_at, tz), row.text, answer, mark=mark)


def _proposal(row: Any, tz: str) -> Line:
    said = row.said.get("concept", {}).get("text", "")
    answer = [Passage(_("Answer"), row.decision_note)] if row.decision_note else []
    mark = row.get_status_display()
    title = said or _("A change")
    return Line(title, _day(row.created_at, tz), row.note, answer, mark=mark)


def _looks(found: Gathered, tz: str) -> list[Line]:
    """Return each person once a day and ground, the newest day first."""
    seen: dict[tuple[str, str, str], None] = {}
    for event in reversed(found.looks):
        person = found.people.get(event.actor) if event.actor else None
        who = name_of(person) if person else "Betony"
        ground = next((g for g in GROUNDS if f'"ground":"{g}"' in event.detail), "")
        seen[(_day(event.at, tz), who, str(GROUNDS.get(ground, "")))] = None
    return [Line(who, day, ground) for day, who, ground in seen]


def _day(at: Any, tz: str) -> str:
    return day_text(at, tz) if at else ""


def _moment(at: Any, tz: str) -> str:
    local = times.to_local(at, tz)
    return f"{day_text(at, tz)}, {times.format_clock(local)}"


def summary_json(parts: Sequence[Part]) -> list[dict[str, Any]]:
    """Return what the sheet says: the sections that matter at a glance."""
    return [
        {
            "title": part.title,
            "rows": [
                {"title": line.title, "about": capfirst(_told(line)), "mark": line.mark}
                for line in part.lines
            ],
        }
        for part in parts
        if part.in_summary
    ]


def _told(line: Line) -> str:
    return ", ".join(filter(None, (line.about, line.when)))

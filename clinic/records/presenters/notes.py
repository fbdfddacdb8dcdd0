"""Visits and their notes ready for the page, in the reader's words: a doctor's or the patient's."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.lib import times
from clinic.records.choices import EncounterStatus, NoteStatus
from clinic.records.models import ClinicalNote, Encounter, NoteAddendum
from clinic.records.rules.notes import SECTIONS, is_new
from clinic.records.services.notes import texts_of
from clinic.terminology.coded import Coded

Words = Mapping[str, tuple[Promise, Promise]]

DOCTOR_WORDS: Words = {
    "subjective": (gettext_lazy("Subjective"), gettext_lazy("What the patient tells you")),
    "objective": (gettext_lazy("Objective"), gettext_lazy("What you find")),
    "assessment": (gettext_lazy("Assessment"), gettext_lazy("What you think")),
    "plan": (gettext_lazy("Plan"), gettext_lazy("What happens next")),
    "instructions": (gettext_lazy("For the patient"), gettext_lazy("In plain words")),
}
PATIENT_WORDS: Words = {
    "subjective": (gettext_lazy("What you told us"), gettext_lazy("")),
    "objective": (gettext_lazy("What we found"), gettext_lazy("")),
    "assessment": (gettext_lazy("What we think"), gettext_lazy("")),
    "plan": (gettext_lazy("What happens next"), gettext_lazy("")),
    "instructions": (gettext_lazy("What you can do now"), gettext_lazy("")),
}


@dataclass(frozen=True, slots=True)
class Chip:
    """A state in words, with its tone and mark."""

    text: str
    tone: str
    icon: str


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One visit of the list."""

    encounter_id: uuid.UUID
    note_id: uuid.UUID | None
    date_text: str
    kind: str
    doctor: str
    about: str
    chip: Chip | None
    is_own_draft: bool
    may_write: bool


@dataclass(frozen=True, slots=True)
class Passage:
    """One section as it is read."""

    name: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class AddendumView:
    text: str
    who: str
    when: str


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note as it is read. `instructions` stand first on the patient's page."""

    note_id: uuid.UUID
    encounter_id: uuid.UUID
    version: int
    date_text: str
    day_text: str
    kind: str
    doctor: str
    reason: str
    passages: Sequence[Passage]
    instructions: str
    addenda: Sequence[AddendumView]
    chip: Chip
    signed_text: str
    is_draft: bool
    is_signed: bool
    is_set_aside: bool
    is_released: bool


def visit_rows(
    *, encounters: Iterable[Encounter], doctor_id: uuid.UUID | None, tz: str, now: dt.datetime
) -> list[VisitRow]:
    """Return the rows of the list. `doctor_id` is the reading doctor, None for the patient."""
    return [_row(one, doctor_id=doctor_id, tz=tz, now=now) for one in encounters]


def _row(
    encounter: Encounter, *, doctor_id: uuid.UUID | None, tz: str, now: dt.datetime
) -> VisitRow:
    note: ClinicalNote | None = encounter.seen_note  # type: ignore[attr-defined]
    is_clinical = doctor_id is not None
    draft = note is not None and note.status == NoteStatus.PRELIMINARY
    text = _summary(note, is_clinical=is_clinical) if note else encounter.reason
    return VisitRow(
        encounter_id=encounter.pk,
        note_id=note.pk if note else None,
        date_text=date_text(encounter.starts_at, tz),
        kind=Coded.from_json(encounter.kind).text or _("Visit"),
        doctor=doctor_of(encounter, note),
        about=text,
        chip=_row_chip(note, is_clinical=is_clinical, now=now),
        is_own_draft=draft,
        may_write=is_clinical and note is None and encounter.status != EncounterStatus.CANCELLED,
    )


def _summary(note: ClinicalNote, *, is_clinical: bool) -> str:
    """Return what a line says of a note: the patient's instructions, the doctor's assessment."""
    order = ("assessment", "plan") if is_clinical else ("instructions", "assessment", "plan")
    texts = texts_of(note)
    return next((texts[name] for name in order if texts[name].strip()), "")


def _row_chip(note: ClinicalNote | None, *, is_clinical: bool, now: dt.datetime) -> Chip | None:
    if note is None:
        return None
    if is_clinical:
        return _state_chip(note)
    if is_new(released_at=note.released_at, now=now):
        return Chip(_("New"), "act", "circle-check")
    return None


def _state_chip(note: ClinicalNote) -> Chip:
    if note.status == NoteStatus.PRELIMINARY:
        return Chip(_("Not signed yet"), "wait", "pen-line")
    if note.status == NoteStatus.ENTERED_IN_ERROR:
        return Chip(_("Entered by mistake"), "alert", "x")
    if note.released_at is None:
        return Chip(_("Signed, not released"), "wait", "lock")
    return Chip(_("Signed"), "act", "check")


def doctor_of(encounter: Encounter, note: ClinicalNote | None = None) -> str:
    """Return whom the patient saw, as far as is known."""
    if note is not None:
        return note.author.full_name
    if encounter.practitioner is not None:
        return encounter.practitioner.full_name
    return encounter.participant_text


def note_view(*, note: ClinicalNote, is_clinical: bool, tz: str) -> NoteView:
    """Return a note as a doctor or the patient reads it."""
    words = DOCTOR_WORDS if is_clinical else PATIENT_WORDS
    texts = texts_of(note)
    passages = [
        Passage(name, str(words[name][0]), texts[name]) for name in SECTIONS if texts[name].strip()
    ]
    encounter = note.encounter
    return NoteView(
        note_id=note.pk,
        encounter_id=encounter.pk,
        version=note.version,
        date_text=date_text(encounter.starts_at, tz),
        day_text=formats.date_format(times.local_date(encounter.starts_at, tz), "DATE_FORMAT"),
        kind=Coded.from_json(encounter.kind).text or _("Visit"),
        doctor=note.author.full_name,
        reason=encounter.reason,
        passages=passages,
        instructions=note.instructions,
        addenda=[_addendum(one, tz) for one in note.addenda.all()],
        chip=_state_chip(note),
        signed_text=_signed_text(note, tz),
        is_draft=note.status == NoteStatus.PRELIMINARY,
        is_signed=note.status in (NoteStatus.FINAL, NoteStatus.AMENDED),
        is_set_aside=note.status == NoteStatus.ENTERED_IN_ERROR,
        is_released=note.released_at is not None,
    )


def _addendum(addendum: NoteAddendum, tz: str) -> AddendumView:
    when = _moment_text(addendum.signed_at, tz)
    return AddendumView(addendum.text, addendum.author.full_name, when)


def _signed_text(note: ClinicalNote, tz: str) -> str:
    if note.signed_at is None:
        return ""
    when = _moment_text(note.signed_at, tz)
    return _("Signed by %(doctor)s, %(when)s") % {"doctor": note.author.full_name, "when": when}


def section_title(name: str) -> str:
    """Return the doctor's word for a section."""
    return str(DOCTOR_WORDS[name][0])


def clock_text(instant: dt.datetime, tz: str) -> str:
    """Return the hours and minutes that the clinic's clock showed."""
    return times.format_clock(times.to_local(instant, tz))


def date_text(instant: dt.datetime, tz: str) -> str:
    """Return the day and the year on which an instant fell."""
    return times.format_date(times.local_date(instant, tz), with_year=True)


def _moment_text(instant: dt.datetime, tz: str) -> str:
    return f"{date_text(instant, tz)}, {clock_text(instant, tz)}"

"""What the editor of a note shows beside its texts: prompts, measurements, visits to be booked."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.forms import BoundField
from django.utils import formats
from django.utils.translation import gettext as _

from clinic.lib import times
from clinic.people.choices import Units
from clinic.records.choices import FollowUpStatus, RequestStatus
from clinic.records.dosage import Dosage
from clinic.records.forms.notes import NoteForm
from clinic.records.models import FollowUp, MedicationRequest, MedicationStatement, Observation
from clinic.records.note_templates import TEMPLATES
from clinic.records.presenters.dosage import dosage_words
from clinic.records.presenters.medications import MedicationLine, medication_line
from clinic.records.presenters.notes import DOCTOR_WORDS
from clinic.records.presenters.observations import said
from clinic.records.rules.notes import TEXTS
from clinic.records.rules.observations import KIND_OF_CODE, KINDS


@dataclass(frozen=True, slots=True)
class PromptGroup:
    """The prompts of one template for one section; hidden unless its template is chosen."""

    template: str
    chosen: bool
    prompts: Sequence[str]


@dataclass(frozen=True, slots=True)
class EditorSection:
    """One section of the editor."""

    name: str
    field: BoundField
    title: str
    about: str
    groups: Sequence[PromptGroup]


@dataclass(frozen=True, slots=True)
class MeasuredLine:
    """One measurement of the visit."""

    label: str
    number: str
    unit: str
    when: str


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One prescription of the visit."""

    request_id: uuid.UUID
    name: str
    dosage: str
    reason: str
    is_active: bool
    status: str


@dataclass(frozen=True, slots=True)
class FollowUpLine:
    """A visit to be booked."""

    follow_up_id: uuid.UUID
    kind: str
    doctor: str
    when: str
    note: str
    is_booked: bool
    practitioner_id: uuid.UUID
    visit_type_id: uuid.UUID
    due_from: dt.date


def editor_sections(*, form: NoteForm, template: str) -> list[EditorSection]:
    """Return the sections of the editor, each with the prompts of every template."""
    return [
        EditorSection(
            name=name,
            field=form[name],
            title=str(DOCTOR_WORDS[name][0]),
            about=str(DOCTOR_WORDS[name][1]),
            groups=[
                PromptGroup(
                    one.slug, one.slug == template, [str(text) for text in one.prompts[name]]
                )
                for one in TEMPLATES
            ],
        )
        for name in TEXTS
    ]


def measured_lines(*, rows: Iterable[Observation], units: Units, tz: str) -> list[MeasuredLine]:
    """Return what was measured at a visit, in the reader's units."""
    lines = []
    for row in rows:
        kind = KIND_OF_CODE.get(row.coded.code, "")
        quantity = said(kind=kind, row=row, units=units) if kind else None
        if quantity is None:
            continue
        label = str(KINDS[kind].label)
        clock = times.format_clock(times.to_local(row.effective_at, tz))
        lines.append(MeasuredLine(label, quantity.number, quantity.unit, clock))
    return lines


def order_lines(*, rows: Iterable[MedicationRequest]) -> list[OrderLine]:
    """Return what was prescribed at a visit, as the sheet says it."""
    return [
        OrderLine(
            request_id=row.pk,
            name=row.label,
            dosage=dosage_words(Dosage.from_json(row.dosage)),
            reason=row.reason,
            is_active=row.status == RequestStatus.ACTIVE,
            status=str(RequestStatus(row.status).label),
        )
        for row in rows
    ]


def medicine_lines(*, rows: Iterable[MedicationStatement]) -> list[MedicationLine]:
    """Return what the patient takes."""
    return [medication_line(row) for row in rows]


def follow_up_lines(*, rows: Iterable[FollowUp]) -> list[FollowUpLine]:
    """Return the visits to be booked, with their window in words."""
    return [
        FollowUpLine(
            follow_up_id=row.pk,
            kind=row.visit_type.name,
            doctor=row.practitioner.full_name,
            when=window_text(row),
            note=row.note,
            is_booked=row.status == FollowUpStatus.COMPLETED,
            practitioner_id=row.practitioner_id,
            visit_type_id=row.visit_type_id,
            due_from=row.due_from,
        )
        for row in rows
    ]


def window_text(follow_up: FollowUp) -> str:
    """Return "between 26 March and 3 April"."""
    return _("between %(first)s and %(last)s") % {
        "first": formats.date_format(follow_up.due_from, "MONTH_DAY_FORMAT"),
        "last": formats.date_format(follow_up.due_until, "MONTH_DAY_FORMAT"),
    }

"""Visits and their notes: the list, and one note as it is read."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic.people.choices import Role, Units
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.records.forms.notes import AddendumForm
from clinic.records.models import ClinicalNote
from clinic.records.permissions import RecordAccess
from clinic.records.presenters import note_editor as beside
from clinic.records.presenters import notes as present
from clinic.records.rules.notes import differences
from clinic.records.selectors import medications, notes
from clinic.records.selectors.clinic import clinic_zone
from clinic.records.services.notes import texts_of
from clinic.records.services.reading import opened_record, record_look
from clinic.records.views.shell import render_record


class PageForm(forms.Form):
    """From which visit on the list goes on."""

    before = forms.IntegerField(required=False, min_value=-(10**10), max_value=7 * 10**9)


@access(Role.PATIENT, Role.PRACTITIONER)
@require_safe
def note_list(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Show the visits with what was written about them, the newest first."""
    now, form = timezone.now(), PageForm(request.GET)
    if not form.is_valid():
        raise Http404
    seconds = form.cleaned_data["before"]
    before = None if seconds is None else dt.datetime.fromtimestamp(seconds, dt.UTC)
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="notes", now=now
    ) as opened:
        page = notes.page_of_encounters(access=opened, before=before)
        doctor_id = request.viewer.practitioner_id if opened.is_clinical else None
        context = {
            "rows": present.visit_rows(
                encounters=page.encounters, doctor_id=doctor_id, tz=clinic_zone(), now=now
            ),
            "older": None if page.older is None else int(page.older.timestamp()),
            "newest": before is None,
            "follow_ups": beside.follow_up_lines(rows=notes.active_follow_ups(access=opened)),
        }
        return render_record(request, opened, "records/notes/list.html", context, tab="note_list")


@access(Role.PATIENT, Role.PRACTITIONER)
@require_safe
def note_detail(request: PersonRequest, patient_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    """Show one note as it is read; an own draft is opened for writing."""
    now = timezone.now()
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="note", now=now
    ) as opened:
        note = notes.note_for(access=opened, note_id=note_id)
        look_at(opened, note, now=now)
        if note.status == "preliminary":
            return redirect("records:note_edit", patient_id, note_id)
        return detail_page(request, opened, note)


def look_at(opened: RecordAccess, note: ClinicalNote, *, now: dt.datetime) -> None:
    """Write into the trail which note was read."""
    record_look(
        access=opened,
        what="note",
        now=now,
        object_type="clinicalnote",
        object_id=note.pk,
        action="note.read",
    )


def detail_page(
    request: PersonRequest,
    opened: RecordAccess,
    note: ClinicalNote,
    *,
    addendum: AddendumForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render one note with what was measured, prescribed and asked for at its visit."""
    is_author = opened.is_clinical and note.author_id == request.viewer.practitioner_id
    context = reading_context(request, opened, note) | {
        "is_author": is_author,
        "addendum": addendum or AddendumForm(),
        "late_texts": _late_texts(opened, note) if is_author else [],
    }
    return render_record(
        request, opened, "records/notes/detail.html", context, tab="note_list", status=status
    )


def reading_context(
    request: PersonRequest, opened: RecordAccess, note: ClinicalNote
) -> dict[str, Any]:
    """Return the note and what belongs to its visit, as every page that shows them needs it."""
    tz = zone_of(note)
    measured = notes.measured_at(access=opened, encounter=note.encounter, tz=tz)
    asked = notes.follow_ups_of(access=opened, encounter_id=note.encounter_id)
    prescribed = medications.prescriptions(access=opened, encounter_id=note.encounter_id)
    return {
        "note": present.note_view(note=note, is_clinical=opened.is_clinical, tz=tz),
        "measured": beside.measured_lines(rows=measured, units=Units(request.user.units), tz=tz),
        "orders": beside.order_lines(rows=prescribed),
        "follow_ups": beside.follow_up_lines(rows=asked),
    }


def zone_of(note: ClinicalNote) -> str:
    """Return the zone of the place of the visit; the clinic's where none is known."""
    visit = note.encounter.appointment
    return visit.time_zone if visit else clinic_zone()


def _late_texts(opened: RecordAccess, note: ClinicalNote) -> list[dict[str, Any]]:
    """Return what another tab held when the note was signed: whole sections that differ."""
    saved = texts_of(note)
    found = []
    for revision in notes.open_revisions(access=opened, note=note):
        texts = [
            f"{present.section_title(one.name)}: {one.other}"
            for one in differences(saved=saved, other=revision.sections)
        ]
        found.append({"revision_id": revision.pk, "text": "\n\n".join(texts)})
    return found

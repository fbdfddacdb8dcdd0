"""Record what is measured at a visit, inside its note."""

from __future__ import annotations

import datetime as dt
import uuid

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from clinic.lib.htmx import wants_partial
from clinic.people.choices import Role, Units
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.records.forms.vitals import VitalsForm
from clinic.records.models import ClinicalNote
from clinic.records.presenters import note_editor as beside
from clinic.records.rules import observations as rules
from clinic.records.selectors import notes
from clinic.records.services.observations import record_observation
from clinic.records.services.reading import opened_record
from clinic.records.views.notes import zone_of

PREFIX = "vitals"


@access(Role.PRACTITIONER)
@require_POST
def note_vitals(request: PersonRequest, patient_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    """Record the row of measurements; answer with the row and what is on file of this visit."""
    now = timezone.now()
    form = record_vitals(request, patient_id, note_id, now=now)
    if not wants_partial(request):
        return redirect("records:note_edit", patient_id, note_id)
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="note", now=now
    ) as opened:
        note = notes.draft_for(access=opened, note_id=note_id)
        tz = zone_of(note)
        rows = notes.measured_at(access=opened, encounter=note.encounter, tz=tz)
        context = {
            "vitals": form,
            "patient_id": patient_id,
            "note_id": note_id,
            "measured": beside.measured_lines(rows=rows, units=Units(request.user.units), tz=tz),
        }
        template = "records/notes/_vitals.html"
        return render(request, template, context, status=422 if form.errors else 200)


def empty_vitals(request: PersonRequest) -> VitalsForm:
    """Return the row before anything is typed."""
    return VitalsForm(prefix=PREFIX, units=Units(request.user.units))


def record_vitals(
    request: PersonRequest, patient_id: uuid.UUID, note_id: uuid.UUID, *, now: dt.datetime
) -> VitalsForm:
    """Record what was typed; return an empty row, or one with what could not be recorded."""
    note = _draft(request, patient_id, note_id, now=now)
    form = VitalsForm(request.POST, prefix=PREFIX, units=Units(request.user.units))
    if not form.is_valid():
        return form
    refused = {}
    for reading in form.readings(now=now):
        try:
            record_observation(
                by=request.viewer,
                patient_id=patient_id,
                reading=reading,
                now=now,
                encounter_id=note.encounter_id,
            )
        except (rules.ReadingRefused, rules.ReadingDoubted) as refusal:
            refused[reading.kind] = refusal
    if not refused:
        return empty_vitals(request)
    form.keep_only(refused)
    return form


def _draft(
    request: PersonRequest, patient_id: uuid.UUID, note_id: uuid.UUID, *, now: dt.datetime
) -> ClinicalNote:
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="note", now=now
    ) as opened:
        return notes.draft_for(access=opened, note_id=note_id)

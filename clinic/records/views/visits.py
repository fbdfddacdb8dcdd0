"""From a visit of the schedule to its note: what the doctor's visit panel leads to."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.lib.htmx import render_page_or_partial
from clinic.people.choices import Role
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.records.selectors import notes
from clinic.records.services import encounters
from clinic.records.services import notes as services
from clinic.records.services.reading import opened_record


@access(Role.PRACTITIONER)
@require_http_methods(["GET", "HEAD", "POST"])
def visit_note(request: PersonRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """Offer the way to the note of a visit (GET); begin it or go on with it (POST)."""
    if request.method == "POST":
        return _write(request, appointment_id)
    now, viewer = timezone.now(), request.viewer
    patient_id = encounters.patient_of_visit(appointment_id=appointment_id)
    with opened_record(viewer=viewer, patient_id=patient_id, what="visit", now=now) as opened:
        encounter = notes.encounter_of_visit(access=opened, appointment_id=appointment_id)
        note = encounter.seen_note if encounter else None  # type: ignore[attr-defined]
    context = {
        "appointment_id": appointment_id,
        "patient_id": patient_id,
        "note": note,
        "is_draft": note is not None and note.status == "preliminary",
        "can_write": note is None and encounters.can_write(appointment_id=appointment_id),
    }
    response = render_page_or_partial(
        request, "records/notes/visit.html", "records/notes/_visit.html", context
    )
    response["Cache-Control"] = "no-store"
    return response


def _write(request: PersonRequest, appointment_id: uuid.UUID) -> HttpResponse:
    now, viewer = timezone.now(), request.viewer
    try:
        encounter = encounters.open_encounter(by=viewer, appointment_id=appointment_id, now=now)
    except encounters.NothingToWrite:
        messages.warning(request, _("This visit did not take place, so there is nothing to write."))
        return redirect("records:visit_note", appointment_id)
    note = services.start_note(
        by=viewer, patient_id=encounter.patient_id, encounter_id=encounter.pk, now=now
    )
    return redirect("records:note_detail", encounter.patient_id, note.pk)

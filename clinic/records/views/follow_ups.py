"""Visits to be booked: asked for in the editor of a note, withdrawn there."""

from __future__ import annotations

import datetime as dt
import uuid

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinic.lib.htmx import wants_partial
from clinic.people.choices import Role
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.records.forms.notes import FollowUpForm
from clinic.records.models import ClinicalNote
from clinic.records.presenters import note_editor as beside
from clinic.records.selectors import notes
from clinic.records.services import follow_ups
from clinic.records.services.reading import opened_record
from clinic.scheduling.selectors.practitioners import bookable_practitioner

PREFIX = "next"


@access(Role.PRACTITIONER)
@require_POST
def follow_up_add(
    request: PersonRequest, patient_id: uuid.UUID, note_id: uuid.UUID
) -> HttpResponse:
    """Ask the patient to book a visit; the patient's pages then lead to it."""
    now = timezone.now()
    form = ask_for_follow_up(request, patient_id, note_id, now=now)
    return _answer(request, patient_id, note_id, form, now=now)


@access(Role.PRACTITIONER)
@require_POST
def follow_up_withdraw(
    request: PersonRequest, patient_id: uuid.UUID, note_id: uuid.UUID, follow_up_id: uuid.UUID
) -> HttpResponse:
    """Take back what is not needed any more."""
    now = timezone.now()
    follow_ups.withdraw_follow_up(
        by=request.viewer, patient_id=patient_id, follow_up_id=follow_up_id, now=now
    )
    return _answer(request, patient_id, note_id, None, now=now)


def ask_for_follow_up(
    request: PersonRequest, patient_id: uuid.UUID, note_id: uuid.UUID, *, now: dt.datetime
) -> FollowUpForm:
    """Ask for what was chosen; return an empty form, or one that says what is wrong."""
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="follow-ups", now=now
    ) as opened:
        note = notes.note_for(access=opened, note_id=note_id)
    form = follow_up_form(request, note, bound=True)
    if form.is_valid() and _asked(request, note, form, now=now):
        return follow_up_form(request, note)
    return form


def follow_up_form(
    request: PersonRequest, note: ClinicalNote, *, bound: bool = False
) -> FollowUpForm:
    """Return the form with the kinds of visit that patients can book with the doctor themselves."""
    doctor = note.encounter.practitioner_id or note.author_id
    bookable = bookable_practitioner(viewer=request.viewer, practitioner_id=doctor)
    kinds = list(bookable.visit_types) if bookable else []
    data = request.POST if bound else None
    return FollowUpForm(data, prefix=PREFIX, visit_types=kinds)


def _asked(
    request: PersonRequest, note: ClinicalNote, form: FollowUpForm, *, now: dt.datetime
) -> bool:
    data = form.cleaned_data
    wish = follow_ups.FollowUpWish(data["visit_type"], data["weeks"], data["note"])
    try:
        follow_ups.ask_for_follow_up(
            by=request.viewer,
            patient_id=note.patient_id,
            encounter_id=note.encounter_id,
            wish=wish,
            now=now,
        )
    except follow_ups.NotOfferedByDoctor:
        form.add_error("visit_type", _("The doctor does not offer this kind of visit any more."))
        return False
    return True


def _answer(
    request: PersonRequest,
    patient_id: uuid.UUID,
    note_id: uuid.UUID,
    form: FollowUpForm | None,
    *,
    now: dt.datetime,
) -> HttpResponse:
    if not wants_partial(request):
        return redirect("records:note_detail", patient_id, note_id)
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="follow-ups", now=now
    ) as opened:
        note = notes.note_for(access=opened, note_id=note_id)
        rows = notes.follow_ups_of(access=opened, encounter_id=note.encounter_id)
        form = form or follow_up_form(request, note)
        context = {
            "follow_ups": beside.follow_up_lines(rows=rows),
            "follow_up_form": form,
            "patient_id": patient_id,
            "note_id": note_id,
        }
        status = 422 if form.errors else 200
        return render(request, "records/notes/_follow_ups.html", context, status=status)

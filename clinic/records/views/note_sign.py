"""Sign a note; afterwards add to it, release it, withdraw it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinic.people.choices import Role
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.records.choices import Release
from clinic.records.forms.notes import AddendumForm, SignForm
from clinic.records.models import ClinicalNote
from clinic.records.selectors import notes
from clinic.records.services import note_signing
from clinic.records.services import notes as services
from clinic.records.services.reading import opened_record
from clinic.records.services.writing import ChangedMeanwhile
from clinic.records.views.notes import detail_page, reading_context
from clinic.records.views.shell import render_record
from clinic.scheduling import rules as scheduling_rules
from clinic.scheduling.choices import AppointmentStatus
from clinic.scheduling.services import appointments
from clinic.scheduling.services.locks import ScheduleBusy


@access(Role.PRACTITIONER)
@require_http_methods(["GET", "HEAD", "POST"])
def note_sign(request: PersonRequest, patient_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    """Show the note as it will be locked; sign it at the version that was shown (POST)."""
    if request.method != "POST":
        return _sign_page(request, patient_id, note_id, SignForm())
    form, now = SignForm(request.POST), timezone.now()
    if not form.is_valid():
        return _sign_page(request, patient_id, note_id, form, status=422)
    problem = ""
    try:
        note = note_signing.sign_note(
            by=request.viewer,
            patient_id=patient_id,
            note_id=note_id,
            version=form.cleaned_data["version"],
            release=Release(form.cleaned_data["release"]),
            now=now,
        )
    except ChangedMeanwhile:
        problem = _("The note was changed in another tab. Read it again before you sign.")
    except note_signing.UnsettledText:
        problem = _("Another tab holds text that is not in the note yet. Compare the two first.")
    except note_signing.NothingToSign:
        problem = _("The note says nothing yet.")
    if problem:
        return _sign_page(request, patient_id, note_id, form, problem=problem, status=409)
    if form.cleaned_data["finish"]:
        _finish_visit(request, note, now=now)
    messages.success(request, _("Signed"))
    return redirect("records:note_detail", patient_id, note_id)


def _sign_page(
    request: PersonRequest,
    patient_id: uuid.UUID,
    note_id: uuid.UUID,
    form: SignForm,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="note", now=timezone.now()
    ) as opened:
        note = notes.draft_for(access=opened, note_id=note_id)
        visit = note.encounter.appointment
        context = reading_context(request, opened, note) | {
            "form": form,
            "problem": problem,
            "kept_apart": bool(notes.open_revisions(access=opened, note=note)),
            "in_room": visit is not None and visit.status == AppointmentStatus.CHECKED_IN,
            "live_topics": [],
        }
        return render_record(
            request, opened, "records/notes/sign.html", context, tab="note_list", status=status
        )


def _finish_visit(request: PersonRequest, note: ClinicalNote, *, now: dt.datetime) -> None:
    """Take the visit on to "seen" as well; that it cannot be done does not undo the signature."""
    appointment_id = note.encounter.appointment_id
    if appointment_id is None:
        return
    try:
        appointments.change_status(
            appointment_id=appointment_id,
            to_status=AppointmentStatus.FULFILLED,
            by=request.viewer,
            now=now,
        )
    except (scheduling_rules.TransitionNotAllowed, ScheduleBusy):
        messages.warning(request, _("The note is signed; the visit itself was not finished."))


@access(Role.PRACTITIONER)
@require_POST
def note_release(request: PersonRequest, patient_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    """Let the patient read a signed note."""
    note_signing.release_note(
        by=request.viewer, patient_id=patient_id, note_id=note_id, now=timezone.now()
    )
    messages.success(request, _("The patient can read it now"))
    return redirect("records:note_detail", patient_id, note_id)


@access(Role.PRACTITIONER)
@require_POST
def note_addition(
    request: PersonRequest, patient_id: uuid.UUID, note_id: uuid.UUID
) -> HttpResponse:
    """Add to a signed note, or leave out what another tab still held (`leave-out`)."""
    form, now = AddendumForm(request.POST), timezone.now()
    who: dict[str, Any] = {"by": request.viewer, "patient_id": patient_id, "note_id": note_id}
    who["now"] = now
    if "leave-out" in request.POST:
        revision_id = form.fields["revision"].clean(request.POST.get("revision", ""))
        if revision_id is None:
            raise Http404
        note_signing.leave_out(**who, revision_id=revision_id)
        return redirect("records:note_detail", patient_id, note_id)
    if form.is_valid():
        try:
            note_signing.add_addendum(
                **who, text=form.cleaned_data["text"], revision_id=form.cleaned_data["revision"]
            )
        except note_signing.NothingToAdd:
            form.add_error("text", _("Write what is to be added."))
        else:
            messages.success(request, _("Added and signed"))
            return redirect("records:note_detail", patient_id, note_id)
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="note", now=now
    ) as opened:
        note = notes.note_for(access=opened, note_id=note_id)
        return detail_page(request, opened, note, addendum=form, status=422)


@access(Role.PRACTITIONER)
@require_http_methods(["GET", "HEAD", "POST"])
def note_discard(request: PersonRequest, patient_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    """Ask (GET), then mark an own note as entered by mistake (POST)."""
    if request.method != "POST":
        return _discard_page(request, patient_id, note_id)
    services.discard_note(
        by=request.viewer, patient_id=patient_id, note_id=note_id, now=timezone.now()
    )
    messages.success(request, _("Marked as entered by mistake"))
    return redirect("records:note_detail", patient_id, note_id)


def _discard_page(
    request: PersonRequest, patient_id: uuid.UUID, note_id: uuid.UUID
) -> HttpResponse:
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="note", now=timezone.now()
    ) as opened:
        note = notes.own_note_for(access=opened, note_id=note_id)
        context = reading_context(request, opened, note) | {"live_topics": []}
        template = "records/notes/discard.html"
        return render_record(request, opened, template, context, tab="note_list")


@access(Role.PRACTITIONER)
@require_POST
def note_restore(request: PersonRequest, patient_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    """Take a draft up again that was set aside."""
    services.restore_note(
        by=request.viewer, patient_id=patient_id, note_id=note_id, now=timezone.now()
    )
    return redirect("records:note_edit", patient_id, note_id)

"""Write a note: the editor, and the saves it makes by itself."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.people.choices import Role
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.records.forms.notes import NoteForm
from clinic.records.models import ClinicalNote
from clinic.records.note_templates import template_of
from clinic.records.permissions import RecordAccess
from clinic.records.presenters import note_editor as beside
from clinic.records.presenters import notes as present
from clinic.records.selectors import history, medications, notes
from clinic.records.services import notes as services
from clinic.records.services.reading import opened_record
from clinic.records.views.follow_ups import ask_for_follow_up, follow_up_form
from clinic.records.views.notes import reading_context, zone_of
from clinic.records.views.shell import render_record
from clinic.records.views.vitals import empty_vitals, record_vitals


@access(Role.PRACTITIONER)
@require_http_methods(["GET", "HEAD", "POST"])
def note_start(
    request: PersonRequest, patient_id: uuid.UUID, encounter_id: uuid.UUID
) -> HttpResponse:
    """Lead to the note of a visit (GET); begin it, or go on with it (POST)."""
    now = timezone.now()
    if request.method == "POST":
        note = services.start_note(
            by=request.viewer, patient_id=patient_id, encounter_id=encounter_id, now=now
        )
        return redirect("records:note_detail", patient_id, note.pk)
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="note", now=now
    ) as opened:
        found = notes.note_of_encounter(access=opened, encounter_id=encounter_id)
    if found is None:
        return redirect("records:note_list", patient_id)
    return redirect("records:note_detail", patient_id, found.pk)


@access(Role.PRACTITIONER)
@require_http_methods(["GET", "HEAD", "POST"])
def note_edit(request: PersonRequest, patient_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    """Show the editor; without script its buttons save here."""
    if request.method == "POST":
        return _save_and_go(request, patient_id, note_id)
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="note", now=timezone.now()
    ) as opened:
        note = notes.draft_for(access=opened, note_id=note_id)
        return _editor(request, opened, note)


@access(Role.PRACTITIONER)
@require_http_methods(["GET", "POST"])
def note_save(request: PersonRequest, patient_id: uuid.UUID, note_id: uuid.UUID) -> JsonResponse:
    """Save what a tab holds (POST); hand out a fresh token after signing in again (GET)."""
    now, form = timezone.now(), NoteForm(request.POST)
    if request.method == "GET" or not form.is_valid():
        with opened_record(
            viewer=request.viewer, patient_id=patient_id, what="note", now=now
        ) as opened:
            notes.draft_for(access=opened, note_id=note_id)
        if request.method == "GET":
            return _json({"token": get_token(request)})
        return _json({"errors": form.errors}, status=422)
    saved = services.save_note(
        by=request.viewer, patient_id=patient_id, note_id=note_id, draft=_draft(form), now=now
    )
    told = {"version": saved.version, "saved": int(saved.at.timestamp() * 1000)}
    return _json(told, status=409 if saved.apart else 200)


def _json(told: dict[str, Any], *, status: int = 200) -> JsonResponse:
    return JsonResponse(told, status=status, headers={"Cache-Control": "no-store"})


def _draft(form: NoteForm) -> services.Draft:
    data = form.cleaned_data
    return services.Draft(
        texts=form.texts(),
        base_version=data["version"],
        tab=data["tab"],
        template_slug=data["template"],
    )


def _save_and_go(request: PersonRequest, patient_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    """Save the whole form, then do what the pressed button says."""
    now, form = timezone.now(), NoteForm(request.POST)
    if not form.is_valid():
        return _again(request, patient_id, note_id, form)
    saved = services.save_note(
        by=request.viewer, patient_id=patient_id, note_id=note_id, draft=_draft(form), now=now
    )
    if saved.apart:
        return redirect("records:note_compare", patient_id, note_id)
    go = request.POST.get("go", "")
    if go in FORMS:
        other = FORMS[go](request, patient_id, note_id, now=now)
        if other.errors:
            return _again(request, patient_id, note_id, None, **{go: other})
    messages.success(request, _("Saved"))
    return redirect(_onward(go, patient_id, note_id))


# The small forms inside the editor, by the button that sends them.
FORMS: Mapping[str, Callable[..., BaseForm]] = {
    "measure": record_vitals,
    "follow_up": ask_for_follow_up,
}


def _onward(go: str, patient_id: uuid.UUID, note_id: uuid.UUID) -> str:
    if go == "close":
        return reverse("records:note_list", args=[patient_id])
    names = {"sign": "records:note_sign", "discard": "records:note_discard"}
    return reverse(names.get(go, "records:note_edit"), args=[patient_id, note_id])


def _again(
    request: PersonRequest,
    patient_id: uuid.UUID,
    note_id: uuid.UUID,
    form: NoteForm | None,
    **others: BaseForm,
) -> HttpResponse:
    """Show the editor again with what was typed and what is wrong with it."""
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="note", now=timezone.now()
    ) as opened:
        note = notes.draft_for(access=opened, note_id=note_id)
        return _editor(request, opened, note, form=form, status=422, **others)


def _editor(
    request: PersonRequest,
    opened: RecordAccess,
    note: ClinicalNote,
    *,
    form: NoteForm | None = None,
    status: int = 200,
    **others: BaseForm,
) -> HttpResponse:
    template = template_of(form["template"].value() if form else note.template_slug)
    form = form or NoteForm(initial=_initial(note))
    tz = zone_of(note)
    last = notes.last_note_before(access=opened, note=note)
    context = reading_context(request, opened, note) | {
        "form": form,
        "sections": beside.editor_sections(form=form, template=template.slug),
        "vitals": others.get("measure") or empty_vitals(request),
        "follow_up_form": others.get("follow_up") or follow_up_form(request, note),
        "last": None if last is None else present.note_view(note=last, is_clinical=True, tz=tz),
        "conditions": history.active_conditions(access=opened),
        "medicines": beside.medicine_lines(rows=medications.current_medications(access=opened)),
        "kept_apart": bool(notes.open_revisions(access=opened, note=note)),
        "saved_text": present.clock_text(note.saved_at, tz),
        "visit": note.encounter.appointment,
        "page_tz": tz,
        # What this tab writes itself must not tell it that the record has changed.
        "live_topics": [],
    }
    return render_record(
        request, opened, "records/notes/edit.html", context, tab="note_list", status=status
    )


def _initial(note: ClinicalNote) -> dict[str, Any]:
    return services.texts_of(note) | {
        "template": template_of(note.template_slug).slug,
        "version": note.version,
        "tab": uuid.uuid4(),
    }

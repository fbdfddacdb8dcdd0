"""Two tabs have written the same note: both texts side by side, to choose from."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.people.choices import Role
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.records.forms.notes import CompareForm
from clinic.records.models import ClinicalNote, NoteRevision
from clinic.records.permissions import RecordAccess
from clinic.records.presenters import notes as present
from clinic.records.rules.notes import differences
from clinic.records.selectors import notes
from clinic.records.services import notes as services
from clinic.records.services.reading import opened_record
from clinic.records.services.writing import ChangedMeanwhile
from clinic.records.views.notes import zone_of
from clinic.records.views.shell import render_record


@dataclass(frozen=True, slots=True)
class Pair:
    """One section twice: as it is saved, and as the other tab had it."""

    name: str
    title: str
    saved: str
    other: str


@access(Role.PRACTITIONER)
@require_http_methods(["GET", "HEAD", "POST"])
def note_compare(request: PersonRequest, patient_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    """Show the oldest text that was kept apart beside what is saved; put them together (POST)."""
    status = 200
    if request.method == "POST":
        form = CompareForm(request.POST)
        if not form.is_valid():
            raise Http404
        if _settled(request, patient_id, form):
            messages.success(request, _("Put together and saved"))
        else:
            messages.warning(request, _("The note was changed meanwhile. Choose again."))
            status = 409
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="note", now=timezone.now()
    ) as opened:
        note = notes.draft_for(access=opened, note_id=note_id)
        kept = notes.open_revisions(access=opened, note=note)
        if not kept:
            return redirect("records:note_edit", patient_id, note_id)
        return _page(request, opened, note, kept, status=status)


def _settled(request: PersonRequest, patient_id: uuid.UUID, form: CompareForm) -> bool:
    try:
        services.settle_revision(
            by=request.viewer,
            patient_id=patient_id,
            revision_id=form.cleaned_data["revision"],
            choices=form.choices(),
            version=form.cleaned_data["version"],
            now=timezone.now(),
        )
    except ChangedMeanwhile:
        return False
    return True


def _page(
    request: PersonRequest,
    opened: RecordAccess,
    note: ClinicalNote,
    kept: Sequence[NoteRevision],
    *,
    status: int,
) -> HttpResponse:
    revision, tz = kept[0], zone_of(note)
    found = differences(saved=services.texts_of(note), other=revision.sections)
    context = {
        "note_id": note.pk,
        "revision_id": revision.pk,
        "version": note.version,
        "pairs": [
            Pair(one.name, present.section_title(one.name), one.saved, one.other) for one in found
        ],
        "more": len(kept) - 1,
        "saved_text": present.clock_text(note.saved_at, tz),
        "other_text": present.clock_text(revision.saved_at, tz),
        "live_topics": [],
    }
    return render_record(
        request, opened, "records/notes/compare.html", context, tab="note_list", status=status
    )

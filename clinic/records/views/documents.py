"""Documents of a record: the list, one of them, new ones, what is said about one, its removal."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from clinic.lib.uploads import takes_files
from clinic.people.choices import Role
from clinic.people.permissions import NotAllowed, access
from clinic.people.requests import PersonRequest
from clinic.records.choices import DocumentCategory
from clinic.records.forms.documents import AboutForm, UploadForm, refusal_text
from clinic.records.models import DocumentReference
from clinic.records.permissions import RecordAccess
from clinic.records.presenters import documents as presenters
from clinic.records.selectors import documents as selectors
from clinic.records.selectors.clinic import clinic_zone
from clinic.records.services import documents as services
from clinic.records.services.reading import opened_record
from clinic.records.uploads.checking import checked
from clinic.records.uploads.names import clean_name, title_from
from clinic.records.uploads.refusals import Refusal, UploadRefused
from clinic.records.views.shell import render_record

METHODS = ["GET", "HEAD", "POST"]
TAB = "document_list"


@access(Role.PATIENT, Role.PRACTITIONER)
@require_safe
def document_list(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Show the documents, all or of one category."""
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="documents", now=timezone.now()
    ) as opened:
        rows, tz = selectors.documents(access=opened), clinic_zone()
        chosen = request.GET.get("category", "")
        chosen = chosen if chosen in DocumentCategory.values else ""
        context = {
            "documents": [
                presenters.document_row(row=row, access=opened, tz=tz)
                for row in rows
                if not chosen or row.category == chosen
            ],
            "choices": presenters.category_choices(rows, chosen),
        }
        return render_record(request, opened, "records/documents/list.html", context, tab=TAB)


@access(Role.PATIENT, Role.PRACTITIONER)
@require_safe
def document_detail(
    request: PersonRequest, patient_id: uuid.UUID, document_id: uuid.UUID
) -> HttpResponse:
    """Show one document: its small picture, what is said about it, the way to its file."""
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="documents", now=timezone.now()
    ) as opened:
        row = selectors.document(access=opened, document_id=document_id)
        shown = presenters.document_row(row=row, access=opened, tz=clinic_zone())
        template = "records/documents/detail.html"
        return render_record(request, opened, template, {"document": shown}, tab=TAB)


@dataclass(frozen=True, slots=True)
class Upload:
    """What became of one file: kept, or why not."""

    name: str
    refusal: str = ""


@access(Role.PATIENT, Role.PRACTITIONER)
@takes_files
@require_http_methods(METHODS)
def document_new(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Take files. What can be kept is kept; what cannot is told beside the input."""
    now = timezone.now()
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="documents", now=now
    ) as opened:
        if not opened.may_write:
            raise NotAllowed("writing into the record")
        visits = presenters.visit_choices(selectors.visits_to_attach(access=opened, now=now))
        if request.method != "POST":
            form = UploadForm(visits=visits, initial=_asked_for(request, visits))
            return _upload_page(request, opened, form)
    form = UploadForm(request.POST, request.FILES, visits=visits)
    uploads = [_keep(request, patient_id, form, file, now) for file in _files(form)]
    refused = [upload for upload in uploads if upload.refusal]
    if request.headers.get("X-Upload"):
        return _told_to_script(form, refused)
    if refused:
        form.add_refusals([f"{upload.name}: {upload.refusal}" for upload in refused])
    _tell(request, [upload for upload in uploads if not upload.refusal])
    if form.is_valid():
        return redirect("records:document_list", patient_id)
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="documents", now=now
    ) as opened:
        return _upload_page(request, opened, form)


@access(Role.PATIENT, Role.PRACTITIONER)
@require_http_methods(METHODS)
def document_edit(
    request: PersonRequest, patient_id: uuid.UUID, document_id: uuid.UUID
) -> HttpResponse:
    """Change what is said about a document."""
    now = timezone.now()
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="documents", now=now
    ) as opened:
        row = _changeable(opened, document_id)
        visits = presenters.visit_choices(selectors.visits_to_attach(access=opened, now=now))
        initial = {
            "title": row.title,
            "category": row.category,
            "visit": row.appointment_id,
            "note": row.note,
        }
        data = request.POST if request.method == "POST" else None
        form = AboutForm(data, visits=visits, initial=initial)
        if data is None or not form.is_valid():
            status = 422 if form.errors else 200
            context = {"form": form, "document_id": document_id}
            template = "records/documents/edit.html"
            return render_record(request, opened, template, context, tab=TAB, status=status)
    services.change_document(
        by=request.viewer,
        patient_id=patient_id,
        document_id=document_id,
        about=form.about(title=title_from(name=row.file_name)),
        now=now,
    )
    messages.success(request, _("The document is changed."))
    return redirect("records:document_detail", patient_id, document_id)


@access(Role.PATIENT, Role.PRACTITIONER)
@require_http_methods(METHODS)
def document_remove(
    request: PersonRequest, patient_id: uuid.UUID, document_id: uuid.UUID
) -> HttpResponse:
    """Ask, then take a document out of the lists."""
    now = timezone.now()
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="documents", now=now
    ) as opened:
        row = _changeable(opened, document_id)
        if request.method != "POST":
            shown = presenters.document_row(row=row, access=opened, tz=clinic_zone())
            template = "records/documents/remove.html"
            return render_record(request, opened, template, {"document": shown}, tab=TAB)
    services.remove_document(
        by=request.viewer, patient_id=patient_id, document_id=document_id, now=now
    )
    messages.success(request, _("The document is removed."))
    return redirect("records:document_list", patient_id)


def _changeable(opened: RecordAccess, document_id: uuid.UUID) -> DocumentReference:
    row = selectors.document(access=opened, document_id=document_id)
    if not services.can_change(access=opened, row=row):
        raise NotAllowed("document of somebody else")
    return row


def _asked_for(request: PersonRequest, visits: list[tuple[str, str]]) -> dict[str, Any]:
    """Return the visit that a link on its page named."""
    asked = request.GET.get("visit", "")
    return {"visit": asked} if asked in dict(visits) else {}


def _files(form: UploadForm) -> list[UploadedFile]:
    """Return the files, if what is said about them is right."""
    return form.cleaned_data["file"] if form.is_valid() else []


def _keep(
    request: PersonRequest,
    patient_id: uuid.UUID,
    form: UploadForm,
    file: UploadedFile,
    now: dt.datetime,
) -> Upload:
    name = clean_name(name=file.name or "") or _("A file")
    try:
        services.add_document(
            by=request.viewer,
            patient_id=patient_id,
            file=checked(content=_content(file)),
            file_name=name,
            about=form.about(title=title_from(name=name)),
            now=now,
        )
    except UploadRefused as refused:
        limits = settings.RECORD_LIMITS
        return Upload(name, refusal_text(refusal=refused.refusal, limits=limits))
    return Upload(name)


_CUTS = {"file": Refusal.TOO_LARGE, "request": Refusal.TOGETHER_TOO_LARGE}


def _content(file: UploadedFile) -> bytes:
    cut = getattr(file, "was_cut", "")
    if cut:
        raise UploadRefused(_CUTS[cut])
    return file.read()


def _tell(request: PersonRequest, kept: list[Upload]) -> None:
    if not kept:
        return
    # How many and not what they are called: a message waits in the session, in clear.
    said = ngettext("%(number)s document is saved.", "%(number)s documents are saved.", len(kept))
    messages.success(request, said % {"number": len(kept)})


def _told_to_script(form: UploadForm, refused: list[Upload]) -> JsonResponse:
    """Answer one file of the script that shows the progress; it names the file itself."""
    texts = [str(text) for texts in form.errors.values() for text in texts]
    texts += [upload.refusal for upload in refused]
    return JsonResponse({"message": " ".join(texts)}, status=422) if texts else JsonResponse({})


def _upload_page(request: PersonRequest, opened: RecordAccess, form: UploadForm) -> HttpResponse:
    status = 422 if form.errors else 200
    context = {"form": form, "limits": settings.RECORD_LIMITS}
    return render_record(
        request, opened, "records/documents/new.html", context, tab=TAB, status=status
    )

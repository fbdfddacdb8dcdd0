"""The files of documents: given out through the policy, as attachments, never to be kept."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from clinic.crypto import storage
from clinic.crypto.errors import SealError
from clinic.people.choices import Role
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.records.services import documents as services
from clinic.records.services.reading import opened_record
from clinic.records.uploads.names import download_name
from clinic.records.views.shell import render_record

# What a browser may do with it: save it. Opened in a tab it runs nothing and loads nothing.
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


@access(Role.PATIENT, Role.PRACTITIONER)
@require_safe
def document_download(
    request: PersonRequest, patient_id: uuid.UUID, document_id: uuid.UUID
) -> HttpResponseBase:
    """Give out the file, as an attachment under its own name."""
    return _file(request, patient_id, document_id, preview=False)


@access(Role.PATIENT, Role.PRACTITIONER)
@require_safe
def document_preview(
    request: PersonRequest, patient_id: uuid.UUID, document_id: uuid.UUID
) -> HttpResponseBase:
    """Give out the small picture, to be shown in the page."""
    return _file(request, patient_id, document_id, preview=True)


def _file(
    request: PersonRequest, patient_id: uuid.UUID, document_id: uuid.UUID, *, preview: bool
) -> HttpResponseBase:
    try:
        opened = services.open_document(
            viewer=request.viewer,
            patient_id=patient_id,
            document_id=document_id,
            now=timezone.now(),
            preview=preview,
        )
    except services.NotReady:
        return _cannot(request, patient_id, "waits", 409)
    except (SealError, FileNotFoundError):
        return _cannot(request, patient_id, "damaged", 410)
    row = opened.row
    response = _streamed(request, opened.content)
    response["Content-Type"] = "image/jpeg" if preview else row.content_type
    response["Content-Length"] = opened.content.size
    name = download_name(name=row.file_name, content_type=row.content_type)
    header = content_disposition_header(not preview, "preview.jpg" if preview else name)
    response["Content-Disposition"] = header or "attachment"
    response["Content-Security-Policy"] = SANDBOX
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


def _streamed(request: PersonRequest, content: storage.Content) -> StreamingHttpResponse:
    """Return the chunks as the server can take them; the file closes with the response."""
    chunks = _one_by_one(content) if isinstance(request, ASGIRequest) else iter(content)
    response = StreamingHttpResponse(chunks)
    response._resource_closers.append(content.close)  # type: ignore[attr-defined]
    return response


async def _one_by_one(content: storage.Content) -> AsyncIterator[bytes]:
    chunks = iter(content)

    def following() -> bytes:
        return next(chunks, b"")

    while chunk := await sync_to_async(following)():
        yield chunk


def _cannot(request: PersonRequest, patient_id: uuid.UUID, why: str, status: int) -> HttpResponse:
    """Say on a page of the record why the file is not given out."""
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="documents", now=timezone.now()
    ) as opened:
        return render_record(
            request,
            opened,
            "records/documents/closed.html",
            {"why": why},
            tab="document_list",
            status=status,
        )

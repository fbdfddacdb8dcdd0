"""The patient's own copy: the page that says what is in it, and the file."""

from __future__ import annotations

import uuid

from django.http import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic.fhir.exporting.copy import make_copy
from clinic.lib.streaming import DownloadResponse
from clinic.people.choices import Role
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.people.stepup import step_up
from clinic.records.permissions import check_may_export
from clinic.records.services.reading import opened_record
from clinic.records.views.shell import render_record


@access(Role.PATIENT)
@require_safe
def export(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponseBase:
    """Say what the copy holds and offer it."""
    # Nobody else is asked for a password: to them the page does not exist.
    check_may_export(viewer=request.viewer, patient_id=patient_id, now=timezone.now())
    return _offer(request, patient_id)


@access(Role.PATIENT)
@require_safe
def export_file(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponseBase:
    """Send the copy."""
    check_may_export(viewer=request.viewer, patient_id=patient_id, now=timezone.now())
    return _send(request, patient_id)


@step_up()
def _offer(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponseBase:
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="your-data", now=timezone.now()
    ) as opened:
        return render_record(request, opened, "fhir/export.html", tab="access_log")


@step_up()
def _send(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponseBase:
    now = timezone.now()
    copy = make_copy(viewer=request.viewer, patient_id=patient_id, now=now)
    # No name in the file's name: it stays behind in download folders.
    return DownloadResponse(
        request,
        copy.pieces(),
        file_name=f"health-record-{now:%Y-%m-%d}.zip",
        content_type="application/zip",
    )

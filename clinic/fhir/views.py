"""The patient's own copy: the page that says what is in it, and the file."""

from __future__ import annotations

import uuid

from django.http import HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic.fhir.exporting.copy import make_copy
from clinic.lib.streaming import DownloadResponse
from clinic.people.choices import Role
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.people.stepup import step_up
from clinic.records.permissions import check_is_patient_side
from clinic.records.services.reading import opened_record
from clinic.records.views.shell import render_record


@access(Role.PATIENT)
@require_safe
@step_up()
def export(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Say what the copy holds and offer it."""
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="your-data", now=timezone.now()
    ) as opened:
        check_is_patient_side(opened)
        return render_record(request, opened, "fhir/export.html", tab="access_log")


@access(Role.PATIENT)
@require_safe
@step_up()
def export_file(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponseBase:
    """Send the copy; no name in the file's name, it stays in download folders."""
    now = timezone.now()
    copy = make_copy(viewer=request.viewer, patient_id=patient_id, now=now)
    return DownloadResponse(
        request,
        copy.pieces(),
        file_name=f"health-record-{now:%Y-%m-%d}.zip",
        content_type="application/zip",
    )

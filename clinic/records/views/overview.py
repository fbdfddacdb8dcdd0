"""The overview of a record."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from clinic.people.choices import Role
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.records.services.reading import opened_record
from clinic.records.views.shell import render_record


@access(Role.PATIENT, Role.PRACTITIONER)
@require_GET
def record_overview(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Show one record at a glance."""
    now = timezone.now()
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="overview", now=now
    ) as opened:
        return render_record(request, opened, "records/overview/page.html", tab="overview")

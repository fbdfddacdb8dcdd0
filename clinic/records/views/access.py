"""The privacy page: who opened this record."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from clinic.people import carers
from clinic.people.carer_rows import carer_row
from clinic.people.choices import Role
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.records.presenters.access_log import log_days
from clinic.records.presenters.emergency import emergency_card
from clinic.records.selectors import access_log as reads
from clinic.records.selectors.clinic import clinic_zone
from clinic.records.selectors.emergency import emergencies_of
from clinic.records.services.reading import opened_record
from clinic.records.views.shell import render_record

LAST_PAGE = 500


@access(Role.PATIENT, Role.PRACTITIONER)
@require_GET
def access_log(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Show who opened the record, when and why, newest first, to the patient and their carers."""
    now, tz = timezone.now(), request.user.time_zone
    page = _page_number(request)
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="access_log", now=now
    ) as opened:
        log = reads.access_log(access=opened, page=page, tz=tz)
        zone = clinic_zone()
        grants = carers.standing_grants(patient_id=opened.patient_id, now=now)
        glass = emergencies_of(patient_id=opened.patient_id)
        context = {
            "days": log_days(log, viewer_id=request.user.pk, tz=tz),
            "page": page,
            "has_older": log.has_older,
            "emergencies": [emergency_card(row, tz=tz, now=now) for row in glass],
            "carers": [
                carer_row(grant, scopes=carers.scopes_now(grant=grant, now=now), tz=zone)
                for grant in grants
                if grant.user_id is not None
            ],
            "is_patient": request.viewer.proxy is None,
        }
        return render_record(request, opened, "records/access/log.html", context, tab="access_log")


def _page_number(request: PersonRequest) -> int:
    asked = request.GET.get("page", "1")
    return min(max(int(asked), 1), LAST_PAGE) if asked.isdecimal() and len(asked) < 6 else 1

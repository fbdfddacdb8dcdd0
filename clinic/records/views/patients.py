"""A doctor's own patients: from here every record is one press away."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic.lib.htmx import render_page_or_partial
from clinic.people.choices import Role
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.records.selectors.clinic import clinic_zone
from clinic.records.selectors.patients import patients_cared_for
from clinic.scheduling.views.desk import asked_for


@access(Role.PRACTITIONER)
@require_safe
def patient_list(request: PersonRequest) -> HttpResponse:
    """List and search the patients the doctor cares for."""
    query = asked_for(request)
    found = patients_cared_for(viewer=request.viewer, query=query, now=timezone.now())
    context = {"query": query, "patients": found, "tz": clinic_zone()}
    return render_page_or_partial(
        request, "records/patients/page.html", "records/patients/_list.html", context
    )

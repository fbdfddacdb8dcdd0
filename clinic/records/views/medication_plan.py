"""The medication plan, as a page to print and as a PDF made in memory."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.people.choices import Role
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.records import pdf
from clinic.records.permissions import RecordAccess
from clinic.records.presenters.medication_plan import Plan, present_plan
from clinic.records.selectors.clinic import clinic_zone
from clinic.records.selectors.frame import Head, head_of
from clinic.records.selectors.medications import current_medications
from clinic.records.services.reading import opened_record
from clinic.records.views.medications import TAB
from clinic.records.views.shell import render_record


@access(Role.PATIENT, Role.PRACTITIONER)
@require_safe
def medication_plan(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Show the plan as it will be on paper."""
    now = timezone.now()
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="medication-plan", now=now
    ) as opened:
        head, plan = _plan(opened)
        context = {
            "plan": plan,
            "sheet": pdf.Sheet(_("Medication plan"), head.patient, now, clinic_zone()).as_json(),
            "clinic_name": settings.CLINIC_NAME,
        }
        return render_record(request, opened, "records/medications/plan.html", context, tab=TAB)


@access(Role.PATIENT, Role.PRACTITIONER)
@require_safe
def medication_plan_pdf(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Hand out the plan as a file."""
    now = timezone.now()
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="medication-plan.pdf", now=now
    ) as opened:
        head, plan = _plan(opened)
        sheet = pdf.Sheet(_("Medication plan"), head.patient, now, clinic_zone())
        made = pdf.render("plan", sheet.as_json() | plan.as_json())
    response = HttpResponse(made, content_type="application/pdf")
    # No name in the file name: it stays behind in download folders of shared computers.
    response["Content-Disposition"] = 'attachment; filename="medication-plan.pdf"'
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _plan(opened: RecordAccess) -> tuple[Head, Plan]:
    head = head_of(access=opened)
    return head, present_plan(head=head, medicines=current_medications(access=opened))

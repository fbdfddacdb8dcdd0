"""Erasures: two administrators, no look into the record."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from clinic.lib import times
from clinic.people.choices import Role
from clinic.people.models import Patient
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.people.stepup import step_up
from clinic.records.forms.rights import ErasureForm
from clinic.records.presenters.rights import erasure_row
from clinic.records.rules import rights as rules
from clinic.records.selectors import rights as reads
from clinic.records.selectors.clinic import clinic_zone
from clinic.records.services import erasure as services


@access(Role.ADMINISTRATOR)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def erasure_list(request: PersonRequest) -> HttpResponse:
    """What waits for a second person, what was decided, and the form to ask."""
    form = ErasureForm(request.POST if request.method == "POST" else None)
    if not form.is_bound or not form.is_valid():
        return _page(request, form)
    patient = reads.patient_by_number(
        viewer=request.viewer, record_number=form.cleaned_data["record_number"]
    )
    if patient is None:
        form.add_error("record_number", _("There is no patient with this number."))
        return _page(request, form)
    try:
        services.request_erasure(
            patient_id=patient.pk,
            basis=form.cleaned_data["legal_basis"],
            by=request.viewer,
            now=timezone.now(),
        )
    except (rules.RetentionRuns, rules.VisitsAhead, rules.NotOpen) as refusal:
        form.add_error(None, refusal_text(refusal))
        return _page(request, form)
    messages.success(request, _("Asked for. A second administrator decides."))
    return redirect("records:erasure_list")


@access(Role.ADMINISTRATOR)
@require_POST
@step_up()
def erasure_execute(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Destroy it, as the second person."""
    return _decide(request, patient_id, services.execute_erasure, _("The record is destroyed."))


@access(Role.ADMINISTRATOR)
@require_POST
def erasure_refuse(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Refuse it, as the second person."""
    return _decide(request, patient_id, services.refuse_erasure, _("Refused. Nothing changed."))


def refusal_text(refusal: Exception) -> str:
    """Return why a record is not destroyed, in a sentence."""
    if isinstance(refusal, rules.RetentionRuns):
        until = formats.date_format(refusal.until, "DATE_FORMAT")
        return _("The record must be kept until %(date)s. Only an order ends that early.") % {
            "date": until
        }
    if isinstance(refusal, rules.VisitsAhead):
        return _("There are visits to come. Cancel them first.")
    if isinstance(refusal, rules.SamePerson):
        return _("You asked for it yourself. A second administrator decides.")
    return _("This was asked for or decided already.")


def _decide(
    request: PersonRequest, patient_id: uuid.UUID, service: services.Decide, done: str
) -> HttpResponse:
    try:
        service(patient_id=patient_id, by=request.viewer, now=timezone.now())
    except Patient.DoesNotExist:
        messages.info(request, _("This was asked for or decided already."))
    except (rules.RetentionRuns, rules.VisitsAhead, rules.NotOpen, rules.SamePerson) as refusal:
        messages.error(request, refusal_text(refusal))
    else:
        messages.success(request, done)
    return redirect("records:erasure_list")


def _page(request: PersonRequest, form: ErasureForm) -> HttpResponse:
    now, tz = timezone.now(), clinic_zone()
    waiting, decided = reads.erasures(viewer=request.viewer, now=now)
    today = times.today(tz, now)
    context = {
        "form": form,
        "waiting": [
            erasure_row(case, viewer_id=request.user.pk, today=today, tz=tz) for case in waiting
        ],
        "decided": [
            erasure_row(case, viewer_id=request.user.pk, today=today, tz=tz) for case in decided
        ],
    }
    status = 422 if form.is_bound else 200
    return render(request, "records/rights/erasures.html", context, status=status)

"""Emergency access: find the patient, confirm who you are, say why, and give it back."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from clinic.lib import ratelimit
from clinic.people.choices import Role
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.people.stepup import step_up
from clinic.records import emergency_session as session
from clinic.records.forms.access import BreakGlassForm, FindPatientForm
from clinic.records.permissions import access_to, check_may_break_glass
from clinic.records.selectors import emergency as reads
from clinic.records.services import emergency as services
from clinic.scheduling.selectors.board import time_zone_of

# Enough for slips of the pen, far too few to try birth dates.
SEARCHES = ratelimit.Limit(scope="emergency-search", most=10, seconds=900)


@access(Role.PRACTITIONER)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def emergency_find(request: PersonRequest) -> HttpResponse:
    """Find one patient by record number and birth date, both exactly."""
    form = FindPatientForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        found = _find(request, form)
        if found is not None:
            return redirect("records:emergency_open", found)
    now = timezone.now()
    doctor = request.viewer.practitioner_id
    context = {
        "form": form,
        "open": reads.open_emergencies(viewer=request.viewer, now=now),
        "tz": time_zone_of(doctor) if doctor else "UTC",
    }
    status = 422 if form.is_bound else 200
    return render(request, "records/access/emergency_find.html", context, status=status)


def _find(request: PersonRequest, form: FindPatientForm) -> uuid.UUID | None:
    now = timezone.now()
    wait = ratelimit.retry_after(
        SEARCHES, key=str(request.viewer.user_id), now_seconds=int(now.timestamp())
    )
    if wait:
        form.add_error(None, _("Too many searches. Wait a few minutes, or ask the front desk."))
        return None
    found = services.look_up(
        record_number=form.cleaned_data["record_number"],
        birth_date=form.cleaned_data["birth_date"],
        by=request.viewer,
        now=now,
    )
    if found is None:
        form.add_error(None, _("No patient has this record number and this birth date."))
        return None
    session.remember_found(request, found, now=now)
    return found


@access(Role.PRACTITIONER)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def emergency_open(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponseBase:
    """Say why and open the record; only for whom this browser has just found."""
    now = timezone.now()
    if access_to(viewer=request.viewer, patient_id=patient_id, now=now) is not None:
        return redirect("records:overview", patient_id)
    if not session.was_found(request, patient_id, now=now):
        raise Http404
    check_may_break_glass(viewer=request.viewer, patient_id=patient_id)
    return _open(request, patient_id)


@step_up()
def _open(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponse:
    form = BreakGlassForm(request.POST if request.method == "POST" else None)
    if not form.is_bound or not form.is_valid():
        hours = settings.RECORDS["EMERGENCY_ACCESS"] // dt.timedelta(hours=1)
        patient = reads.patient_to_open(patient_id=patient_id)
        context = {"form": form, "patient": patient, "hours": hours}
        status = 422 if form.is_bound else 200
        return render(request, "records/access/emergency_open.html", context, status=status)
    try:
        services.break_glass(
            patient_id=patient_id,
            category=form.cleaned_data["category"],
            reason=form.cleaned_data["reason"],
            by=request.viewer,
            now=timezone.now(),
        )
    except services.OpenAlready:
        return redirect("records:overview", patient_id)
    session.remember_open(request)
    return redirect("records:overview", patient_id)


@access(Role.PRACTITIONER)
@require_POST
def emergency_end(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Give the access back before its time."""
    try:
        services.end_emergency(patient_id=patient_id, by=request.viewer, now=timezone.now())
    except services.NotOpen as error:
        raise Http404 from error
    messages.success(request, _("Emergency access has ended. The record is closed again."))
    return redirect("portal:home")

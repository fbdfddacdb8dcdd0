"""A patient's own visits: the list, one in full, and what can be done about it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.people.choices import Role
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.scheduling import calendar, permissions, rules
from clinic.scheduling.forms import CancelForm, LateForm
from clinic.scheduling.models import Appointment
from clinic.scheduling.presenters import own_visit
from clinic.scheduling.presenters import visits as present
from clinic.scheduling.selectors import availability
from clinic.scheduling.selectors import visits as reads
from clinic.scheduling.services import appointments
from clinic.scheduling.services.locks import ScheduleBusy
from clinic.scheduling.views import live


def own_visit_or_404(request: PersonRequest, appointment_id: uuid.UUID) -> Appointment:
    """Return the visit of this patient; anybody else's does not exist."""
    visit = reads.visit_for(viewer=request.viewer, appointment_id=appointment_id)
    if visit is None:
        raise Http404
    return visit


@access(Role.PATIENT)
@require_GET
def appointment_list(request: PersonRequest) -> HttpResponse:
    """Show the own visits: coming, past or cancelled."""
    try:
        tab = reads.Tab(request.GET.get("tab", "upcoming"))
    except ValueError:
        raise Http404 from None
    now = timezone.now()
    found = reads.visits_of_patient(
        viewer=request.viewer, tab=tab, page=_page_number(request), now=now
    )
    own = live.own_state(request, now=now)
    context = {
        "tab": tab.value,
        "tabs": [
            ("upcoming", _("Coming")),
            ("past", _("Past")),
            ("cancelled", _("Cancelled")),
        ],
        "visits": [present.visit(row, now=now) for row in found.visits],
        "page": found.page,
        "pages": found.pages,
        "own": own.pieces,
        "live_topics": [own.topic] if own.topic else [],
    }
    return render(request, "scheduling/appointment_list.html", context)


def _page_number(request: PersonRequest) -> int:
    text = request.GET.get("page", "1")
    if not text.isascii() or not text.isdigit() or len(text) > 4:
        raise Http404
    return int(text)


@access(Role.PATIENT)
@require_GET
def appointment_detail(request: PersonRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """Show one own visit with everything needed to come, move or cancel."""
    visit = own_visit_or_404(request, appointment_id)
    return detail(request, visit, now=timezone.now())


def detail(
    request: PersonRequest,
    visit: Appointment,
    *,
    now: dt.datetime,
    said: str = "",
    status: int = 200,
) -> HttpResponse:
    limits = availability.parameters_of_visit(
        practitioner_id=visit.practitioner_id,
        visit_type_id=visit.visit_type_id,
        site_id=visit.site_id,
    )
    context: dict[str, Any] = {
        "visit": present.visit(visit, now=now),
        "reason": visit.reason,
        "notes": visit.notes,
        "ways": own_visit.ways(visit, limits, now=now),
        "late_minutes": [5, 10, 15, 20, 30],
        "just_booked": "booked" in request.GET,
        "email": _mailed_to(visit),
        "said": said,
    }
    return render(request, "scheduling/appointment_detail.html", context, status=status)


def _mailed_to(visit: Appointment) -> str:
    patient = visit.patient
    return patient.email if patient is not None and patient.reminders_by_email else ""


@access(Role.PATIENT)
@require_http_methods(["GET", "POST"])
def appointment_cancel(request: PersonRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """Ask why (GET), cancel and free the time (POST). Close to the visit it says so first (P1)."""
    visit, now = own_visit_or_404(request, appointment_id), timezone.now()
    if request.method == "GET":
        return _cancel_page(request, visit, CancelForm(), now=now)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return _cancel_page(request, visit, form, now=now, status=422)
    try:
        appointments.cancel_appointment(
            appointment_id=visit.pk,
            by=request.viewer,
            reason=form.cleaned_data["reason"],
            now=now,
            late="late" in request.POST,
        )
    except rules.TooLateToCancel:
        return _cancel_page(request, visit, form, now=now, status=409)
    except (rules.TransitionNotAllowed, permissions.NotAllowed, ScheduleBusy):
        fresh = own_visit_or_404(request, appointment_id)
        said = _("This visit has changed meanwhile. Here is how it stands now.")
        return detail(request, fresh, now=now, said=said, status=409)
    messages.success(request, _("Your visit is cancelled. The time is free for somebody else."))
    return redirect("scheduling:appointment_detail", visit.pk)


def _cancel_page(
    request: PersonRequest,
    visit: Appointment,
    form: CancelForm,
    *,
    now: dt.datetime,
    status: int = 200,
) -> HttpResponse:
    limits = availability.parameters_of_visit(
        practitioner_id=visit.practitioner_id,
        visit_type_id=visit.visit_type_id,
        site_id=visit.site_id,
    )
    possible = own_visit.ways(visit, limits, now=now)
    if not possible.can_cancel:
        said = _("This visit can no longer be cancelled here.")
        return detail(request, visit, now=now, said=said, status=409)
    context = {"visit": present.visit(visit, now=now), "form": form, "ways": possible}
    return render(request, "scheduling/appointment_cancel.html", context, status=status)


@access(Role.PATIENT)
@require_POST
def appointment_confirm(request: PersonRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """Note that the patient will come."""
    visit, now = own_visit_or_404(request, appointment_id), timezone.now()
    try:
        appointments.confirm_attendance(appointment_id=visit.pk, by=request.viewer, now=now)
    except rules.TransitionNotAllowed:
        said = _("There is nothing to confirm any more.")
        return detail(request, visit, now=now, said=said, status=409)
    messages.success(request, _("Thank you. The clinic knows that you will come."))
    return redirect("scheduling:appointment_detail", visit.pk)


@access(Role.PATIENT)
@require_POST
def appointment_late(request: PersonRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """Tell the clinic that the patient will be some minutes late."""
    visit, now = own_visit_or_404(request, appointment_id), timezone.now()
    form = LateForm(request.POST)
    if not form.is_valid():
        said = _("Choose how late you will be.")
        return detail(request, visit, now=now, said=said, status=422)
    minutes = form.cleaned_data["minutes"]
    try:
        appointments.report_running_late(
            appointment_id=visit.pk, minutes=minutes, by=request.viewer, now=now
        )
    except rules.TransitionNotAllowed:
        said = _("The clinic no longer expects you for this visit. Please call us.")
        return detail(request, visit, now=now, said=said, status=409)
    messages.success(request, _("The clinic knows. Travel safely."))
    return redirect("scheduling:appointment_detail", visit.pk)


@access(Role.PATIENT)
@require_GET
def appointment_calendar(request: PersonRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """Hand out the visit as a calendar file; it says neither why nor with which specialty (N5)."""
    visit = own_visit_or_404(request, appointment_id)
    body = calendar.build_calendar(
        appointment=visit,
        method="PUBLISH",
        site_url=settings.SITE_URL,
        now=timezone.now(),
        viewer_tz=visit.patient.time_zone if visit.patient else "",
    )
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="visit.ics"'
    return response

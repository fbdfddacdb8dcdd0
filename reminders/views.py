"""The page behind the link of a message, and the ledger that staff open on an appointment."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinic.lib.htmx import render_page_or_partial
from clinic.people.permissions import PUBLIC, STAFF, access
from clinic.people.requests import PersonRequest
from clinic.people.viewer import Viewer
from clinic.scheduling import permissions, rules
from clinic.scheduling.choices import PATIENT_REASONS, CancellationReason
from clinic.scheduling.models import Appointment
from clinic.scheduling.services import appointments
from clinic.scheduling.services.locks import ScheduleBusy
from reminders import links, presenters, selectors


class UnknownAction(Exception):
    """The form was not ours."""


class HttpResponseSeeOther(HttpResponseRedirect):
    status_code = 303


@access(PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Show the visit of a link; only a POST changes anything, for mail scanners open links (N5)."""
    now = timezone.now()
    try:
        appointment, viewer = selectors.visit_behind_link(token=token, now=now)
    except links.LinkNotValid:
        return _over(request, "not-valid", status=404)
    except links.LinkExpired:
        return _over(request, "expired", status=410)
    except selectors.LinkOutdated:
        return _over(request, "outdated", status=410)
    if request.method != "POST":
        return _page(request, appointment, now=now)
    try:
        cancelled = _act(request, appointment, viewer, now=now)
    except UnknownAction:
        return _page(request, appointment, now=now, status=422)
    except rules.TooLateToCancel:
        return _page(request, appointment, now=now, status=409)
    except (rules.TransitionNotAllowed, permissions.NotAllowed, ScheduleBusy):
        problem = _("That did not work just now. Reload this page, or call us.")
        return _page(request, appointment, now=now, status=409, problem=problem)
    if cancelled:
        return _private(
            render(request, "reminders/link_cancelled.html", {"page": _visit(appointment, now=now)})
        )
    return _private(HttpResponseSeeOther(request.path))


def _act(request: HttpRequest, appointment: Appointment, by: Viewer, *, now: dt.datetime) -> bool:
    """Do what the pressed button says; return whether the visit is cancelled now."""
    action = request.POST.get("action", "")
    if action == "confirm":
        appointments.confirm_attendance(appointment_id=appointment.pk, by=by, now=now)
    elif action == "late":
        appointments.report_running_late(
            appointment_id=appointment.pk, minutes=_minutes(request), by=by, now=now
        )
    elif action in ("cancel", "cancel-late"):
        appointments.cancel_appointment(
            appointment_id=appointment.pk,
            by=by,
            reason=_reason(request),
            now=now,
            late=action == "cancel-late",
        )
        return True
    else:
        raise UnknownAction
    return False


def _minutes(request: HttpRequest) -> int:
    chosen = request.POST.get("minutes", "")
    if chosen not in {str(minutes) for minutes in presenters.LATE_CHOICES}:
        raise UnknownAction
    return int(chosen)


def _reason(request: HttpRequest) -> CancellationReason:
    chosen = request.POST.get("reason", CancellationReason.CANNOT_COME)
    if chosen not in PATIENT_REASONS:
        raise UnknownAction
    return CancellationReason(chosen)


def _visit(appointment: Appointment, *, now: dt.datetime) -> presenters.LinkPage:
    limits = appointments.parameters_of(appointment)
    return presenters.link_page(
        appointment,
        cancel_cutoff_minutes=limits.cancel_cutoff_minutes,
        move_cutoff_minutes=limits.move_cutoff_minutes,
        clinic_phone=settings.CLINIC_PHONE,
        now=now,
    )


def _page(
    request: HttpRequest,
    appointment: Appointment,
    *,
    now: dt.datetime,
    status: int = 200,
    problem: str = "",
) -> HttpResponse:
    context = {
        "page": _visit(appointment, now=now),
        "late_choices": presenters.LATE_CHOICES,
        "reasons": [(reason.value, reason.label) for reason in PATIENT_REASONS],
        "problem": problem,
    }
    return _private(render(request, "reminders/link.html", context, status=status))


def _over(request: HttpRequest, why: str, *, status: int) -> HttpResponse:
    return _private(render(request, "reminders/link_over.html", {"why": why}, status=status))


def _private(response: HttpResponse) -> HttpResponse:
    """Keep the address, which is a key, out of other sites' logs, search engines and caches.

    Not `no-referrer`: browsers then post with `Origin: null`, and the buttons would be refused.
    """
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "no-store"
    return response


@access(*STAFF)
@require_GET
def ledger(request: PersonRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """Show the appointment's messages to its doctor and the desk."""
    try:
        appointment, rows = selectors.ledger_for(
            appointment_id=appointment_id, viewer=request.viewer
        )
    except permissions.NotAllowed:
        raise Http404 from None
    lines = presenters.ledger_lines(appointment, rows)
    context = {
        "lines": lines,
        "appointment_id": appointment_id,
        "practitioner_id": appointment.practitioner_id,
        "date": appointment.local_date,
    }
    return render_page_or_partial(
        request, "reminders/ledger.html", "reminders/_ledger.html", context
    )

"""The day and week board of one doctor, and the clicks that take a visit on."""

from __future__ import annotations

import datetime as dt
import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinic.lib import times
from clinic.lib.htmx import wants_partial
from clinic.people.choices import Role
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.scheduling import permissions, rules
from clinic.scheduling.choices import AppointmentStatus
from clinic.scheduling.fragments import board as fragments
from clinic.scheduling.models import Appointment
from clinic.scheduling.presenters.board import board_url
from clinic.scheduling.selectors import board as selectors
from clinic.scheduling.services import appointments, claims, reading
from clinic.scheduling.services.locks import ScheduleBusy

STAFF = (Role.PRACTITIONER, Role.FRONT_DESK, Role.ADMINISTRATOR)


def sees_reasons(request: PersonRequest, practitioner_id: uuid.UUID) -> bool:
    """Only the doctor reads why a patient comes; the desk sees the kind of visit."""
    return bool(request.viewer.practitioner_id == practitioner_id)


@access(*STAFF)
@require_GET
def day_board(request: PersonRequest, practitioner_id: uuid.UUID, date: dt.date) -> HttpResponse:
    now = timezone.now()
    try:
        day = selectors.board_day(
            practitioner_id=practitioner_id, date=date, viewer=request.viewer, now=now
        )
    except permissions.NotAllowed:
        raise Http404 from None
    with_reason = sees_reasons(request, practitioner_id)
    board = fragments.render_day(day, now=now, with_reason=with_reason)
    kind = "board" if with_reason else "deskboard"
    live_topics = [(f"{kind}.{practitioner_id.hex}.{date.isoformat()}", board)]
    panel = None
    chosen = _chosen(request)
    if chosen is not None:
        reading.open_visit(appointment_id=chosen, by=request.viewer, now=now)
        panel = fragments.visit_panel(chosen, now=now, with_reason=with_reason)
        topic = "visit" if with_reason else "deskvisit"
        live_topics.append((f"{topic}.{chosen.hex}", panel))
    context = {
        "practitioner": day.practitioner,
        "date": date,
        "today": times.today(day.time_zone, now),
        "title": times.format_date(date),
        "previous": date - dt.timedelta(days=1),
        "following": date + dt.timedelta(days=1),
        "pieces": board.pieces,
        "panel": panel.pieces["visit-panel"] if panel else "",
        "chosen": chosen,
        "filters": day.filters,
        "live_topics": live_topics,
        "page_tz": day.time_zone,
        "own": with_reason,
    }
    return render(request, "scheduling/board.html", context)


def _chosen(request: PersonRequest) -> uuid.UUID | None:
    """Return the visit whose panel is open; one that is not to be seen is as good as none."""
    asked = request.GET.get("visit", "")
    if not asked:
        return None
    try:
        chosen = uuid.UUID(asked)
        selectors.visit_for_staff(appointment_id=chosen, viewer=request.viewer)
    except (ValueError, permissions.NotAllowed):
        raise Http404 from None
    return chosen


@access(*STAFF)
@require_GET
def week_board(request: PersonRequest, practitioner_id: uuid.UUID, date: dt.date) -> HttpResponse:
    now = timezone.now()
    try:
        whose = selectors.board_of(practitioner_id=practitioner_id, viewer=request.viewer)
    except permissions.NotAllowed:
        raise Http404 from None
    monday = date - dt.timedelta(days=date.isoweekday() - 1)
    with_reason = sees_reasons(request, practitioner_id)
    week = fragments.week_board(practitioner_id, monday, now=now, with_reason=with_reason)
    kind = "week" if with_reason else "deskweek"
    context = {
        "practitioner": whose.practitioner,
        "date": date,
        "today": times.today(whose.time_zone, now),
        "monday": monday,
        "sunday": monday + dt.timedelta(days=6),
        "previous": monday - dt.timedelta(days=7),
        "following": monday + dt.timedelta(days=7),
        "week": week.pieces["board-week"],
        "filters": selectors.week_filters(practitioner_id=practitioner_id),
        "live_topics": [(f"{kind}.{practitioner_id.hex}.{monday.isoformat()}", week)],
        "page_tz": whose.time_zone,
        "own": with_reason,
    }
    return render(request, "scheduling/week.html", context)


@access(*STAFF)
@require_POST
def appointment_status(request: PersonRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """One click: arrived, in room, seen, did not come; a request is accepted."""
    to_status = request.POST.get("to", "")
    if to_status not in AppointmentStatus.values:
        return _refused(request, _("That step does not exist."), status=422)
    now = timezone.now()
    try:
        if to_status == AppointmentStatus.BOOKED:
            visit = appointments.approve_request(
                appointment_id=appointment_id, by=request.viewer, now=now
            )
        else:
            visit = appointments.change_status(
                appointment_id=appointment_id, to_status=to_status, by=request.viewer, now=now
            )
    except permissions.NotAllowed:
        raise Http404 from None
    except rules.TransitionNotAllowed:
        return _refused(
            request,
            _("Somebody else has changed this visit already. The board shows how it stands now."),
        )
    except claims.SlotTaken:
        return _refused(request, _("The time has been given to somebody else meanwhile."))
    except ScheduleBusy:
        return _refused(request, _("The schedule is being changed right now. Press again."))
    said = _("%(name)s: %(status)s") % {
        "name": visit.patient.full_name if visit.patient else "",
        "status": AppointmentStatus(visit.status).label,
    }
    return _done(request, visit, said, can_undo=to_status != AppointmentStatus.BOOKED)


@access(*STAFF)
@require_POST
def appointment_undo(request: PersonRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """Take the last change of today back."""
    try:
        visit = appointments.undo_last_change(
            appointment_id=appointment_id, by=request.viewer, now=timezone.now()
        )
    except permissions.NotAllowed:
        raise Http404 from None
    except rules.NothingToUndo:
        return _refused(request, _("There is nothing of today to take back."))
    except (claims.SlotTaken, appointments.VersionConflict):
        return _refused(request, _("The time has been given to somebody else meanwhile."))
    except ScheduleBusy:
        return _refused(request, _("The schedule is being changed right now. Press again."))
    said = _("Taken back: %(status)s") % {"status": AppointmentStatus(visit.status).label}
    return _done(request, visit, said, can_undo=False)


def _done(request: PersonRequest, visit: Appointment, said: str, *, can_undo: bool) -> HttpResponse:
    if not wants_partial(request):
        messages.success(request, said)
        return redirect(board_url(visit.practitioner_id, visit.local_date))
    context = {"text": said, "undo_target": "#toasts"}
    if can_undo:
        context["undo_url"] = reverse("scheduling:appointment_undo", args=[visit.pk])
    return render(request, "components/_toast.html", context)


def _refused(request: PersonRequest, said: str, *, status: int = 409) -> HttpResponse:
    if not wants_partial(request):
        messages.warning(request, said)
        back = request.headers.get("Referer", "")
        local = back.startswith(f"{request.scheme}://{request.get_host()}/")
        return redirect(back if local else reverse("portal:home"))
    context = {"text": said, "icon": "circle-alert"}
    return render(request, "components/_toast.html", context, status=status)

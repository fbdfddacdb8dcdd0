"""Move an own visit: choose a time, look at it, confirm. The present time stays until then (P3)."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from clinic.lib import times
from clinic.lib.htmx import wants_partial
from clinic.people.choices import Role
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.scheduling import permissions, rules
from clinic.scheduling.forms import MoveForm, SlotQueryForm
from clinic.scheduling.models import Appointment
from clinic.scheduling.presenters import own_visit
from clinic.scheduling.presenters import review as review_words
from clinic.scheduling.presenters import visits as present
from clinic.scheduling.selectors import availability, practitioners
from clinic.scheduling.selectors import review as reads
from clinic.scheduling.services import appointments, claims, holds
from clinic.scheduling.services.locks import ScheduleBusy
from clinic.scheduling.views import book, live, lost
from clinic.scheduling.views.visitors import holder_of
from clinic.scheduling.views.visits import detail, own_visit_or_404


def _movable(
    request: PersonRequest, visit: Appointment, *, now: dt.datetime
) -> HttpResponse | None:
    """Return None for a visit that can be moved here, else the page that says why not."""
    limits = availability.parameters_of_visit(
        practitioner_id=visit.practitioner_id,
        visit_type_id=visit.visit_type_id,
        site_id=visit.site_id,
    )
    possible = own_visit.ways(visit, limits, now=now)
    if possible.can_move:
        return None
    said = possible.move_text if possible.can_cancel else _("This visit can no longer be moved.")
    return detail(request, visit, now=now, said=said, status=409)


@access(Role.PATIENT)
@require_GET
def appointment_move(request: PersonRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """Show the doctor's times for the same kind of visit, to choose another one."""
    visit, now = own_visit_or_404(request, appointment_id), timezone.now()
    refused = _movable(request, visit, now=now)
    if refused is not None:
        return refused
    form = SlotQueryForm(request.GET)
    if not form.is_valid():
        raise Http404
    bookable = practitioners.bookable_practitioner(
        viewer=request.viewer, practitioner_id=visit.practitioner_id
    )
    if bookable is None or visit.visit_type not in bookable.visit_types:
        said = _("This visit cannot be moved online. Please call us.")
        return detail(request, visit, now=now, said=said, status=409)
    today = times.today(visit.time_zone, now)
    data = form.cleaned_data
    chosen = book.placed(
        bookable, visit.visit_type, visit.modality, data["day"], data["since"], today
    )
    context = book.page(request, chosen, now=now)
    context["moving"] = present.visit(visit, now=now)
    return render(request, "scheduling/slot_list.html", context)


@access(Role.PATIENT)
@require_POST
def move_hold(request: PersonRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """Hold the new time and go on to the confirmation."""
    visit, now = own_visit_or_404(request, appointment_id), timezone.now()
    form = MoveForm(request.POST)
    if not form.is_valid():
        raise Http404
    wish = _wish(visit, form.cleaned_data["start"])
    holder = holder_of(request)
    assert holder is not None  # a patient always is one
    try:
        holds.hold_slot(holder=holder, wish=wish, now=now, created_by_id=request.viewer.user_id)
    except claims.AlreadyBooked as refusal:
        # A new time that overlaps the old one cannot be held beside it, and need not be.
        if not _overlaps(visit, wish.starts_at):
            return _refuse(request, refusal, wish, now=now)
    except (claims.SlotTaken, availability.NotOffered, ScheduleBusy) as refusal:
        return _refuse(request, refusal, wish, now=now)
    address = reverse("scheduling:move_review", args=[visit.pk])
    address = f"{address}?start={times.seconds(wish.starts_at)}"
    return HttpResponseClientRedirect(address) if wants_partial(request) else redirect(address)


def _refuse(
    request: PersonRequest, refusal: lost.Refusal, wish: claims.Wish, *, now: dt.datetime
) -> HttpResponse:
    refused, status = lost.explain(request, refusal, wish, now=now)
    return lost.answer(request, refused, status=status, wish=wish)


def _wish(visit: Appointment, starts_at: dt.datetime) -> claims.Wish:
    return claims.Wish(
        practitioner_id=visit.practitioner_id,
        visit_type_id=visit.visit_type_id,
        starts_at=starts_at,
        modality=visit.modality,
        for_patient=True,
        ignore_appointment_id=visit.pk,
    )


def _overlaps(visit: Appointment, starts_at: dt.datetime) -> bool:
    length = visit.ends_at - visit.starts_at
    return abs(starts_at - visit.starts_at) < length


@access(Role.PATIENT)
@require_http_methods(["GET", "POST"])
def move_review(request: PersonRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """Show the old and the new time (GET); move the visit (POST)."""
    visit, now = own_visit_or_404(request, appointment_id), timezone.now()
    form = MoveForm(request.POST if request.method == "POST" else request.GET)
    if not form.is_valid():
        raise Http404
    starts_at = form.cleaned_data["start"]
    if request.method == "GET":
        return _movable(request, visit, now=now) or _page(request, visit, starts_at, now=now)
    try:
        appointments.reschedule_appointment(
            appointment_id=visit.pk,
            starts_at=starts_at,
            by=request.viewer,
            now=now,
            version=form.cleaned_data["version"],
        )
    except (claims.SlotTaken, availability.NotOffered, ScheduleBusy) as refusal:
        refused, status = lost.explain(request, refusal, _wish(visit, starts_at), now=now)
        return _page(request, visit, starts_at, now=now, refused=refused, status=status)
    except (
        rules.TooLateToMove,
        rules.TooManyMoves,
        rules.TransitionNotAllowed,
        permissions.NotAllowed,
        appointments.VersionConflict,
    ):
        fresh = own_visit_or_404(request, appointment_id)
        said = _("This visit has changed meanwhile. Here is how it stands now.")
        return _movable(request, fresh, now=now) or detail(
            request, fresh, now=now, said=said, status=409
        )
    messages.success(request, _("Your visit has moved."))
    return redirect("scheduling:appointment_detail", visit.pk)


def _page(
    request: PersonRequest,
    visit: Appointment,
    starts_at: dt.datetime,
    *,
    now: dt.datetime,
    refused: Any = None,
    status: int = 200,
) -> HttpResponse:
    wished = reads.Wished(visit.practitioner_id, visit.visit_type_id, starts_at, visit.modality)
    plan = reads.plan(viewer=request.viewer, wished=wished, now=now)
    if plan is None:
        raise Http404
    own = live.own_state(request, now=now, only=("mine", "hold-line"))
    hold = own.state.hold if own.state else None
    context = {
        "visit": present.visit(visit, now=now),
        "version": visit.version,
        "start": times.seconds(starts_at),
        "planned": review_words.planned(plan, viewer_tz=request.user.time_zone, now=now),
        "held": hold is not None and hold.starts_at == starts_at,
        "refused": refused,
        "own": own.pieces,
        "live_topics": [own.topic] if own.topic else [],
    }
    return render(request, "scheduling/appointment_move.html", context, status=status)

"""What a person is told who cannot have the wished time: why, and what is free instead (C3)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.lib import times
from clinic.lib.htmx import wants_partial
from clinic.people.requests import PersonRequest
from clinic.people.viewer import VISITOR
from clinic.scheduling import availability as engine
from clinic.scheduling.fragments import slots as fragments
from clinic.scheduling.models import Appointment
from clinic.scheduling.presenters import lost_time as words
from clinic.scheduling.presenters.slots import LETTERS
from clinic.scheduling.selectors import board, slots, visits
from clinic.scheduling.selectors.availability import NotOffered
from clinic.scheduling.services import claims
from clinic.scheduling.services.locks import ScheduleBusy

Refusal = claims.SlotTaken | NotOffered | ScheduleBusy


def explain(
    request: PersonRequest, refusal: Refusal, wish: claims.Wish, *, now: dt.datetime
) -> tuple[words.Refused, int]:
    """Return the words for a refusal and the status of the answer."""
    if isinstance(refusal, NotOffered):
        return words.not_offered(), 422
    if isinstance(refusal, ScheduleBusy):
        return words.busy(), 409
    if isinstance(refusal, claims.AlreadyBooked):
        return _already_booked(request, wish), 409
    return taken(refusal, wish, now=now), 409


def taken(refusal: claims.SlotTaken, wish: claims.Wish, *, now: dt.datetime) -> words.Refused:
    nearest = nearest_free(wish, now=now)
    tz = nearest[0].time_zone if nearest else board.time_zone_of(wish.practitioner_id)
    time_text = times.format_clock(times.to_local(wish.starts_at, tz))
    return words.taken(refusal.refusal, time_text=time_text, nearest=nearest, now=now)


def nearest_free(wish: claims.Wish, *, now: dt.datetime) -> list[slots.FreeTime]:
    question = slots.Question(
        wish.practitioner_id,
        wish.visit_type_id,
        wish.modality,
        ignore_appointment_id=wish.ignore_appointment_id,
    )
    try:
        # A wish far outside of the calendar has no neighborhood.
        around = max(now, min(wish.starts_at, now + dt.timedelta(days=400)))
        return slots.nearest_free(viewer=VISITOR, question=question, around=around, now=now)
    except NotOffered:
        return []


def _already_booked(request: PersonRequest, wish: claims.Wish) -> words.Refused:
    visit = visits.visit_at(
        viewer=request.viewer,
        starts_at=wish.starts_at,
        ends_at=wish.starts_at + dt.timedelta(minutes=20),
    )
    href = reverse("scheduling:appointment_detail", args=[visit.pk]) if visit else ""
    return words.already_booked(visit, href)


def answer(
    request: PersonRequest, refused: words.Refused, *, status: int, wish: claims.Wish | None = None
) -> HttpResponse:
    """Answer a press on a time that could not be had: with a sheet, or a page of its own."""
    context: dict[str, Any] = {"refused": refused, "wish": wish, "grid": "", "grid_id": ""}
    if wish is not None:
        context |= {"type": wish.visit_type_id.hex, "how": LETTERS[wish.modality]}
        context["all_times"] = reverse("scheduling:slot_list", args=[wish.practitioner_id])
    if wants_partial(request):
        if wish is not None:
            context |= _grid(wish)
        return render(request, "scheduling/_slot_lost.html", context, status=status)
    return render(request, "scheduling/slot_lost.html", context, status=status)


def _grid(wish: claims.Wish) -> dict[str, str]:
    """Return the day as it is now, for a page whose socket is slower than its reader."""
    now = timezone.now()
    tz = board.time_zone_of(wish.practitioner_id)
    try:
        grid = fragments.slot_grid(
            practitioner_id=wish.practitioner_id,
            date=times.local_date(wish.starts_at, tz),
            visit_type_id=wish.visit_type_id,
            modality=wish.modality,
            now=now,
        )
    except NotOffered:
        return {}
    return {
        "grid": grid.container() if grid.container else "",
        "grid_id": grid.container_id or "",
    }


def ended(hold: Appointment, *, now: dt.datetime) -> dict[str, Any]:
    """Return what the sheet says whose hold has run out: the same time again, or the nearest."""
    wish = wish_of(hold)
    nearest = nearest_free(wish, now=now)
    free_again = any(free.starts_at == hold.starts_at for free in nearest)
    clock = times.format_clock(times.to_local(hold.starts_at, hold.time_zone))
    kept = 10 if hold.hold_extended else 5
    return {
        "title": _("We kept %(time)s for %(minutes)s minutes") % {"time": clock, "minutes": kept},
        "time": clock,
        "hold": hold,
        "start": times.seconds(hold.starts_at),
        "how": LETTERS[hold.modality],
        "free_again": free_again,
        "refused": words.taken(engine.Refusal.TAKEN, time_text=clock, nearest=nearest, now=now),
    }


def wish_of(hold: Appointment) -> claims.Wish:
    return claims.Wish(
        practitioner_id=hold.practitioner_id,
        visit_type_id=hold.visit_type_id,
        starts_at=hold.starts_at,
        modality=hold.modality,
        for_patient=True,
    )

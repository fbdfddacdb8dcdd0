"""Home: where somebody lands, by what they are to the clinic."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from clinic.lib import times
from clinic.people import selectors as people
from clinic.people.choices import ProxyScope, Role
from clinic.people.models import Patient
from clinic.people.permissions import PUBLIC, access
from clinic.people.requests import PersonRequest
from clinic.people.viewer import Proxy, Viewer
from clinic.records.presenters.note_editor import window_text
from clinic.records.services import follow_ups
from clinic.scheduling.fragments import mine
from clinic.scheduling.presenters import own_visit
from clinic.scheduling.selectors import board
from clinic.scheduling.selectors import visits as reads
from clinic.scheduling.views import live

CLINIC_ZONE = "UTC"


class Place(NamedTuple):
    """A page of a role, for those who have several."""

    address: str
    icon: str
    label: str


@access(PUBLIC)
@require_GET
def home(request: PersonRequest) -> HttpResponse:
    """Show a visitor the clinic and a patient the next visit; take staff to their work.

    Who works here and is a patient too starts at work; `?as=patient` is the other side.
    """
    viewer = request.viewer
    if viewer.user_id is None:
        return render(request, "portal/landing.html")
    now = timezone.now()
    if people.waits_for_approval(viewer=viewer):
        return redirect("people:waiting")
    if viewer.proxy is not None and not viewer.proxy.may(ProxyScope.VISITS):
        return redirect(_without_visits(viewer.proxy))
    if viewer.is_patient and (not viewer.is_staff or request.GET.get("as") == "patient"):
        return _patient_home(request, viewer, now=now)
    place = next(_places(viewer, now=now), None)
    return redirect(place.address if place else "people:account")


def _without_visits(proxy: Proxy) -> str:
    """Return where a carer starts whose grant leaves the visits out."""
    if proxy.may(ProxyScope.RECORD_READ):
        return reverse("records:overview", args=[proxy.patient_id])
    return reverse("people:acting_for")


def _places(viewer: Viewer, *, now: dt.datetime) -> Iterator[Place]:
    """Yield the work places of a person, the one that is looked at most often first."""
    if viewer.practitioner_id is not None:
        today = times.today(board.time_zone_of(viewer.practitioner_id), now)
        address = _address("scheduling:day_board", viewer.practitioner_id, today)
        if address:
            yield Place(address, "calendar-clock", _("Your day as a doctor"))
    if viewer.runs_the_desk and (address := _address("scheduling:desk")):
        yield Place(address, "layout-grid", _("Front desk"))
    if viewer.has(Role.ADMINISTRATOR) and (address := _address("people:approval_list")):
        yield Place(address, "user-check", _("People"))


def _address(name: str, *args: object) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def _patient_home(request: PersonRequest, viewer: Viewer, *, now: dt.datetime) -> HttpResponse:
    patient = people.own_patient(viewer=viewer)
    own = live.own_state(request, now=now, only=mine.PIECES)
    tz = getattr(request.user, "time_zone", "") or CLINIC_ZONE
    context = {
        "greeting": _headline(viewer, patient, times.to_local(now, tz).hour),
        "patient": patient,
        "has_record": viewer.proxy is None or viewer.proxy.may(ProxyScope.RECORD_READ),
        "own": own.pieces,
        "tasks": [
            *_tasks(patient, own.state, now=now, is_own=viewer.proxy is None),
            *_follow_ups(viewer, now=now),
        ],
        "places": list(_places(viewer, now=now)) if viewer.is_staff else [],
        "live_topics": [own.topic] if own.topic else [],
    }
    return render(request, "portal/home.html", context)


def _headline(viewer: Viewer, patient: Patient | None, hour: int) -> str:
    if viewer.proxy is not None:
        return _("Visits of %(name)s") % {"name": viewer.proxy.patient_name}
    return _greeting(patient, hour)


def _greeting(patient: Patient | None, hour: int) -> str:
    name = patient.given_name if patient else ""
    if hour < 5 or hour >= 17:
        words = _("Good evening, %(name)s")
    else:
        words = _("Good morning, %(name)s") if hour < 12 else _("Good afternoon, %(name)s")
    return words % {"name": name}


class Task(NamedTuple):
    """Something for the patient to do."""

    href: str
    icon: str
    tone: str
    title: str
    text: str


def _follow_ups(viewer: Viewer, *, now: dt.datetime) -> Iterator[Task]:
    """Yield the visits that a doctor wants the patient to book, each with the way to its times."""
    for row in follow_ups.follow_ups_to_book(viewer=viewer, now=now):
        address = _address("scheduling:slot_list", row.practitioner_id)
        yield Task(
            f"{address}?type={row.visit_type_id}&since={row.due_from.isoformat()}",
            "calendar-plus",
            "yours",
            _("Book your follow-up"),
            f"{row.visit_type.name}, {row.practitioner.short_name}, {window_text(row)}",
        )


def _tasks(
    patient: Patient | None,
    state: reads.HolderState | None,
    *,
    now: dt.datetime,
    is_own: bool,
) -> list[Task]:
    tasks = []
    for visit in state.visits if state else ():
        if own_visit.asks_to_confirm(visit, now=now):
            when = times.format_visit_time(visit.starts_at, visit.ends_at, visit.time_zone)
            tasks.append(
                Task(
                    reverse("scheduling:appointment_detail", args=[visit.pk]),
                    "calendar-check",
                    "wait",
                    _("Confirm that you will come"),
                    f"{when.date_text}, {when.starts_text}, {visit.practitioner.short_name}",
                )
            )
    if is_own and patient is not None and patient.birth_date is None:
        tasks.append(
            Task(
                reverse("people:profile"),
                "clipboard-list",
                "none",
                _("Complete your details"),
                _("About two minutes. Then nobody has to ask you at the desk."),
            )
        )
    return tasks

"""The front desk: today's doctors, finding a patient, booking for somebody on the phone."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinic.lib import times
from clinic.lib.htmx import render_page_or_partial
from clinic.people.choices import Role
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.scheduling import permissions
from clinic.scheduling.presenters.board import board_url
from clinic.scheduling.presenters.refusals import refusal_text
from clinic.scheduling.selectors import board as boards
from clinic.scheduling.selectors import desk as selectors
from clinic.scheduling.selectors import slots
from clinic.scheduling.selectors.availability import NotOffered
from clinic.scheduling.services import booking, claims
from clinic.scheduling.services.locks import ScheduleBusy
from clinic.scheduling.staff_forms import BookForCallerForm

DESK = (Role.FRONT_DESK, Role.ADMINISTRATOR)
STAFF = (Role.PRACTITIONER, *DESK)
LONGEST_QUERY = 100


def asked_for(request: PersonRequest) -> str:
    """Return what was searched for, without what a database cannot hold."""
    return request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_QUERY]


@access(*DESK)
@require_GET
def desk(request: PersonRequest) -> HttpResponse:
    context = {"sites": selectors.sites_today(viewer=request.viewer, now=timezone.now())}
    return render(request, "scheduling/desk.html", context)


@access(*DESK)
@require_GET
def patient_search(request: PersonRequest) -> HttpResponse:
    query = asked_for(request)
    context = {
        "query": query,
        "patients": selectors.patients_matching(query=query, viewer=request.viewer),
    }
    return render_page_or_partial(
        request, "scheduling/patients.html", "scheduling/_patient_results.html", context
    )


@access(*DESK)
@require_GET
def patient_detail(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponse:
    try:
        patient = selectors.patient_for_desk(patient_id=patient_id, viewer=request.viewer)
    except permissions.NotAllowed:
        raise Http404 from None
    now = timezone.now()
    visits = selectors.visits_of_patient(patient_id=patient_id, viewer=request.viewer)
    context = {
        "patient": patient,
        "upcoming": [visit for visit in reversed(visits) if visit.ends_at > now],
        "past": [visit for visit in visits if visit.ends_at <= now],
        "sites": selectors.sites_today(viewer=request.viewer, now=now),
    }
    return render(request, "scheduling/patient.html", context)


@access(*STAFF)
@require_http_methods(["GET", "HEAD", "POST"])
def book_for_caller(request: PersonRequest, practitioner_id: uuid.UUID) -> HttpResponse:
    """Choose the patient (`q`, `patient`), then time and kind; the service decides."""
    try:
        whose = boards.board_of(practitioner_id=practitioner_id, viewer=request.viewer)
    except permissions.NotAllowed:
        raise Http404 from None
    practitioner, zone = whose.practitioner, whose.time_zone
    patient = _patient(request)
    context: dict[str, Any] = {"practitioner": practitioner, "zone": zone, "patient": patient}
    if patient is None:
        query = asked_for(request)
        context |= {
            "query": query,
            "patients": selectors.patients_matching(query=query, viewer=request.viewer),
            "date": request.GET.get("date", ""),
            "time": request.GET.get("time", ""),
            "back": request.get_full_path(),
        }
        return render(request, "scheduling/book_for_caller.html", context)
    form = BookForCallerForm(
        request.POST or None,
        offerings=boards.offerings_of(practitioner_id=practitioner_id),
        initial={
            "patient": patient.pk,
            "idempotency_key": uuid.uuid4(),
            "date": request.GET.get("date"),
            "time": request.GET.get("time"),
        },
    )
    context["form"] = form
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "scheduling/book_for_caller.html", context, status=status)
    return _book(request, form, context)


def _patient(request: PersonRequest) -> Any:
    asked = request.POST.get("patient") or request.GET.get("patient")
    if not asked:
        return None
    try:
        return selectors.patient_for_desk(patient_id=uuid.UUID(asked), viewer=request.viewer)
    except (ValueError, permissions.NotAllowed):
        raise Http404 from None


def _book(request: PersonRequest, form: BookForCallerForm, context: dict[str, Any]) -> HttpResponse:
    answers = form.cleaned_data
    practitioner_id = context["practitioner"].pk
    starts_at = times.to_instant(answers["date"], answers["time"], context["zone"])
    order = booking.Order(
        wish=claims.Wish(
            practitioner_id=practitioner_id,
            visit_type_id=answers["visit_type"],
            starts_at=starts_at,
            modality=answers["modality"],
            for_patient=False,
        ),
        patient_id=context["patient"].pk,
        idempotency_key=answers["idempotency_key"],
        notes=answers["notes"],
    )
    try:
        visit = booking.book_appointment(order=order, by=request.viewer, now=timezone.now())
    except permissions.NotAllowed:
        raise Http404 from None
    except claims.AlreadyBooked:
        form.add_error("time", _("This patient has another visit at that time."))
    except claims.SlotTaken as taken:
        form.add_error("time", refusal_text(taken.refusal))
    except NotOffered:
        form.add_error("modality", _("The doctor does not offer this kind of visit that way."))
    except ScheduleBusy:
        form.add_error(None, _("The schedule is being changed right now. Press again."))
    except booking.KeyReused:
        form.add_error(None, _("This page was used for another booking. Open it again."))
    else:
        said = times.format_visit_time(visit.starts_at, visit.ends_at, visit.time_zone)
        messages.success(
            request,
            _("%(name)s is booked: %(time)s")
            % {"name": context["patient"].full_name, "time": said.text},
        )
        return redirect(f"{board_url(practitioner_id, visit.local_date)}?visit={visit.pk}#patient")
    context["alternatives"] = _alternatives(request, order.wish, context["zone"])
    return render(request, "scheduling/book_for_caller.html", context, status=409)


def _alternatives(request: PersonRequest, wish: claims.Wish, zone: str) -> list[dict[str, str]]:
    """Return the three nearest free times as values of the form's fields and words (C3)."""
    question = slots.Question(
        wish.practitioner_id, wish.visit_type_id, wish.modality, for_patient=False
    )
    try:
        found = slots.nearest_free(
            viewer=request.viewer, question=question, around=wish.starts_at, now=timezone.now()
        )
    except NotOffered:
        return []
    local = [times.to_local(free.starts_at, zone) for free in found]
    return [
        {
            "date": at.date().isoformat(),
            "time": f"{at:%H:%M}",
            "label": f"{times.format_date(at.date())}, {times.format_clock(at)}",
        }
        for at in local
    ]

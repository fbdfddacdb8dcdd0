"""A record at a glance: the overview page, and the summary beside the doctor's board."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic.lib.htmx import wants_partial
from clinic.people.choices import Role
from clinic.people.permissions import NotAllowed, access
from clinic.people.requests import PersonRequest
from clinic.records.presenters.overview import overview
from clinic.records.selectors import overview as selectors
from clinic.records.services.reading import opened_record
from clinic.records.views.measurements import reader_of
from clinic.records.views.shell import record_context, render_record
from clinic.scheduling.selectors.board import visit_for_staff


@access(Role.PATIENT, Role.PRACTITIONER)
@require_safe
def record_overview(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Show one record at a glance."""
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="overview", now=timezone.now()
    ) as opened:
        reader = reader_of(request, opened)
        glance = selectors.overview_glance(access=opened, tz=reader.tz)
        context = {"overview": overview(glance=glance, access=opened, reader=reader)}
        return render_record(request, opened, "records/overview/page.html", context, tab="overview")


@access(Role.PRACTITIONER)
@require_safe
def record_summary(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Show what a doctor reads before a visit: a piece for the board, a page to print otherwise."""
    now = timezone.now()
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="summary", now=now
    ) as opened:
        reader = reader_of(request, opened)
        glance = selectors.summary_glance(access=opened, tz=reader.tz, now=now)
        context = {"overview": overview(glance=glance, access=opened, reader=reader)}
        if wants_partial(request):
            shown = record_context(request, opened, tab="overview") | context
            response = render(request, "records/overview/_summary.html", shown)
            response["Cache-Control"] = "no-store"
            return response
        return render_record(
            request, opened, "records/overview/summary.html", context, tab="overview"
        )


@access(Role.PRACTITIONER)
@require_safe
def visit_summary(request: PersonRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """Show the summary of the patient who comes for a visit of the own day."""
    visit = visit_for_staff(appointment_id=appointment_id, viewer=request.viewer)
    if visit.patient_id is None:
        raise NotAllowed("summary of a hold")
    return record_summary(request, visit.patient_id)

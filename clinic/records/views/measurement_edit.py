"""Add a measurement, correct one, mark one as a mistake. As a sheet over the page, or as a page."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from clinic.lib.htmx import wants_partial
from clinic.people.choices import Role, Units
from clinic.people.permissions import NotAllowed, access
from clinic.people.requests import PersonRequest
from clinic.records.forms.measurements import MeasurementForm
from clinic.records.models import Observation
from clinic.records.permissions import RecordAccess
from clinic.records.presenters import observations as presenters
from clinic.records.rules import observations as rules
from clinic.records.rules.values import numbers_of
from clinic.records.selectors import observations as selectors
from clinic.records.selectors.clinic import clinic_zone
from clinic.records.services import observations as services
from clinic.records.services.reading import opened_record
from clinic.records.services.writing import ChangedMeanwhile
from clinic.records.views.measurements import kind_or_404
from clinic.records.views.shell import render_record

METHODS = ["GET", "HEAD", "POST"]


@access(Role.PATIENT, Role.PRACTITIONER)
@require_http_methods(METHODS)
def measurement_new(request: PersonRequest, patient_id: uuid.UUID, measure: str) -> HttpResponse:
    """Add one measurement: the form opens on its first number, with the time filled in."""
    kind, now, tz = kind_or_404(measure), timezone.now(), clinic_zone()
    if kind.derived:
        raise Http404
    form = _form(request, kind, tz, MeasurementForm.initial_at(now, tz))
    if request.method == "POST" and form.is_valid():
        try:
            services.record_observation(
                by=request.viewer, patient_id=patient_id, reading=form.reading(), now=now
            )
        except (rules.ReadingRefused, rules.ReadingDoubted) as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Your reading is saved."))
            return _onward(request, patient_id, kind)
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="measurements", now=now
    ) as opened:
        if not opened.may_write:
            raise NotAllowed("writing into the record")
        return _form_page(request, opened, form, {"kind": kind})


@access(Role.PATIENT, Role.PRACTITIONER)
@require_http_methods(METHODS)
def measurement_edit(
    request: PersonRequest, patient_id: uuid.UUID, observation_id: uuid.UUID
) -> HttpResponse:
    """Correct one measurement."""
    now, tz = timezone.now(), clinic_zone()
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="measurements", now=now
    ) as opened:
        row = selectors.observation(access=opened, observation_id=observation_id)
        if not services.can_change(access=opened, row=row):
            raise NotAllowed("measurement of somebody else")
        kind = rules.KINDS[rules.KIND_OF_CODE[row.coded.code]]
        form = _form(request, kind, tz, _initial(kind, row, Units(request.user.units), tz))
        context = {"kind": kind, "row": row, "version": row.version}
        if request.method != "POST" or not form.is_valid():
            return _form_page(request, opened, form, context)
    try:
        _change(request, row, form, now)
    except (rules.ReadingRefused, rules.ReadingDoubted) as refusal:
        form.refuse(refusal)
    except ChangedMeanwhile:
        context["conflict"] = True
    else:
        messages.success(request, _("The reading is corrected."))
        return _onward(request, patient_id, kind)
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="measurements", now=now
    ) as opened:
        return _form_page(request, opened, form, context)


def _change(
    request: PersonRequest, row: Observation, form: MeasurementForm, now: dt.datetime
) -> None:
    services.change_observation(
        by=request.viewer,
        patient_id=row.patient_id,
        observation_id=row.pk,
        reading=form.reading(),
        now=now,
        version=_version(request),
    )


@access(Role.PATIENT, Role.PRACTITIONER)
@require_http_methods(METHODS)
def measurement_mistake(
    request: PersonRequest, patient_id: uuid.UUID, observation_id: uuid.UUID
) -> HttpResponse:
    """Ask, then take one value out of lists and charts."""
    now = timezone.now()
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="measurements", now=now
    ) as opened:
        row = selectors.observation(access=opened, observation_id=observation_id)
        if not services.can_withdraw(access=opened, row=row):
            raise NotAllowed("measurement of somebody else")
        if request.method != "POST":
            return _mistake_page(request, opened, row)
    try:
        services.mark_mistaken(
            by=request.viewer,
            patient_id=patient_id,
            observation_id=observation_id,
            now=now,
            version=_version(request),
        )
    except ChangedMeanwhile:
        messages.error(request, _("This reading was changed meanwhile. Look at it again."))
    else:
        messages.success(request, _("The reading is marked as a mistake."))
    return _onward(request, patient_id, _kind_of(row))


def _form(
    request: PersonRequest, kind: rules.Kind, tz: str, initial: dict[str, Any]
) -> MeasurementForm:
    data = request.POST if request.method == "POST" else None
    units = Units(request.user.units)
    return MeasurementForm(data, kind=kind, units=units, tz=tz, initial=initial)


def _initial(kind: rules.Kind, row: Observation, units: Units, tz: str) -> dict[str, Any]:
    numbers = numbers_of(value=row.value, kind=kind)
    if numbers is None:
        return MeasurementForm.initial_at(row.effective_at, tz) | {"note": row.note}
    return MeasurementForm.initial_of(
        kind=kind, numbers=numbers, units=units, tz=tz, at=row.effective_at, note=row.note
    )


def _version(request: PersonRequest) -> int | None:
    told = request.POST.get("version", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else None


def _form_page(
    request: PersonRequest, opened: RecordAccess, form: MeasurementForm, context: dict[str, Any]
) -> HttpResponse:
    conflict = context.get("conflict", False)
    status = 409 if conflict else 422 if form.errors else 200
    shown = context | {"form": form, "numbers": [form[name] for name in form.number_names]}
    return _sheet_or_page(request, opened, "form", shown, status)


def _mistake_page(request: PersonRequest, opened: RecordAccess, row: Observation) -> HttpResponse:
    kind = _kind_of(row)
    units = Units(request.user.units)
    quantity = presenters.said(kind=kind.slug, row=row, units=units) if kind else None
    context = {"row": row, "kind": kind, "quantity": quantity, "tz": clinic_zone()}
    return _sheet_or_page(request, opened, "mistake", context, 200)


def _sheet_or_page(
    request: PersonRequest, opened: RecordAccess, name: str, context: dict[str, Any], status: int
) -> HttpResponse:
    """Render the sheet's content for htmx, the same inside a page otherwise."""
    folder, context = "records/measurements", context | {"patient_id": opened.patient_id}
    if wants_partial(request):
        sheet = context | {"in_sheet": True}
        response = render(request, f"{folder}/_{name}.html", sheet, status=status)
        response["Cache-Control"] = "no-store"
    else:
        page = f"{folder}/{name}.html"
        response = render_record(
            request, opened, page, context, tab="measurement_list", status=status
        )
    patch_vary_headers(response, ["HX-Request"])
    return response


def _kind_of(row: Observation) -> rules.Kind | None:
    return rules.KINDS.get(rules.KIND_OF_CODE.get(row.coded.code, ""))


def _onward(request: PersonRequest, patient_id: uuid.UUID, kind: rules.Kind | None) -> HttpResponse:
    """Go to the series, as a page of its own."""
    path = (
        reverse("records:measurement_detail", args=[patient_id, kind.slug])
        if kind
        else reverse("records:measurement_list", args=[patient_id])
    )
    return HttpResponseClientRedirect(path) if wants_partial(request) else redirect(path)

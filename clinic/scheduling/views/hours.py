"""A doctor's own hours: week, single dates, absences; visits a change would strand come first."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from clinic.lib import times
from clinic.lib.htmx import wants_partial
from clinic.people.choices import Role
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.scheduling import permissions
from clinic.scheduling.choices import WindowKind
from clinic.scheduling.models import Appointment
from clinic.scheduling.presenters.hours import present_week_hours
from clinic.scheduling.selectors import hours as selectors
from clinic.scheduling.services import schedule
from clinic.scheduling.services.locks import ScheduleBusy
from clinic.scheduling.staff_forms import AbsenceForm, DateForm, PlausibleDateField
from clinic.scheduling.week_form import Choices, WeekForm

EDITORS = (Role.PRACTITIONER, Role.ADMINISTRATOR)


def decisions_from(request: PersonRequest) -> dict[uuid.UUID, str]:
    """Return what was decided for each stranded visit: fields named `visit-<id>`."""
    found: dict[uuid.UUID, str] = {}
    for name, value in request.POST.items():
        if name.startswith("visit-"):
            try:
                found[uuid.UUID(name.removeprefix("visit-"))] = str(value)
            except ValueError:
                continue
    return found


def _today(practitioner_id: uuid.UUID) -> dt.date:
    return selectors.practice_today(practitioner_id=practitioner_id, now=timezone.now())


def _hours(request: PersonRequest, practitioner_id: uuid.UUID, on: dt.date) -> selectors.Hours:
    try:
        return selectors.hours_of(
            practitioner_id=practitioner_id, on=on, now=timezone.now(), viewer=request.viewer
        )
    except permissions.NotAllowed:
        raise Http404 from None


def _choices(hours: selectors.Hours) -> Choices:
    rooms = selectors.rooms_by_site()
    return Choices(
        sites={str(site.pk): site.name for site in hours.sites},
        visit_types={str(one.visit_type_id): one.visit_type.name for one in hours.offerings},
        rooms={
            str(site_id): [(str(room.pk), room.name) for room in of]
            for site_id, of in rooms.items()
        },
    )


@access(*EDITORS)
@require_http_methods(["GET", "HEAD", "POST"])
def hours_edit(request: PersonRequest, practitioner_id: uuid.UUID) -> HttpResponse:
    """Edit the week. Buttons: add, remove (re-draw), preview, publish."""
    today = _today(practitioner_id)
    valid_from, date_error = _valid_from(request, today)
    hours = _hours(request, practitioner_id, max(valid_from, today))
    choices = _choices(hours)
    if request.method != "POST":
        form = WeekForm.stored(hours.weekly, choices=choices)
        form.is_valid()
        return _page(request, hours, form, valid_from)
    form = WeekForm.posted(request.POST, choices=choices)
    if not form.is_valid() or date_error:
        return _page(request, hours, form, valid_from, date_error=date_error, status=422)
    week: dict[str, Any] = {
        "practitioner_id": practitioner_id,
        "windows": form.windows,
        "valid_from": valid_from,
        "by": request.viewer,
        "now": timezone.now(),
    }
    if request.POST.get("do") != "publish":
        return _page(
            request, hours, form, valid_from, schedule.preview(schedule.publish_week, **week)
        )
    try:
        schedule.publish_week(**week, decisions=decisions_from(request))
    except schedule.VisitsStranded as refusal:
        return _page(request, hours, form, valid_from, refusal.appointments, status=409)
    except ScheduleBusy:
        messages.warning(request, _("Somebody is booking right now. Press once more."))
        return _page(request, hours, form, valid_from, status=409)
    messages.success(
        request, _("The new hours stand from %(date)s.") % {"date": times.format_date(valid_from)}
    )
    return redirect("scheduling:hours_edit", practitioner_id)


def _valid_from(request: PersonRequest, today: dt.date) -> tuple[dt.date, str]:
    """Return the date the week shall stand from; today at the earliest."""
    asked = request.POST.get("valid_from") or request.GET.get("from")
    if not asked:
        return today, ""
    try:
        date = PlausibleDateField().clean(asked)
    except ValidationError:
        return today, _("Check the day.")
    if date < today:
        return today, _("Hours of the past stay as they were. Choose today or later.")
    return date, ""


def _page(
    request: PersonRequest,
    hours: selectors.Hours,
    form: WeekForm,
    valid_from: dt.date,
    stranded: Sequence[Appointment] = (),
    *,
    date_error: str = "",
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    decided = decisions_from(request)
    context = {
        "hours": hours,
        "practitioner": hours.practitioner,
        "form": form,
        "valid_from": valid_from,
        "date_error": date_error,
        "stranded": [(visit, decided.get(visit.pk, "")) for visit in stranded],
        "week": present_week_hours(
            windows=form.windows, visit_minutes=hours.visit_minutes, stranded=stranded
        ),
        "absence_form": AbsenceForm(prefix="absence"),
        "date_form": DateForm(sites=hours.sites, prefix="date"),
        "zone": hours.time_zone,
        "page_tz": hours.time_zone,
    } | more
    partial = wants_partial(request)
    template = "scheduling/_hours_form.html" if partial else "scheduling/hours.html"
    return render(request, template, context, status=status)


@access(*EDITORS)
@require_POST
def absence_add(request: PersonRequest, practitioner_id: uuid.UUID) -> HttpResponse:
    hours = _hours(request, practitioner_id, _today(practitioner_id))
    form = AbsenceForm(request.POST, prefix="absence")
    span = form.span(hours.time_zone) if form.is_valid() else None
    if span is None:
        return _refused(request, hours, absence_form=form)
    try:
        schedule.add_absence(
            practitioner_id=practitioner_id,
            starts_at=span[0],
            ends_at=span[1],
            public_reason=form.cleaned_data["public_reason"],
            decisions=decisions_from(request),
            by=request.viewer,
            now=timezone.now(),
        )
    except schedule.VisitsStranded as refusal:
        return _refused(request, hours, refusal.appointments, absence_form=form, status=409)
    except ScheduleBusy:
        form.add_error(None, _("Somebody is booking right now. Press once more."))
        return _refused(request, hours, absence_form=form, status=409)
    messages.success(request, _("Saved. Nobody can book that time any more."))
    return redirect("scheduling:hours_edit", practitioner_id)


@access(*EDITORS)
@require_POST
def date_set(request: PersonRequest, practitioner_id: uuid.UUID) -> HttpResponse:
    """Give one date its own hours, or extra ones, or close it."""
    hours = _hours(request, practitioner_id, _today(practitioner_id))
    form = DateForm(request.POST, sites=hours.sites, prefix="date")
    if not form.is_valid():
        return _refused(request, hours, date_form=form)
    try:
        schedule.set_date_windows(
            practitioner_id=practitioner_id,
            date=form.cleaned_data["date"],
            kind=WindowKind(form.cleaned_data["kind"]),
            windows=form.windows(),
            site_id=form.cleaned_data["site"],
            decisions=decisions_from(request),
            by=request.viewer,
            now=timezone.now(),
        )
    except schedule.VisitsStranded as refusal:
        return _refused(request, hours, refusal.appointments, date_form=form, status=409)
    except ScheduleBusy:
        form.add_error(None, _("Somebody is booking right now. Press once more."))
        return _refused(request, hours, date_form=form, status=409)
    messages.success(request, _("Saved."))
    return redirect("scheduling:hours_edit", practitioner_id)


def _refused(
    request: PersonRequest,
    hours: selectors.Hours,
    stranded: Sequence[Appointment] = (),
    *,
    status: int = 422,
    **forms: Any,
) -> HttpResponse:
    """Draw the page again with the refused form as typed; its visits are decided in that form."""
    week = WeekForm.stored(hours.weekly, choices=_choices(hours))
    week.is_valid()
    context = {"decide": [(visit, "") for visit in stranded], **forms}
    return _page(request, hours, week, _today(hours.practitioner.pk), status=status, **context)


@access(*EDITORS)
@require_POST
def absence_remove(request: PersonRequest, absence_id: uuid.UUID) -> HttpResponse:
    try:
        practitioner_id = schedule.remove_absence(
            absence_id=absence_id, by=request.viewer, now=timezone.now()
        )
    except permissions.NotAllowed:
        raise Http404 from None
    messages.success(request, _("The time can be booked again."))
    return redirect("scheduling:hours_edit", practitioner_id)


@access(*EDITORS)
@require_POST
def date_remove(
    request: PersonRequest, practitioner_id: uuid.UUID, date: dt.date, kind: str
) -> HttpResponse:
    if kind not in WindowKind.values:
        raise Http404
    _hours(request, practitioner_id, _today(practitioner_id))  # 404 for a doctor who does not exist
    try:
        schedule.remove_date_windows(
            practitioner_id=practitioner_id,
            date=date,
            kind=WindowKind(kind),
            decisions=decisions_from(request),
            by=request.viewer,
            now=timezone.now(),
        )
    except permissions.NotAllowed:
        raise Http404 from None
    except schedule.VisitsStranded as refusal:
        count = len(refusal.appointments)
        messages.warning(
            request,
            ngettext(
                "%(count)d visit is booked in these hours. Move or cancel it first.",
                "%(count)d visits are booked in these hours. Move or cancel them first.",
                count,
            )
            % {"count": count},
        )
        return redirect("scheduling:hours_edit", practitioner_id)
    messages.success(request, _("The weekly hours stand again on that day."))
    return redirect("scheduling:hours_edit", practitioner_id)

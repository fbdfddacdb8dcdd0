"""Measurements: all at a glance, one series with its chart, the choice of units."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinic.lib import times
from clinic.people.choices import Role, Units
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.people.services.profiles import choose_units
from clinic.records.forms.measurements import PeriodForm
from clinic.records.permissions import RecordAccess
from clinic.records.presenters import measurement_page, measures
from clinic.records.presenters import observations as presenters
from clinic.records.presenters.measures import Entry, Measure
from clinic.records.presenters.observations import Reader
from clinic.records.rules import observations as rules
from clinic.records.selectors import observations as selectors
from clinic.records.selectors.clinic import zone_and_birth_date
from clinic.records.services.reading import opened_record
from clinic.records.views.shell import render_record

READINGS_A_PAGE = 15
Since = dt.datetime | None


@access(Role.PATIENT, Role.PRACTITIONER)
@require_safe
def measurement_list(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Show every kind with its newest value, and the newest laboratory values."""
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="measurements", now=timezone.now()
    ) as opened:
        reader = reader_of(request, opened)
        recent = selectors.recent(access=opened)
        context = {
            "tiles": presenters.tiles(recent=recent, reader=reader),
            "missing": [
                kind
                for kind in rules.KINDS.values()
                if not kind.derived and kind.slug not in recent
            ],
            "groups": presenters.other_groups(
                rows=selectors.other_values(access=opened), reader=reader
            ),
            "units": reader.units,
        }
        return render_record(
            request, opened, "records/measurements/list.html", context, tab="measurement_list"
        )


@access(Role.PATIENT, Role.PRACTITIONER)
@require_safe
def measurement_detail(request: PersonRequest, patient_id: uuid.UUID, measure: str) -> HttpResponse:
    """Show one kind of measurement over time."""
    kind = kind_or_404(measure)
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="measurements", now=timezone.now()
    ) as opened:
        reader = reader_of(request, opened)
        shown = measures.measure_of(kind=kind, units=reader.units)
        context = {"kind": kind, "can_add": not kind.derived and opened.may_write}
        return _series(request, opened, reader, shown, _of_kind(opened, kind), context)


@access(Role.PATIENT, Role.PRACTITIONER)
@require_safe
def measurement_like(
    request: PersonRequest, patient_id: uuid.UUID, observation_id: uuid.UUID
) -> HttpResponse:
    """Show all values of the code that one value has: the address names the row, not the code."""
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="measurements", now=timezone.now()
    ) as opened:
        row = selectors.observation(access=opened, observation_id=observation_id)
        reader = reader_of(request, opened)

        rows = selectors.series_like(access=opened, row=row)
        entries = measures.entries_as_sent(rows=rows)
        return _series(request, opened, reader, measures.measure_like(row=row), entries, {})


@access(Role.PATIENT, Role.PRACTITIONER)
@require_POST
def measurement_units(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Choose the units in which this account reads and types measurements."""
    now = timezone.now()
    with opened_record(viewer=request.viewer, patient_id=patient_id, what="measurements", now=now):
        if request.POST.get("units") not in Units.values:
            raise Http404
    choose_units(units=Units(request.POST["units"]), by=request.viewer, now=now)
    messages.success(request, _("Measurements are shown in your units now."))
    return redirect("records:measurement_list", patient_id)


def kind_or_404(slug: str) -> rules.Kind:
    """Return the kind that an address names."""
    if slug not in rules.KINDS:
        raise Http404
    return rules.KINDS[slug]


def reader_of(request: PersonRequest, opened: RecordAccess) -> Reader:
    """Return for whom a page is written."""
    zone, born = zone_and_birth_date(access=opened)
    return Reader(units=Units(request.user.units), tz=zone, now=timezone.now(), birth_date=born)


def _of_kind(opened: RecordAccess, kind: rules.Kind) -> list[Entry]:
    """Return the readings of a kind; the BMI follows from weights and heights."""
    kinds = [kind.slug]
    if kind.derived:
        kinds += [rules.WEIGHT.slug, rules.HEIGHT.slug]
    return presenters.entries_in(selectors.all_of(access=opened, kinds=kinds), kind)


def _series(
    request: PersonRequest,
    opened: RecordAccess,
    reader: Reader,
    measure: Measure,
    everything: list[Entry],
    context: dict[str, Any],
) -> HttpResponse:
    """Render a series: what the chosen period holds of it."""
    form = PeriodForm(request.GET)
    zoom, entries = _chosen(request.GET, form, everything, reader)
    page = Paginator(entries[::-1], READINGS_A_PAGE).get_page(request.GET.get("page"))
    shown = context | {
        "series": measurement_page.present_series(
            measure=measure,
            entries=entries,
            newest=everything[-1] if everything else None,
            reader=reader,
        ),
        "readings": measurement_page.readings(
            measure=measure, entries=list(page.object_list), reader=reader, access=opened
        ),
        "page": page,
        "zooms": measurement_page.zooms(zoom),
        "zoom": zoom,
        "period": form,
        "total": len(entries),
    }
    status = 200 if form.is_valid() else 422
    template = "records/measurements/detail.html"
    return render_record(request, opened, template, shown, tab="measurement_list", status=status)


def _chosen(
    query: QueryDict, form: PeriodForm, entries: list[Entry], reader: Reader
) -> tuple[str, list[Entry]]:
    """Return the chosen zoom and the readings inside it.

    Without a choice: the last year where it holds enough for a line, everything otherwise.
    """
    since, until = _period(form, reader.tz)
    if since or until:
        return "", _within(entries, since, until)
    zoom = query.get("show", "")
    if zoom not in measurement_page.ZOOMS:
        zoom = "year"
        if len(_within(entries, _zoomed(zoom, reader), None)) < 3:
            zoom = "all"
    return zoom, _within(entries, _zoomed(zoom, reader), None)


def _zoomed(zoom: str, reader: Reader) -> Since:
    span = measurement_page.ZOOMS[zoom][1]
    return None if span is None else reader.now - span


def _period(form: PeriodForm, tz: str) -> tuple[Since, Since]:
    if not form.is_valid():
        return None, None
    since, until = form.cleaned_data["since"], form.cleaned_data["until"]
    return (
        times.day_bounds(since, tz)[0] if since else None,
        times.day_bounds(until, tz)[1] if until else None,
    )


def _within(entries: list[Entry], since: Since, until: Since) -> list[Entry]:
    return [
        entry
        for entry in entries
        if (since is None or entry.at >= since) and (until is None or entry.at < until)
    ]

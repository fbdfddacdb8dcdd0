"""Choose a time of one doctor."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from clinic.lib import times
from clinic.people.permissions import PUBLIC, access
from clinic.people.requests import PersonRequest
from clinic.people.viewer import VISITOR
from clinic.scheduling.choices import Modality
from clinic.scheduling.forms import SlotQueryForm
from clinic.scheduling.fragments import names
from clinic.scheduling.fragments import slots as fragments
from clinic.scheduling.models import VisitType
from clinic.scheduling.presenters import booking as present
from clinic.scheduling.selectors import board, next_free, practitioners
from clinic.scheduling.selectors import slots as reads
from clinic.scheduling.selectors.availability import NotOffered
from clinic.scheduling.views import live

# A link further ahead than any horizon is a made-up one.
FURTHEST = dt.timedelta(days=800)
STRIP = dt.timedelta(days=fragments.STRIP_DAYS)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the page is asked to show. Without a day it is the first with a free time."""

    bookable: practitioners.Bookable
    visit_type: VisitType
    modality: str
    day: dt.date | None
    first: dt.date
    today: dt.date
    ignore_appointment_id: uuid.UUID | None = None


@access(PUBLIC)
@require_GET
def slot_list(request: PersonRequest, practitioner_id: uuid.UUID) -> HttpResponse:
    """Show the days ahead and the times of one of them, live."""
    now = timezone.now()
    chosen = choose(request, practitioner_id, now=now)
    return render(request, "scheduling/slot_list.html", page(request, chosen, now=now))


def choose(request: PersonRequest, practitioner_id: uuid.UUID, *, now: dt.datetime) -> Chosen:
    """Read the address; what is left out has a sensible value, what is made up is a 404."""
    form = SlotQueryForm(request.GET)
    bookable = practitioners.bookable_practitioner(
        viewer=request.viewer, practitioner_id=practitioner_id
    )
    if not form.is_valid() or bookable is None or not bookable.visit_types:
        raise Http404
    data = form.cleaned_data
    visit_type = _visit_type(bookable, data["type"])
    modality = data["how"] or (visit_type.modalities or [Modality.IN_PERSON])[0]
    if modality not in visit_type.modalities:
        raise Http404
    today = times.today(board.time_zone_of(practitioner_id), now)
    return placed(bookable, visit_type, modality, data["day"], data["since"], today)


def placed(
    bookable: practitioners.Bookable,
    visit_type: VisitType,
    modality: str,
    day: dt.date | None,
    since: dt.date | None,
    today: dt.date,
    ignore_appointment_id: uuid.UUID | None = None,
) -> Chosen:
    """Return the choice with the strip of days that shows the day. A day gone by is no choice."""
    asked = day or since
    if asked is not None and asked > today + FURTHEST:
        raise Http404
    day = day if day is not None and day >= today else None
    first = max(today, since or today)
    if day is not None:
        first = today + STRIP * ((day - today) // STRIP)
    return Chosen(bookable, visit_type, modality, day, first, today, ignore_appointment_id)


def _visit_type(bookable: practitioners.Bookable, asked: uuid.UUID | None) -> VisitType:
    if asked is None:
        return bookable.visit_types[0]
    for visit_type in bookable.visit_types:
        if visit_type.pk == asked:
            return visit_type
    raise Http404


def page(request: PersonRequest, chosen: Chosen, *, now: dt.datetime) -> dict[str, Any]:
    """Return the context of the page: everything in it was read once, for all its parts."""
    practitioner = chosen.bookable.practitioner
    try:
        first, practice = _read(chosen, now=now)
    except NotOffered:
        raise Http404 from None
    strip = fragments.strip_of(practice, first)
    date = chosen.day or _first_open(practice, first) or first
    grid = fragments.grid_of(practice, date)
    key = {"practitioner_id": practitioner.pk, "visit_type_id": chosen.visit_type.pk}
    own = live.own_state(request, now=now)
    topics = [
        (names.slots_topic(**key, date=date, modality=chosen.modality), grid),
        (names.strip_topic(**key, first=first, modality=chosen.modality), strip),
    ]
    time = present.choose_time(
        practice,
        practitioner=practitioner,
        visit_types=chosen.bookable.visit_types,
        visit_type=chosen.visit_type,
        modality=chosen.modality,
        date=date,
        first=first,
        today=chosen.today,
        strip=strip.pieces,
        viewer_tz=getattr(request.user, "time_zone", ""),
    )
    return {
        "time": time,
        "grid": grid.container() if grid.container else "",
        "own": own.pieces,
        "live_topics": [*topics, own.topic] if own.topic else topics,
        "page_tz": next((practice.sites[place].time_zone for place in practice.places), ""),
    }


def _read(chosen: Chosen, *, now: dt.datetime) -> tuple[dt.date, reads.Practice]:
    """Read the strip; where it has no free time and no day was asked for, the one that has."""
    practice = _practice(chosen, chosen.first, now=now)
    if chosen.day or chosen.first > chosen.today or _first_open(practice, chosen.first):
        return chosen.first, practice
    practitioner_id = chosen.bookable.practitioner.pk
    answer = next_free.next_free(
        viewer=VISITOR,
        practitioner_ids=[practitioner_id],
        visit_type_id=chosen.visit_type.pk,
        modality=chosen.modality,
        now=now,
    ).get(practitioner_id)
    if answer is None or answer.later is None:
        return chosen.first, practice
    first = chosen.today + STRIP * ((answer.later.local_date - chosen.today) // STRIP)
    return first, _practice(chosen, first, now=now)


def _practice(chosen: Chosen, first: dt.date, *, now: dt.datetime) -> reads.Practice:
    question = reads.Question(
        chosen.bookable.practitioner.pk,
        chosen.visit_type.pk,
        chosen.modality,
        ignore_appointment_id=chosen.ignore_appointment_id,
    )
    return reads.read_practice(
        viewer=VISITOR,
        question=question,
        first=first,
        last=first + STRIP - dt.timedelta(days=1),
        now=now,
    )


def _first_open(practice: reads.Practice, first: dt.date) -> dt.date | None:
    counts = practice.counts(first, first + STRIP - dt.timedelta(days=1))
    return next((date for date, free in counts.items() if free), None)

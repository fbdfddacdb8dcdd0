"""The product's addresses, and two that answer with nothing but a live fragment.

The page of times holds a day and a strip of two weeks; what peers were measured by is one answer
with the times of one day, and one with the counts of thirty.
"""

from __future__ import annotations

import datetime as dt
import uuid

from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.urls import path
from django.utils import timezone

from clinic.people.permissions import PUBLIC, access
from clinic.people.viewer import VISITOR
from clinic.scheduling.choices import Modality
from clinic.scheduling.fragments import slots as fragments
from clinic.scheduling.presenters import slots as present
from clinic.scheduling.selectors import slots as reads
from config.urls import urlpatterns as product

MONTH = 30


@access(PUBLIC)
def day(
    request: HttpRequest, practitioner_id: uuid.UUID, visit_type_id: uuid.UUID, date: str
) -> HttpResponse:
    grid = fragments.slot_grid(
        practitioner_id=practitioner_id,
        visit_type_id=visit_type_id,
        modality=Modality.IN_PERSON,
        date=dt.date.fromisoformat(date),
        now=timezone.now(),
    )
    assert grid.container is not None
    return HttpResponse(grid.container())


@access(PUBLIC)
def month(
    request: HttpRequest, practitioner_id: uuid.UUID, visit_type_id: uuid.UUID, date: str
) -> HttpResponse:
    first = dt.date.fromisoformat(date)
    question = reads.Question(practitioner_id, visit_type_id, Modality.IN_PERSON)
    practice = reads.read_practice(
        viewer=VISITOR,
        question=question,
        first=first,
        last=first + dt.timedelta(days=MONTH - 1),
        now=timezone.now(),
    )
    strip = reads.day_strip(viewer=VISITOR, practice=practice, first=first, days=MONTH)
    template = get_template("scheduling/_day.html")
    drawn = (
        present.day(count, visit_type_id=visit_type_id, modality=Modality.IN_PERSON)
        for count in strip.days
    )
    return HttpResponse("".join(template.render({"day": one}) for one in drawn))


_WHERE = "<uuid:practitioner_id>/<uuid:visit_type_id>/<str:date>/"
urlpatterns = [*product, path(f"bench/day/{_WHERE}", day), path(f"bench/month/{_WHERE}", month)]

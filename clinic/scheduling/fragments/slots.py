"""The slot grid of one day and the strip of days, as the page and every push draw them."""

from __future__ import annotations

import datetime as dt
import uuid

from clinic.lib.fragments import Fragment
from clinic.lib.pieces import render_piece
from clinic.people.viewer import VISITOR
from clinic.scheduling.presenters import slots as present
from clinic.scheduling.selectors import slots as reads

# A strip shows two weeks; a phone scrolls it.
STRIP_DAYS = 14


def slot_grid(
    *,
    practitioner_id: uuid.UUID,
    date: dt.date,
    visit_type_id: uuid.UUID,
    modality: str,
    now: dt.datetime,
    for_patient: bool = True,
) -> Fragment:
    """Return the times of one doctor-day; pieces are the single times. Raises NotOffered."""
    question = reads.Question(practitioner_id, visit_type_id, modality, for_patient=for_patient)
    practice = reads.read_practice(
        viewer=VISITOR, question=question, first=date, last=date, now=now
    )
    return grid_of(practice, date)


def grid_of(practice: reads.Practice, date: dt.date) -> Fragment:
    """Return the grid of one day of a practice that has been read already."""
    practitioner_id = practice.question.practitioner_id
    day = reads.slots_for_day(viewer=VISITOR, practice=practice, date=date)
    grid = present.slot_grid(day, practitioner_id=practitioner_id)
    pieces = {
        slot.id: render_piece("scheduling/_slot.html", {"slot": slot})
        for part in grid.parts
        for slot in part.slots
    }
    return Fragment(
        version=day.version,
        pieces=pieces,
        container_id=grid.id,
        container=lambda: render_piece(
            "scheduling/_slot_grid.html", {"grid": grid, "pieces": pieces}
        ),
        wakes_at=day.wakes_at,
    )


def day_strip(
    *,
    practitioner_id: uuid.UUID,
    visit_type_id: uuid.UUID,
    modality: str,
    first: dt.date,
    now: dt.datetime,
) -> Fragment:
    """Return the days from `first`; the set of pieces never changes. Raises NotOffered."""
    practice = reads.read_practice(
        viewer=VISITOR,
        question=reads.Question(practitioner_id, visit_type_id, modality),
        first=first,
        last=first + dt.timedelta(days=STRIP_DAYS - 1),
        now=now,
    )
    return strip_of(practice, first)


def strip_of(practice: reads.Practice, first: dt.date) -> Fragment:
    """Return the strip of a practice that has been read for exactly these days."""
    question = practice.question
    strip = reads.day_strip(viewer=VISITOR, practice=practice, first=first, days=STRIP_DAYS)
    days = [
        present.day(count, visit_type_id=question.visit_type_id, modality=question.modality)
        for count in strip.days
    ]
    return Fragment(
        version=strip.version,
        pieces={day.id: render_piece("scheduling/_day.html", {"day": day}) for day in days},
        wakes_at=strip.wakes_at,
    )

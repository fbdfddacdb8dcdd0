"""The live parts of a doctor's day: header figures, time line, in room, waiting, coming up.

Two topics show one day: the doctor's tells why somebody comes, the desk's tells the kind of visit
only.
"""

from __future__ import annotations

import datetime as dt
import uuid

from django.template.loader import render_to_string

from clinic.lib.fragments import Fragment
from clinic.people.viewer import SYSTEM
from clinic.scheduling.choices import AppointmentStatus
from clinic.scheduling.presenters.board import Board, present_board
from clinic.scheduling.presenters.panel import present_panel
from clinic.scheduling.presenters.week import present_week
from clinic.scheduling.selectors import board as selectors

MINUTE = dt.timedelta(minutes=1)
PARTS = {
    "board-stats": "scheduling/_board_stats.html",
    "board-timeline": "scheduling/_board_timeline.html",
    "board-in-room": "scheduling/_board_in_room.html",
    "board-waiting": "scheduling/_board_waiting.html",
    "board-coming": "scheduling/_board_coming.html",
}


def day_board(
    practitioner_id: uuid.UUID, date: dt.date, *, now: dt.datetime, with_reason: bool
) -> Fragment:
    """Read and render one doctor-day for everyone who may watch that topic."""
    day = selectors.board_day(practitioner_id=practitioner_id, date=date, viewer=SYSTEM, now=now)
    return render_day(day, now=now, with_reason=with_reason)


def render_day(day: selectors.BoardDay, *, now: dt.datetime, with_reason: bool) -> Fragment:
    """Render a doctor-day that has been read already."""
    board = present_board(day=day, now=now, with_reason=with_reason)
    holds = [
        visit.appointment.released_at
        for visit in day.visits
        if visit.appointment.status == AppointmentStatus.PROPOSED and visit.appointment.released_at
    ]
    return Fragment(
        version=day.version,
        pieces={dom_id: _render(template, board) for dom_id, template in PARTS.items()},
        # Waiting times count up with every full minute.
        wakes_at=min([*holds, now.replace(second=0, microsecond=0) + MINUTE]),
    )


def visit_panel(appointment_id: uuid.UUID, *, now: dt.datetime, with_reason: bool) -> Fragment:
    """Read and render the side panel of one visit."""
    visit = selectors.visit_for_staff(appointment_id=appointment_id, viewer=SYSTEM)
    panel = present_panel(visit=visit, now=now, with_reason=with_reason)
    changes = visit.status_changes.all()
    return Fragment(
        version=visit.version + len(changes),
        pieces={
            "visit-panel": render_to_string(
                "scheduling/_visit_panel.html", {"panel": panel}
            ).strip()
        },
    )


def _render(template: str, board: Board) -> str:
    return render_to_string(template, {"board": board}).strip()


def week_board(
    practitioner_id: uuid.UUID, monday: dt.date, *, now: dt.datetime, with_reason: bool
) -> Fragment:
    """Read and render the seven days from a Monday."""
    dates = [monday + dt.timedelta(days=n) for n in range(7)]
    version, zone, visits = selectors.board_days(
        practitioner_id=practitioner_id, dates=dates, viewer=SYSTEM, now=now
    )
    days = present_week(
        practitioner_id=practitioner_id,
        visits=visits,
        time_zone=zone,
        now=now,
        with_reason=with_reason,
    )
    html = render_to_string("scheduling/_board_week.html", {"days": days}).strip()
    return Fragment(version=version, pieces={"board-week": html})

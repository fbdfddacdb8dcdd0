"""Display-ready values of the week view: seven days, each a list of visits in order of time."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from clinic.lib import times
from clinic.scheduling.choices import AppointmentStatus as S
from clinic.scheduling.presenters.board import board_url, state_of
from clinic.scheduling.selectors.board import BoardVisit


@dataclass(frozen=True, slots=True)
class WeekVisit:
    dom_id: str
    time: str
    name: str
    detail: str
    state: str
    note: str
    icon: str
    url: str
    status: str
    visit_type: str
    site: str


@dataclass(frozen=True, slots=True)
class WeekDay:
    date: dt.date
    weekday: str
    url: str
    is_today: bool
    seen: int
    visits: Sequence[WeekVisit]


def present_week(
    *,
    practitioner_id: uuid.UUID,
    visits: Mapping[dt.date, Sequence[BoardVisit]],
    time_zone: str,
    now: dt.datetime,
    with_reason: bool,
) -> list[WeekDay]:
    """Turn the visits of each day into what the week shows."""
    today = times.today(time_zone, now)
    return [
        WeekDay(
            date=date,
            weekday=times.weekday_name(times.iso_weekday(date)),
            url=board_url(practitioner_id, date),
            is_today=date == today,
            seen=sum(visit.appointment.status == S.FULFILLED for visit in of_day),
            visits=[_visit(visit, time_zone, now, with_reason) for visit in of_day],
        )
        for date, of_day in visits.items()
    ]


def _visit(visit: BoardVisit, zone: str, now: dt.datetime, with_reason: bool) -> WeekVisit:
    row = visit.appointment
    state, note, icon = state_of(visit, now=now)
    held = row.status == S.PROPOSED
    link = f"{board_url(row.practitioner_id, row.local_date)}?visit={row.pk}#patient"
    reason = str(row.reason) if with_reason and row.reason else row.visit_type.name
    return WeekVisit(
        dom_id=f"week-{row.pk}",
        time=times.format_clock(times.to_local(row.starts_at, zone)),
        name=row.patient.full_name if row.patient else _("Being booked"),
        detail="" if held else reason,
        state=state,
        note=note,
        icon=icon,
        url="" if held else link,
        status=row.status,
        visit_type=str(row.visit_type_id),
        site=str(row.site_id),
    )

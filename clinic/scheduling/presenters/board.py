"""Display-ready values of the day board. No queries; the same for everyone who may watch the
topic.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from clinic.lib import times
from clinic.scheduling import availability as engine
from clinic.scheduling import flow
from clinic.scheduling.choices import AppointmentStatus as S
from clinic.scheduling.choices import Modality
from clinic.scheduling.selectors.board import BoardDay, BoardVisit, Cell

ROW = 300  # seconds of one row of the time grid
LONGEST_LENGTH = 72  # rows, the longest class of grid.css
MODALITY_ICONS = {Modality.VIDEO: "video", Modality.PHONE: "phone"}

# Names of the states the style sheet knows, by status.
STATES = {
    S.PROPOSED: "held",
    S.PENDING: "held",
    S.BOOKED: "next",
    S.ARRIVED: "here",
    S.CHECKED_IN: "room",
    S.FULFILLED: "done",
    S.NOSHOW: "missed",
}


@dataclass(frozen=True, slots=True)
class Step:
    """A button that takes a visit on: where it posts, what it says."""

    url: str
    to_status: str
    label: str
    icon: str


@dataclass(frozen=True, slots=True)
class Event:
    """One block of the time line: a visit, a hold, free time or blocked time."""

    dom_id: str
    row: int
    rows: int
    state: str
    time: str
    title: str
    detail: str
    note: str
    icon: str
    url: str = ""
    status: str = ""
    visit_type: str = ""
    site: str = ""
    color: str = ""
    step: Step | None = None
    lane: int = 0

    @property
    def is_short(self) -> bool:
        return self.rows < 4


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of the waiting queue or of what comes up."""

    dom_id: str
    time: str
    name: str
    detail: str
    minutes: int | None
    since: str
    url: str
    status: str
    visit_type: str
    site: str
    icon: str = ""
    mode: str = ""


@dataclass(frozen=True, slots=True)
class InRoom:
    """The visit that is in the room now."""

    name: str
    detail: str
    since: str
    place: str
    minutes: int
    of_minutes: int
    percent: int
    url: str
    finish: Step


@dataclass(frozen=True, slots=True)
class Line:
    """An hour or half-hour of the axis."""

    row: int
    label: str


@dataclass(frozen=True, slots=True)
class Board:
    """A whole doctor-day, ready for its partials."""

    date: dt.date
    seen: int
    total: int
    waiting_count: int
    late_minutes: int
    events: Sequence[Event]
    lines: Sequence[Line]
    now_row: int | None
    now_label: str
    last_row: int
    in_room: Sequence[InRoom]
    waiting: Sequence[Waiting]
    coming: Sequence[Waiting]
    call_next: Step | None
    call_name: str
    everyone_seen: bool


def present_board(*, day: BoardDay, now: dt.datetime, with_reason: bool) -> Board:
    """Turn the day into what the board shows. Without `with_reason` no word of why anybody
    comes.
    """
    maker = _Maker(day, now, with_reason)
    visits = [visit for visit in day.visits if visit.appointment.status != S.PROPOSED]
    here = sorted(
        (visit for visit in visits if visit.appointment.status == S.ARRIVED),
        key=lambda visit: (visit.appointment.starts_at, visit.passage.arrived_at or now),
    )
    coming = [v for v in visits if v.appointment.status == S.BOOKED and v.appointment.ends_at > now]
    done = sum(visit.appointment.status == S.FULFILLED for visit in visits)
    missed = sum(visit.appointment.status == S.NOSHOW for visit in visits)
    return Board(
        date=day.date,
        seen=done,
        total=len(visits),
        waiting_count=len(here),
        late_minutes=flow.minutes_late((visit.passage for visit in visits), now=now),
        events=maker.events(),
        lines=maker.lines(),
        now_row=maker.now_row(),
        now_label=maker.clock(times.seconds(now)),
        last_row=maker.last_row,
        in_room=[maker.in_room(v) for v in visits if v.appointment.status == S.CHECKED_IN],
        waiting=[maker.waiting(visit) for visit in here],
        coming=[maker.waiting(visit) for visit in coming[:4]],
        call_next=maker.step(here[0]) if here else None,
        call_name=maker.name(here[0]) if here else "",
        everyone_seen=bool(visits) and done + missed == len(visits),
    )


def step_for(*, appointment_id: uuid.UUID, status: str) -> Step | None:
    """Return the main button of a visit in this status."""
    to_status = flow.NEXT_STEP.get(S(status))
    if to_status is None:
        return None
    words = {
        S.BOOKED: (_("Accept"), "check"),
        S.ARRIVED: (_("Arrived"), "user-check"),
        S.CHECKED_IN: (_("Call in"), "door-open"),
        S.FULFILLED: (_("Finish"), "check"),
    }
    label, icon = words[to_status]
    url = reverse("scheduling:appointment_status", args=[appointment_id])
    return Step(url=url, to_status=to_status, label=label, icon=icon)


def board_url(practitioner_id: uuid.UUID, date: dt.date) -> str:
    return reverse("scheduling:day_board", args=[practitioner_id, date])


def state_of(visit: BoardVisit, *, now: dt.datetime) -> tuple[str, str, str]:
    """Return the state of the style sheet, what it says and its mark."""
    row, passage = visit.appointment, visit.passage
    mode = MODALITY_ICONS.get(Modality(row.modality), "")
    if row.status == S.ARRIVED:
        minutes = flow.minutes_waiting(passage, now=now) or 0
        return "here", _("Here %(minutes)s min") % {"minutes": minutes}, "user-check"
    if row.status == S.CHECKED_IN:
        since = passage.in_room_at or now
        minutes = flow.whole_minutes(now - since)
        return "room", _("In room, %(minutes)s min") % {"minutes": minutes}, "door-open"
    if row.status == S.FULFILLED:
        return "done", _("Seen"), "check"
    if row.status == S.NOSHOW:
        return "missed", _("Did not come"), "x"
    if row.status == S.PENDING:
        return "held", _("Asks for this time"), "hourglass"
    if row.status == S.PROPOSED:
        return "held", "", ""
    overdue = flow.minutes_overdue(passage, now=now)
    if row.running_late_minutes and row.status == S.BOOKED and now < row.ends_at:
        late = _("Says %(minutes)s min late") % {"minutes": row.running_late_minutes}
        return "late", late, "timer"
    if overdue is not None and overdue >= 5:
        text = _("Not here, %(minutes)s min") % {"minutes": overdue}
        return "late", text, "timer"
    if row.confirmed_at is not None:
        return "next", _("Will come"), "check"
    return "next", str(Modality(row.modality).label) if mode else "", mode


class _Maker:
    """Places things on the grid of one day: rows of five elapsed minutes from the first hour
    shown.
    """

    def __init__(self, day: BoardDay, now: dt.datetime, with_reason: bool) -> None:
        self.day, self.now, self.with_reason = day, now, with_reason
        self.base, self.end = self._span()
        self.last_row = (self.end - self.base) // ROW
        self.url = board_url(day.practitioner.pk, day.date)

    def _span(self) -> tuple[int, int]:
        """Return the full hours around everything that happens; eight to six on an empty day."""
        starts = [cell.starts_at for cell in self.day.cells]
        ends = [cell.starts_at + ROW for cell in self.day.cells]
        starts += [times.seconds(v.appointment.starts_at) for v in self.day.visits]
        ends += [times.seconds(v.appointment.ends_at) for v in self.day.visits]
        if not starts:
            day_start = times.day_bounds(self.day.date, self.day.time_zone)[0]
            eight = times.seconds(day_start) + 8 * 3600
            return eight, eight + 10 * 3600
        return min(starts) // 3600 * 3600, -(-max(ends) // 3600) * 3600

    def clock(self, moment: int) -> str:
        return times.to_local(times.from_seconds(moment), self.day.time_zone).strftime("%H:%M")

    def row(self, moment: int) -> int:
        return (moment - self.base) // ROW

    def lines(self) -> list[Line]:
        """Return hours and half-hours; labels follow the clocks, so a fold shows an hour twice."""
        halves = range(self.base, self.end, 1800)
        return [Line(self.row(at), self.clock(at) if at % 3600 == 0 else "") for at in halves]

    def now_row(self) -> int | None:
        moment = times.seconds(self.now)
        return self.row(moment) if self.base <= moment < self.end else None

    def name(self, visit: BoardVisit) -> str:
        patient = visit.appointment.patient
        return patient.full_name if patient else _("Being booked")

    def detail(self, visit: BoardVisit) -> str:
        kind = visit.appointment.visit_type.name
        if self.with_reason and visit.appointment.reason:
            return str(visit.appointment.reason)
        return kind

    def step(self, visit: BoardVisit) -> Step | None:
        return step_for(appointment_id=visit.appointment.pk, status=visit.appointment.status)

    def visit_url(self, visit: BoardVisit) -> str:
        return f"{self.url}?visit={visit.appointment.pk}#patient"

    def events(self) -> list[Event]:
        events = [self._event(visit) for visit in self.day.visits]
        taken = [(event.row, event.row + event.rows) for event in events]
        events += [e for e in self._free_events() if not _meets((e.row, e.row + e.rows), taken)]
        taken = [(event.row, event.row + event.rows) for event in events]
        events += [e for e in self._blocks() if not _meets((e.row, e.row + e.rows), taken)]
        return sorted(events, key=lambda event: (event.row, event.dom_id))

    def _event(self, visit: BoardVisit) -> Event:
        row = visit.appointment
        start, end = times.seconds(row.starts_at), times.seconds(row.ends_at)
        held = row.status == S.PROPOSED
        state, note, icon = state_of(visit, now=self.now)
        return Event(
            dom_id=f"visit-{row.pk}",
            row=self.row(start),
            rows=min(LONGEST_LENGTH, max(1, -(-(end - start) // ROW))),
            state=state,
            time=self.clock(start),
            title=self.name(visit),
            detail=_("A patient is choosing this time") if held else self.detail(visit),
            note=note,
            icon=icon,
            url="" if held else self.visit_url(visit),
            status=row.status,
            visit_type=str(row.visit_type_id),
            site=str(row.site_id),
            color=row.visit_type.color,
            step=None if held or row.status == S.PENDING else self.step(visit),
        )

    def _free_events(self) -> list[Event]:
        return [
            Event(
                dom_id=f"free-{start.starts_at}",
                row=self.row(start.starts_at),
                rows=max(1, (start.ends_at - start.starts_at) // ROW),
                state="open",
                time=self.clock(start.starts_at),
                title=_("Free"),
                detail=_("Open for booking"),
                note="",
                icon="",
                url=self._booking_url(start),
                site=str(start.site_id),
            )
            for start in self.day.free
        ]

    def _booking_url(self, start: engine.Start) -> str:
        page = reverse("scheduling:book_for_caller", args=[self.day.practitioner.pk])
        clock = self.clock(start.starts_at)
        return f"{page}?date={self.day.date.isoformat()}&time={clock}"

    def _blocks(self) -> list[Event]:
        """Return what is neither open nor booked: gaps between windows, absences, closures."""
        return [
            Event(
                dom_id=f"block-{start}",
                row=self.row(start),
                rows=min(LONGEST_LENGTH, (end - start) // ROW),
                state="block",
                time=self.clock(start),
                title="",
                detail=reason,
                note="",
                icon="",
            )
            for start, end, reason in _closed(self.day.cells)
            if end > start
        ]

    def in_room(self, visit: BoardVisit) -> InRoom:
        row, passage = visit.appointment, visit.passage
        since = passage.in_room_at or self.now
        minutes = flow.whole_minutes(self.now - since)
        planned = flow.whole_minutes(passage.length)
        finish = self.step(visit)
        assert finish is not None  # whoever is in the room can be finished
        return InRoom(
            name=self.name(visit),
            detail=self.detail(visit),
            since=self.clock(times.seconds(since)),
            place=row.room.name if row.room else str(Modality(row.modality).label),
            minutes=minutes,
            of_minutes=planned,
            percent=min(100, minutes * 100 // max(1, planned) // 5 * 5),
            url=self.visit_url(visit),
            finish=finish,
        )

    def waiting(self, visit: BoardVisit) -> Waiting:
        row = visit.appointment
        arrived = visit.passage.arrived_at
        mode = Modality(row.modality)
        return Waiting(
            dom_id=f"waiting-{row.pk}",
            time=self.clock(times.seconds(row.starts_at)),
            name=self.name(visit),
            detail=self.detail(visit),
            minutes=flow.minutes_waiting(visit.passage, now=self.now),
            since=self.clock(times.seconds(arrived)) if arrived else "",
            url=self.visit_url(visit),
            status=row.status,
            visit_type=str(row.visit_type_id),
            site=str(row.site_id),
            icon=MODALITY_ICONS.get(mode, ""),
            mode=str(mode.label) if mode in MODALITY_ICONS else "",
        )


def _meets(span: tuple[int, int], others: Iterable[tuple[int, int]]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in others)


def _closed(cells: Sequence[Cell]) -> list[tuple[int, int, str]]:
    """Return the stretches `[start, end)` between the first and the last cell that are not open."""
    stretches: list[tuple[int, int, str]] = []
    before: Cell | None = None
    for cell in cells:
        if before is not None and cell.starts_at > before.starts_at + ROW:
            stretches.append((before.starts_at + ROW, cell.starts_at, _("No visits")))
        if cell.blocked is not None:
            reason = cell.reason or _("Away")
            if stretches and stretches[-1][1:] == (cell.starts_at, reason):
                stretches[-1] = (stretches[-1][0], cell.starts_at + ROW, reason)
            else:
                stretches.append((cell.starts_at, cell.starts_at + ROW, reason))
        before = cell
    return stretches

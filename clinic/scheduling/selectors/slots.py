"""What a person choosing a time sees: the starts of a day, the days ahead, the nearest free times.

All answers are the same for everyone who asks (H4): no row says whose a claim is.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from clinic.lib import times
from clinic.people.viewer import Viewer
from clinic.scheduling import availability as engine
from clinic.scheduling.models import Appointment, Site
from clinic.scheduling.selectors import availability as reads
from clinic.scheduling.selectors.versions import DayVersions, versions_within

Refusal = engine.Refusal
ONE_DAY = dt.timedelta(days=1)
# "Next available" widens its window in these steps of days.
WIDENING = (1, 2, 4, 7, 14, 28, 56)


class SlotState(StrEnum):
    """How a time looks to everyone; what is one's own is drawn over it in the browser."""

    FREE = "free"
    HELD = "held"
    TAKEN = "taken"


class DayState(StrEnum):
    OPEN = "open"
    FULL = "full"
    OVER = "over"
    CLOSED = "closed"
    LATER = "later"


# What is closed, too near or too far is not shown: nobody else was faster there.
_SHOWN = {
    Refusal.TAKEN: SlotState.TAKEN,
    Refusal.HOLD: SlotState.HELD,
    Refusal.BUFFER: SlotState.TAKEN,
    Refusal.RESOURCE: SlotState.TAKEN,
    Refusal.CAPACITY: SlotState.TAKEN,
    Refusal.QUOTA: SlotState.TAKEN,
}


class SlotTime(NamedTuple):
    """A time on the page: where, when, and whether it can be had."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    site_id: uuid.UUID
    state: SlotState


@dataclass(frozen=True, slots=True)
class Question:
    """Which times are asked for: of whom, for what kind of visit, by which means."""

    practitioner_id: uuid.UUID
    visit_type_id: uuid.UUID
    modality: str | None
    for_patient: bool = True
    ignore_appointment_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class SlotDay:
    """One day of one doctor. `closed_reason` is the public reason of a day without times (A11)."""

    date: dt.date
    slots: tuple[SlotTime, ...]
    sites: Mapping[uuid.UUID, Site]
    closed_reason: str
    version: int
    wakes_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class DayCount:
    date: dt.date
    free: int
    state: DayState


@dataclass(frozen=True, slots=True)
class DayStrip:
    days: tuple[DayCount, ...]
    version: int
    wakes_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Practice:
    """What the engine needs to answer about one doctor and a span of days, read once for a page."""

    question: Question
    offered: reads.OfferedVisit
    loaded: reads.Loaded
    sites: Mapping[uuid.UUID, Site]
    versions: DayVersions
    now: dt.datetime

    @property
    def places(self) -> list[uuid.UUID]:
        """Return the sites at which the doctor works in this span."""
        found = reads.sites_with_windows(
            loaded=self.loaded, practitioner_id=self.question.practitioner_id
        )
        return [site_id for site_id in found if site_id in self.offered.parameters]

    def case(self, site_id: uuid.UUID) -> engine.Case:
        return reads.case_for(
            loaded=self.loaded,
            offered=self.offered,
            site_id=site_id,
            modality=self.question.modality,
            for_patient=self.question.for_patient,
            now=self.now,
            ignore_appointment_id=self.question.ignore_appointment_id,
        )

    def starts_on(self, date: dt.date) -> list[engine.Start]:
        """Return the grid points of a day of each site's own calendar (T7), in order of time."""
        found: list[engine.Start] = []
        for site_id in self.places:
            lower, upper = times.day_seconds(date, self.sites[site_id].time_zone)
            found += engine.starts(**self.case(site_id), start=lower, end=upper)
        return sorted(found, key=_moment)

    def counts(self, first: dt.date, last: dt.date) -> dict[dt.date, int]:
        """Return the number of free times of each day that has any grid points."""
        found: dict[dt.date, int] = {}
        for site_id in self.places:
            tz = self.sites[site_id].time_zone
            lower, upper = times.day_seconds(first, tz)[0], times.day_seconds(last, tz)[1]
            counts = engine.day_counts(**self.case(site_id), start=lower, end=upper)
            for date, free in counts.items():
                found[date] = found.get(date, 0) + free
        return {date: free for date, free in sorted(found.items()) if first <= date <= last}

    def notice_ends(self, start: engine.Start) -> int:
        """Return the last moment at which a patient can book this start."""
        if start.site_id is None or not self.question.for_patient:
            return start.starts_at
        return start.starts_at - self.offered.parameters[start.site_id].lead_minutes * 60

    def shown(self, start: engine.Start) -> SlotState | None:
        """Return how a start looks, None if it is not shown."""
        if self.notice_ends(start) < times.seconds(self.now):
            return None
        return SlotState.FREE if start.refusal is None else _SHOWN.get(start.refusal)


def read_practice(
    *, viewer: Viewer, question: Question, first: dt.date, last: dt.date, now: dt.datetime
) -> Practice:
    """Read versions, then rules and claims of the days `first` to `last`. Raises NotOffered."""
    versions = versions_within(practitioner_id=question.practitioner_id, first=first, last=last)
    sites = reads.sites_by_id()
    offered = reads.offered_visits(
        practitioner_ids=[question.practitioner_id],
        visit_type_id=question.visit_type_id,
        sites=sites,
    )
    if not offered:
        raise reads.NotOffered
    lower, upper = _instants(first, last)
    loaded = reads.load(
        practitioner_ids=[question.practitioner_id], lower=lower, upper=upper, now=now
    )
    return Practice(question, offered[0], loaded, sites, versions, now)


def _instants(first: dt.date, last: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Return instants that enclose the days in whatever zone; `load` adds a day on both sides."""
    midnight = dt.time(tzinfo=dt.UTC)
    return dt.datetime.combine(first, midnight), dt.datetime.combine(last + ONE_DAY, midnight)


def slots_for_day(*, viewer: Viewer, practice: Practice, date: dt.date) -> SlotDay:
    """Return the times of one day in order, each free, being booked or taken.

    The day is the calendar day of each site at which the doctor works (T7, D18).
    """
    starts = practice.starts_on(date)
    slots = tuple(
        SlotTime(
            times.from_seconds(start.starts_at),
            times.from_seconds(start.ends_at),
            start.site_id,
            state,
        )
        for start in starts
        if start.site_id is not None and (state := practice.shown(start)) is not None
    )
    return SlotDay(
        date=date,
        slots=slots,
        sites={site_id: practice.sites[site_id] for site_id in practice.places},
        closed_reason="" if slots else _public_reason(starts),
        version=practice.versions.of_day(date),
        wakes_at=_wakes_at(practice, starts, date),
    )


def _public_reason(starts: Iterable[engine.Start]) -> str:
    return next((start.reason for start in starts if start.reason), "")


def _wakes_at(
    practice: Practice, starts: Iterable[engine.Start], date: dt.date
) -> dt.datetime | None:
    """Return when time alone changes the page: a hold ends, or the next start comes too near."""
    starts = list(starts)
    # Refused from the second after: notice is given as long as it is exactly enough.
    moments = [
        times.from_seconds(practice.notice_ends(start) + 1)
        for start in starts
        if practice.shown(start)
    ][:1]
    if any(start.refusal is Refusal.HOLD for start in starts):
        moments += _hold_ends(practice, date, date)
    return min(moments, default=None)


def _hold_ends(practice: Practice, first: dt.date, last: dt.date) -> list[dt.datetime]:
    lower, upper = _instants(first - ONE_DAY, last + ONE_DAY)
    soonest = (
        Appointment.objects.starting_within(lower, upper)
        .filter(practitioner_id=practice.question.practitioner_id, released_at__gt=practice.now)
        .order_by("released_at")
        .values_list("released_at", flat=True)
        .first()
    )
    return [soonest] if soonest else []


def day_strip(*, viewer: Viewer, practice: Practice, first: dt.date, days: int) -> DayStrip:
    """Return for each day how many times are free, and why there are none.

    The practice must have been read for exactly these days: their versions make the strip's.
    """
    last = first + ONE_DAY * (days - 1)
    counts = practice.counts(first, last)
    dates = [first + ONE_DAY * n for n in range(days)]
    held = any(busy.tentative for busy in practice.loaded.busy)
    return DayStrip(
        days=tuple(_day_count(practice, date, counts.get(date)) for date in dates),
        version=practice.versions.of_all(),
        wakes_at=min(_hold_ends(practice, first, last), default=None) if held else None,
    )


def _day_count(practice: Practice, date: dt.date, free: int | None) -> DayCount:
    if free:
        return DayCount(date, free, DayState.OPEN)
    if free is None:
        return DayCount(date, 0, DayState.CLOSED)
    starts = practice.starts_on(date)
    reasons = {start.refusal for start in starts}
    if any(practice.shown(start) for start in starts):
        state = DayState.FULL
    elif Refusal.HORIZON in reasons:
        state = DayState.LATER
    elif reasons & {Refusal.LEAD_TIME, Refusal.TAKEN, Refusal.BUFFER, Refusal.HOLD}:
        state = DayState.OVER
    else:
        state = DayState.CLOSED
    return DayCount(date, 0, state)


def _moment(start: engine.Start) -> int:
    return start.starts_at


class FreeTime(NamedTuple):
    """A free time and the zone in which it is said."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    site_id: uuid.UUID
    time_zone: str
    local_date: dt.date


def nearest_free(
    *,
    viewer: Viewer,
    question: Question,
    around: dt.datetime,
    now: dt.datetime,
    count: int = 3,
    within_days: int = 56,
) -> list[FreeTime]:
    """Return the free times nearest to an instant, in order of time (C3). Raises NotOffered.

    The window widens until enough are found, so a doctor with much free time costs one day's work.
    """
    found: list[engine.Start] = []
    sites: Mapping[uuid.UUID, Site] = {}
    for days in WIDENING:
        if days > within_days:
            break
        lower = max(now, around - ONE_DAY * days)
        upper = around + ONE_DAY * days
        practice = read_practice(
            viewer=viewer, question=question, first=lower.date(), last=upper.date(), now=now
        )
        sites = practice.sites
        found = [
            start
            for place in practice.places
            for start in engine.starts(
                **practice.case(place), start=times.seconds(lower), end=times.seconds(upper)
            )
            if start.refusal is None
        ]
        if len(found) >= count:
            break
    wished = times.seconds(around)
    nearest = sorted(found, key=lambda start: (abs(start.starts_at - wished), start.starts_at))
    return [free_time(start, sites) for start in sorted(nearest[:count], key=_moment)]


def free_time(start: engine.Start, sites: Mapping[uuid.UUID, Site]) -> FreeTime:
    """Return a free start as an instant with the zone and day of its site."""
    assert start.site_id is not None  # a free start lies in a window of a site
    tz = sites[start.site_id].time_zone
    return FreeTime(
        starts_at=times.from_seconds(start.starts_at),
        ends_at=times.from_seconds(start.ends_at),
        site_id=start.site_id,
        time_zone=tz,
        local_date=times.date_of_seconds(start.starts_at, tz),
    )

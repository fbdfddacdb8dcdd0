"""The next free times of many practitioners at once: one load for all of them (A13)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from clinic.lib import times
from clinic.people.viewer import Viewer
from clinic.scheduling import availability as engine
from clinic.scheduling.models import Appointment, Site, VisitType
from clinic.scheduling.selectors import availability as reads
from clinic.scheduling.selectors.slots import (
    FreeTime,
    Practice,
    Question,
    free_time,
)
from clinic.scheduling.selectors.versions import DaySpan, DayVersions, span_versions

# The chips count the free times of two weeks; only who has none there is looked for further.
LOOK_AHEAD = dt.timedelta(days=14)
SHOWN = 3


@dataclass(frozen=True, slots=True)
class NextFree:
    """The next free times of one practitioner.

    `free` counts them until the day `until`; with none there, `later` is the first after it.
    `first_at` is the first free time of each site at which the practitioner works.
    """

    practitioner_id: uuid.UUID
    visit_type_id: uuid.UUID
    times: tuple[FreeTime, ...]
    free: int
    until: dt.date
    later: FreeTime | None
    first_at: Mapping[uuid.UUID, FreeTime]
    sites: Mapping[uuid.UUID, Site]
    version: int
    wakes_at: dt.datetime | None


def visit_types() -> list[VisitType]:
    """Return the active visit types in the order in which they are shown; a clinic has a dozen."""
    return list(VisitType.objects.filter(active=True).order_by("position", "name"))


def next_free(
    *,
    viewer: Viewer,
    practitioner_ids: Collection[uuid.UUID],
    visit_type_id: uuid.UUID | None,
    modality: str | None,
    now: dt.datetime,
    kinds: Sequence[VisitType] | None = None,
    sites: Mapping[uuid.UUID, Site] | None = None,
) -> dict[uuid.UUID, NextFree]:
    """Return the next free times of each practitioner who offers the visit online.

    Without a visit type it is the first one the practitioner offers. Who offers nothing is missing.
    """
    versions = span_versions([DaySpan(practitioner_id) for practitioner_id in practitioner_ids])
    sites = reads.sites_by_id() if sites is None else sites
    kinds = visit_types() if kinds is None else kinds
    offered = _offered(practitioner_ids, visit_type_id, modality, kinds, sites)
    practices = _practices(offered, modality, sites, now, now, now + LOOK_AHEAD)
    found = {
        practitioner_id: _next_of(practice, versions[DaySpan(practitioner_id)])
        for practitioner_id, practice in practices.items()
    }
    return _with_wakes(_with_later(found, offered, modality, sites, now), practices, now)


def _offered(
    practitioner_ids: Collection[uuid.UUID],
    visit_type_id: uuid.UUID | None,
    modality: str | None,
    kinds: Sequence[VisitType],
    sites: Mapping[uuid.UUID, Site],
) -> dict[uuid.UUID, reads.OfferedVisit]:
    """Return the visit that each practitioner's chips are about."""
    order = {kind.pk: place for place, kind in enumerate(kinds)}
    every = reads.offered_visits(
        practitioner_ids=practitioner_ids, visit_type_id=visit_type_id, sites=sites
    )
    chosen: dict[uuid.UUID, reads.OfferedVisit] = {}
    for visit in sorted(every, key=lambda visit: order.get(visit.visit_type_id, len(order))):
        online = any(parameters.online for parameters in visit.parameters.values())
        if online and (modality is None or modality in visit.modalities):
            chosen.setdefault(visit.practitioner_id, visit)
    return chosen


def _practices(
    offered: Mapping[uuid.UUID, reads.OfferedVisit],
    modality: str | None,
    sites: Mapping[uuid.UUID, Site],
    now: dt.datetime,
    lower: dt.datetime,
    upper: dt.datetime,
) -> dict[uuid.UUID, Practice]:
    if not offered:
        return {}
    loaded = reads.load(practitioner_ids=list(offered), lower=lower, upper=upper, now=now)
    busy: dict[uuid.UUID, list[engine.Busy]] = defaultdict(list)
    for row in loaded.busy:
        busy[row.practitioner_id].append(row)
    return {
        practitioner_id: Practice(
            question=Question(practitioner_id, visit.visit_type_id, modality),
            offered=visit,
            loaded=replace(loaded, busy=busy[practitioner_id]),
            sites=sites,
            versions=DayVersions(rules=0, days={}),
            now=now,
        )
        for practitioner_id, visit in offered.items()
    }


def _next_of(practice: Practice, version: int) -> NextFree:
    today = times.local_date(practice.now, _time_zone(practice))
    until = today + LOOK_AHEAD - dt.timedelta(days=1)
    counts = practice.counts(today, until)
    found: list[FreeTime] = []
    first_at: dict[uuid.UUID, FreeTime] = {}
    places = practice.places
    for date, free in counts.items():
        if len(found) >= SHOWN and len(first_at) == len(places):
            break
        if free:
            for start in practice.starts_on(date):
                if start.refusal is None:
                    time = free_time(start, practice.sites)
                    found.append(time)
                    first_at.setdefault(time.site_id, time)
    return NextFree(
        practitioner_id=practice.question.practitioner_id,
        visit_type_id=practice.question.visit_type_id,
        times=tuple(found[:SHOWN]),
        free=sum(counts.values()),
        until=until,
        later=None,
        first_at=first_at,
        sites={site_id: practice.sites[site_id] for site_id in places},
        version=version,
        wakes_at=None,
    )


def _time_zone(practice: Practice) -> str:
    """Return the zone of the practitioner's first site, in whose calendar days are counted."""
    return next((practice.sites[place].time_zone for place in practice.places), "UTC")


def _with_later(
    found: dict[uuid.UUID, NextFree],
    offered: Mapping[uuid.UUID, reads.OfferedVisit],
    modality: str | None,
    sites: Mapping[uuid.UUID, Site],
    now: dt.datetime,
) -> dict[uuid.UUID, NextFree]:
    """Look further ahead for those without a free time in the next days."""
    full = {key: offered[key] for key, answer in found.items() if not answer.times}
    if not full:
        return found
    horizon = dt.timedelta(
        days=max(p.horizon_days for visit in full.values() for p in visit.parameters.values()) + 1
    )
    for key, practice in _practices(
        full, modality, sites, now, now + LOOK_AHEAD, now + max(horizon, LOOK_AHEAD)
    ).items():
        firsts = {
            place: free_time(start, sites)
            for place in practice.places
            if (start := _first_free(practice, place, now + LOOK_AHEAD, now + horizon))
        }
        later = min(firsts.values(), key=lambda time: time.starts_at, default=None)
        places = found[key].sites or {place: sites[place] for place in practice.places}
        found[key] = replace(found[key], later=later, first_at=firsts, sites=places)
    return found


def _first_free(
    practice: Practice, place: uuid.UUID, lower: dt.datetime, upper: dt.datetime
) -> engine.Start | None:
    # From the beginning of the day: the chips have counted whole days of the site.
    start = times.seconds(lower - dt.timedelta(days=1))
    return engine.first_free(**practice.case(place), start=start, end=times.seconds(upper))


def _with_wakes(
    found: dict[uuid.UUID, NextFree], practices: Mapping[uuid.UUID, Practice], now: dt.datetime
) -> dict[uuid.UUID, NextFree]:
    """Add when time alone changes the answer: the first time comes too near, or a hold ends."""
    holding = [
        key for key, practice in practices.items() if any(row[5] for row in practice.loaded.busy)
    ]
    ends: dict[uuid.UUID, dt.datetime] = {}
    if holding:
        rows = (
            Appointment.objects.filter(practitioner_id__in=holding, released_at__gt=now)
            .starting_within(now, now + LOOK_AHEAD)
            .values_list("practitioner_id", "released_at")
        )
        for practitioner_id, released_at in rows:
            assert released_at is not None  # the filter says so
            ends[practitioner_id] = min(released_at, ends.get(practitioner_id, released_at))
    return {
        key: replace(answer, wakes_at=_wakes_at(answer, practices[key], ends.get(key)))
        for key, answer in found.items()
    }


def _wakes_at(
    answer: NextFree, practice: Practice, hold_ends: dt.datetime | None
) -> dt.datetime | None:
    moments = [hold_ends] if hold_ends else []
    if answer.times:
        first = answer.times[0]
        lead = practice.offered.parameters[first.site_id].lead_minutes
        moments.append(first.starts_at - dt.timedelta(minutes=lead) + dt.timedelta(seconds=1))
    return min(moments, default=None)

"""Sites, visit types, hours of the demo clinic."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from clinic.lib import times
from clinic.people.models import Practitioner
from clinic.portal.demo import names
from clinic.scheduling.choices import WindowKind
from clinic.scheduling.models import (
    Absence,
    Closure,
    DateWindow,
    Offering,
    Room,
    Schedule,
    Site,
    VisitType,
    WorkingHours,
)

MORNING = (dt.time(9, 0), dt.time(12, 0))
AFTERNOON = (dt.time(13, 0), dt.time(17, 0))
FULLY_BOOKED = 3
NEVER_ENDED = None


def create_sites() -> list[Site]:
    """Create the three sites with their rooms, each in a zone of its own."""
    sites = [
        Site(slug=slug, name=name, time_zone=zone, address=address, directions=way, phone=phone)
        for slug, name, zone, address, way, phone in names.SITES
    ]
    Site.objects.bulk_create(sites)
    Room.objects.bulk_create(
        Room(site=site, name=f"Room {number}") for site in sites for number in range(1, 5)
    )
    return sites


def create_visit_types() -> dict[str, VisitType]:
    """Create the visit types; return them by slug."""
    types = [
        VisitType(
            slug=slug,
            name=name,
            duration_minutes=minutes,
            icon=icon,
            color=color,
            modalities=list(modalities),
            description=what,
            preparation=bring,
            position=position,
        )
        for position, (slug, name, minutes, icon, color, modalities, what, bring) in enumerate(
            names.VISIT_TYPES
        )
    ]
    VisitType.objects.bulk_create(types)
    return {one.slug: one for one in types}


def open_practices(
    *,
    doctors: Sequence[Practitioner],
    sites: Sequence[Site],
    types: dict[str, VisitType],
    now: dt.datetime,
) -> None:
    """Give every doctor a schedule, offerings, weekly hours and, one of them, a busy today."""
    rooms = {site.pk: list(site.rooms.order_by("name")) for site in sites}
    since = (now - dt.timedelta(days=400)).date()
    Schedule.objects.bulk_create(Schedule(practitioner=doctor) for doctor in doctors)
    for position, doctor in enumerate(doctors):
        site = sites[names.DOCTORS[position][3]]
        room = rooms[site.pk][position % 4]
        offered = names.DOCTORS[position][5].split(",")
        # The doctor without a free time opens two weeks ahead only, and those are full.
        horizon = 14 if position == FULLY_BOOKED else None
        Offering.objects.bulk_create(
            Offering(practitioner=doctor, visit_type=types[slug], horizon_days=horizon)
            for slug in offered
        )
        free_half_day = 1 + (position + 2) % 5
        WorkingHours.objects.bulk_create(
            WorkingHours(
                practitioner=doctor,
                site=site,
                room=room,
                weekday=weekday,
                starts=starts,
                ends=ends,
                valid_from=since,
                valid_to=NEVER_ENDED,
            )
            for weekday in range(1, 6)
            for starts, ends in (MORNING, AFTERNOON)
            if (weekday, starts) != (free_half_day, AFTERNOON[0])
        )
    _open_today(doctors[0], sites[0], rooms[sites[0].pk][0], now)
    _plan_absences(doctors, sites, now)


def _open_today(doctor: Practitioner, site: Site, room: Room, now: dt.datetime) -> None:
    """Let the first doctor's day lie around this hour, whatever hour and weekday it is."""
    local = times.to_local(now, site.time_zone)
    first = min(max(local.hour - 4, 0), 14)
    last = first + 9
    for starts, ends in ((first, first + 5), (first + 5, last)):
        begin, end = dt.time(starts, 0), dt.time(ends % 24, 0)
        if starts == first + 5:
            begin = dt.time(starts, 40)
        DateWindow.objects.create(
            practitioner=doctor,
            site=site,
            room=room,
            kind=WindowKind.REPLACE,
            date=local.date(),
            starts=begin,
            ends=end,
        )


def _plan_absences(
    doctors: Sequence[Practitioner], sites: Sequence[Site], now: dt.datetime
) -> None:
    """One doctor is away next week, one site is closed for a day in three weeks."""
    away_from = times.today(sites[1].time_zone, now) + dt.timedelta(days=9)
    Absence.objects.create(
        practitioner=doctors[7],
        starts_at=times.day_bounds(away_from, sites[1].time_zone)[0],
        ends_at=times.day_bounds(away_from + dt.timedelta(days=2), sites[1].time_zone)[1],
        public_reason="On leave",
    )
    closed = times.today(sites[2].time_zone, now) + dt.timedelta(days=22)
    starts_at, ends_at = times.day_bounds(closed, sites[2].time_zone)
    Closure.objects.create(
        site=sites[2], starts_at=starts_at, ends_at=ends_at, public_reason="Staff training day"
    )

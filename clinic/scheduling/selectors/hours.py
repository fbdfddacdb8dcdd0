"""What the hours page reads: the week that stands on a date, dated windows, absences, closures."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from clinic.lib import times
from clinic.people.models import Practitioner
from clinic.people.viewer import Viewer
from clinic.scheduling import availability as engine
from clinic.scheduling import permissions
from clinic.scheduling.models import (
    Absence,
    Closure,
    DateWindow,
    Offering,
    Room,
    Site,
    WorkingHours,
)


@dataclass(frozen=True, slots=True)
class Hours:
    """A doctor's rules as the page edits them."""

    practitioner: Practitioner
    time_zone: str
    weekly: Sequence[WorkingHours]
    later: Sequence[dt.date]
    dates: Sequence[DateWindow]
    absences: Sequence[Absence]
    closures: Sequence[Closure]
    sites: Sequence[Site]
    offerings: Sequence[Offering]
    visit_minutes: int


def practice_today(*, practitioner_id: uuid.UUID, now: dt.datetime) -> dt.date:
    """Return the calendar day it is where a doctor works (T7).

    With sites in several zones it is the earliest of their days: what is still today somewhere is
    not past.
    """
    working = WorkingHours.objects.filter(practitioner_id=practitioner_id)
    zones = Site.objects.filter(pk__in=working.values("site")).values_list("time_zone", flat=True)
    days = {times.today(zone, now) for zone in zones}
    if not days:
        active = Site.objects.filter(active=True).values_list("time_zone", flat=True)
        days = {times.today(zone, now) for zone in active} or {times.today("UTC", now)}
    return min(days)


def hours_of(*, practitioner_id: uuid.UUID, on: dt.date, now: dt.datetime, viewer: Viewer) -> Hours:
    """Return the rules that stand on a date and what is planned from now; raise NotAllowed."""
    permissions.check_can_edit_schedule(viewer, practitioner_id)
    practitioner = Practitioner.objects.filter(pk=practitioner_id).first()
    if practitioner is None:
        raise permissions.NotAllowed
    hours = WorkingHours.objects.filter(practitioner_id=practitioner_id)
    standing = hours.filter(valid_from__lte=on).filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=on)
    )
    sites = list(Site.objects.filter(active=True).order_by("name"))
    weekly = list(standing.select_related("site", "room").order_by("weekday", "starts"))
    offerings = list(
        Offering.objects.filter(practitioner_id=practitioner_id, visit_type__active=True)
        .select_related("visit_type")
        .order_by("visit_type__position", "visit_type__name")
    )
    at = {row.site_id for row in weekly}
    return Hours(
        practitioner=practitioner,
        time_zone=weekly[0].site.time_zone if weekly else (sites[0].time_zone if sites else "UTC"),
        weekly=weekly,
        later=sorted(set(hours.filter(valid_from__gt=on).values_list("valid_from", flat=True))),
        dates=list(
            DateWindow.objects.filter(practitioner_id=practitioner_id, date__gte=now.date())
            .select_related("site")
            .order_by("date", "starts")[:50]
        ),
        absences=list(
            Absence.objects.filter(practitioner_id=practitioner_id, ends_at__gt=now)
            .select_related("visit_type")
            .order_by("starts_at")[:50]
        ),
        closures=list(
            Closure.objects.filter(site_id__in=at, ends_at__gt=now)
            .select_related("site")
            .order_by("starts_at")[:20]
        ),
        sites=sites,
        offerings=offerings,
        visit_minutes=_usual_length(offerings),
    )


def _usual_length(offerings: Sequence[Offering]) -> int:
    if not offerings:
        return engine.SYSTEM_PARAMETERS.duration_minutes
    offering = offerings[0]
    layers = ({"duration_minutes": one.duration_minutes} for one in (offering.visit_type, offering))
    return engine.resolve_parameters(*layers).duration_minutes


def closures_ahead(*, now: dt.datetime, viewer: Viewer) -> list[Closure]:
    """Return the closures still to come, for whoever may edit them; raise NotAllowed."""
    permissions.check_can_close_site(viewer)
    return list(
        Closure.objects.filter(ends_at__gt=now)
        .select_related("site")
        .order_by("starts_at", "site__name")[:100]
    )


def rooms_by_site() -> dict[uuid.UUID, list[Room]]:
    """Return every room under its site."""
    found: dict[uuid.UUID, list[Room]] = {}
    for room in Room.objects.order_by("name"):
        found.setdefault(room.site_id, []).append(room)
    return found

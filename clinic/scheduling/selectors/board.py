"""A doctor's day and week as staff see them. Who may watch is asked here, always."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Q, QuerySet, Subquery

from clinic.crypto import datakeys
from clinic.lib import times
from clinic.people.models import Practitioner
from clinic.people.viewer import Viewer
from clinic.scheduling import availability as engine
from clinic.scheduling import permissions
from clinic.scheduling.choices import VISIT_STATUSES, AppointmentStatus
from clinic.scheduling.flow import Passage
from clinic.scheduling.models import (
    Appointment,
    AppointmentStatusChange,
    Offering,
    Site,
    WorkingHours,
)
from clinic.scheduling.selectors import availability as reads
from clinic.scheduling.selectors.versions import DaySpan, span_versions

CELL_MINUTES = 5


@dataclass(frozen=True, slots=True)
class BoardVisit:
    """One row of the board: the appointment and its way through the day."""

    appointment: Appointment
    passage: Passage


@dataclass(frozen=True, slots=True)
class Cell:
    """Five minutes of the day: open for visits, or blocked with a reason."""

    starts_at: int
    blocked: engine.Refusal | None
    reason: str


@dataclass(frozen=True, slots=True)
class BoardFilters:
    """What a board can be narrowed by: pairs of value and label."""

    visit_types: Sequence[tuple[str, str]]
    sites: Sequence[tuple[str, str]]
    statuses: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class BoardDay:
    practitioner: Practitioner
    date: dt.date
    time_zone: str
    version: int
    visits: Sequence[BoardVisit]
    cells: Sequence[Cell]
    free: Sequence[engine.Start]
    filters: BoardFilters


@dataclass(frozen=True, slots=True)
class BoardOf:
    """A doctor and the zone of the board: that of the site of the newest hours."""

    practitioner: Practitioner
    time_zone: str


def board_of(*, practitioner_id: uuid.UUID, viewer: Viewer) -> BoardOf:
    """Return whose board this is; raise NotAllowed for whoever may not watch it."""
    if not permissions.can_view_board(viewer, practitioner_id):
        raise permissions.NotAllowed
    zone = _newest_hours(OuterRef("pk")).values("site__time_zone")[:1]
    practitioner = (
        Practitioner.objects.filter(pk=practitioner_id).annotate(zone=Subquery(zone)).first()
    )
    if practitioner is None:
        raise permissions.NotAllowed
    return BoardOf(practitioner, practitioner.zone or "UTC")


def time_zone_of(practitioner_id: uuid.UUID) -> str:
    """Return the zone a doctor's board is drawn in, for whoever asks."""
    zone = _newest_hours(practitioner_id).values_list("site__time_zone", flat=True).first()
    return zone or "UTC"


def _newest_hours(practitioner: uuid.UUID | OuterRef) -> QuerySet[WorkingHours]:
    hours = WorkingHours.objects.filter(practitioner_id=practitioner)
    return hours.order_by("-valid_from", "weekday", "starts")


def board_day(
    *, practitioner_id: uuid.UUID, date: dt.date, viewer: Viewer, now: dt.datetime
) -> BoardDay:
    """Return one doctor-day: visits with their way through it, open and blocked time, free
    starts.
    """
    whose = board_of(practitioner_id=practitioner_id, viewer=viewer)
    span = DaySpan(practitioner_id, date, date)
    version = span_versions([span])[span]
    visits = _visits(Q(practitioner_id=practitioner_id, local_date=date), now=now)
    lower, upper = times.day_bounds(date, whose.time_zone)
    loaded = reads.load(practitioner_ids=[practitioner_id], lower=lower, upper=upper, now=now)
    offerings = offerings_of(practitioner_id=practitioner_id)
    sites = reads.sites_by_id()
    return BoardDay(
        practitioner=whose.practitioner,
        date=date,
        time_zone=whose.time_zone,
        version=version,
        visits=visits,
        cells=_cells(practitioner_id, loaded, lower, upper, now),
        free=_free(offerings, sites, loaded, max(lower, now), upper, now),
        filters=_filters(
            offerings,
            reads.sites_with_windows(loaded=loaded, practitioner_id=practitioner_id),
            sites,
        ),
    )


def board_days(
    *, practitioner_id: uuid.UUID, dates: Sequence[dt.date], viewer: Viewer, now: dt.datetime
) -> tuple[int, str, dict[dt.date, list[BoardVisit]]]:
    """Return version, zone and visits by day of several consecutive days (the week view)."""
    whose = board_of(practitioner_id=practitioner_id, viewer=viewer)
    span = DaySpan(practitioner_id, dates[0], dates[-1])
    version = span_versions([span])[span]
    found: dict[dt.date, list[BoardVisit]] = {date: [] for date in dates}
    days = Q(practitioner_id=practitioner_id, local_date__range=(dates[0], dates[-1]))
    for visit in _visits(days, now=now):
        found[visit.appointment.local_date].append(visit)
    return version, whose.time_zone, found


def visit_for_staff(*, appointment_id: uuid.UUID, viewer: Viewer) -> Appointment:
    """Return one visit with patient and history for the side panel; raise NotAllowed."""
    visit = (
        Appointment.objects.filter(
            permissions.visible_appointments(viewer), pk=appointment_id, patient__isnull=False
        )
        .select_related("patient", "visit_type", "site", "room", "practitioner")
        .prefetch_related("status_changes__by__practitioner", "status_changes__by__patient")
        .first()
    )
    if visit is None or not permissions.can_view_board(viewer, visit.practitioner_id):
        raise permissions.NotAllowed
    return visit


def _visits(which: Q, *, now: dt.datetime) -> list[BoardVisit]:
    live_hold = Q(status=AppointmentStatus.PROPOSED, released_at__gt=now)
    live_request = Q(status=AppointmentStatus.PENDING, released_at__gt=now)
    lasting = VISIT_STATUSES - {AppointmentStatus.PENDING}
    rows = list(
        Appointment.objects.filter(which)
        .filter(Q(status__in=lasting) | live_hold | live_request)
        .select_related("patient", "visit_type", "site", "room")
        .order_by("starts_at", "pk")
    )
    datakeys.preload(row.patient_id for row in rows)
    instants = _instants([row.pk for row in rows])
    return [BoardVisit(row, _passage(row, instants[row.pk])) for row in rows]


def _instants(appointment_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, dict[str, dt.datetime]]:
    """Return when each visit last came to each status (S2: timers read the rows)."""
    found: dict[uuid.UUID, dict[str, dt.datetime]] = defaultdict(dict)
    rows = AppointmentStatusChange.objects.filter(
        appointment_id__in=list(appointment_ids), kind="status"
    ).order_by("at", "pk")
    for appointment_id, status, at in rows.values_list("appointment_id", "to_status", "at"):
        found[appointment_id][status] = at
    return found


def _passage(row: Appointment, instants: dict[str, dt.datetime]) -> Passage:
    return Passage(
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        status=row.status,
        arrived_at=instants.get(AppointmentStatus.ARRIVED),
        in_room_at=instants.get(AppointmentStatus.CHECKED_IN),
        done_at=instants.get(AppointmentStatus.FULFILLED),
    )


def _cells(
    practitioner_id: uuid.UUID,
    loaded: reads.Loaded,
    lower: dt.datetime,
    upper: dt.datetime,
    now: dt.datetime,
) -> list[Cell]:
    """Ask the engine for a grid of five minutes with nothing booked: that is the day's open
    time.
    """
    cell = engine.resolve_parameters(
        {"duration_minutes": CELL_MINUTES, "grid_minutes": CELL_MINUTES}
    )
    starts = engine.starts(
        rules=loaded.rules,
        busy=[],
        parameters=cell,
        practitioner_id=practitioner_id,
        visit_type_id=None,
        now=times.seconds(now),
        for_patient=False,
        start=times.seconds(lower),
        end=times.seconds(upper),
    )
    return [Cell(start.starts_at, start.refusal, start.reason) for start in starts]


def offerings_of(*, practitioner_id: uuid.UUID) -> list[Offering]:
    """Return what a doctor offers, in the clinic's order."""
    return list(
        Offering.objects.filter(practitioner_id=practitioner_id, visit_type__active=True)
        .select_related("visit_type")
        .order_by("visit_type__position", "visit_type__name")
    )


def _free(
    offerings: Sequence[Offering],
    sites: Mapping[uuid.UUID, Site],
    loaded: reads.Loaded,
    lower: dt.datetime,
    upper: dt.datetime,
    now: dt.datetime,
) -> list[engine.Start]:
    """Return the free starts still to come for the visit type the doctor offers first."""
    if not offerings or lower >= upper:
        return []
    starts = reads.starts_between(
        loaded=loaded,
        offered=reads.resolve(offerings[0], sites),
        lower=lower,
        upper=upper,
        modality=None,
        for_patient=False,
        now=now,
    )
    return [start for start in starts if start.refusal is None]


def week_filters(*, practitioner_id: uuid.UUID) -> BoardFilters:
    """Return the filters of the week view, whose days may lie at any of the doctor's sites."""
    site_ids = WorkingHours.objects.filter(practitioner_id=practitioner_id)
    return _filters(
        offerings_of(practitioner_id=practitioner_id),
        sorted(set(site_ids.values_list("site_id", flat=True))),
        reads.sites_by_id(),
    )


def _filters(
    offerings: Sequence[Offering],
    site_ids: Sequence[uuid.UUID],
    sites: Mapping[uuid.UUID, Site],
) -> BoardFilters:
    shown = (
        AppointmentStatus.BOOKED,
        AppointmentStatus.ARRIVED,
        AppointmentStatus.CHECKED_IN,
        AppointmentStatus.FULFILLED,
        AppointmentStatus.NOSHOW,
    )
    return BoardFilters(
        visit_types=[(str(one.visit_type_id), one.visit_type.name) for one in offerings],
        sites=[(str(pk), sites[pk].name) for pk in site_ids if pk in sites],
        statuses=[(status.value, str(status.label)) for status in shown],
    )

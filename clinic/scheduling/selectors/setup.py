"""What the set-up pages read: sites, visit types, and doctors with what they offer."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from clinic.people.choices import ApprovalStatus
from clinic.people.models import Practitioner
from clinic.people.viewer import Viewer
from clinic.scheduling import availability as engine
from clinic.scheduling import permissions, rules
from clinic.scheduling.choices import AppointmentStatus
from clinic.scheduling.models import (
    PARAMETER_NAMES,
    Appointment,
    DateWindow,
    Offering,
    Room,
    Site,
    VisitType,
    WorkingHours,
)

Value = int | bool | None


@dataclass(frozen=True, slots=True)
class Inherited:
    """What a parameter is where nothing is said. `varies`: it is not the same at every site."""

    value: Value
    varies: bool = False


@dataclass(frozen=True, slots=True)
class DoctorRow:
    """A doctor, what they offer now, and whether they have hours."""

    practitioner: Practitioner
    offered: Sequence[VisitType]
    has_hours: bool

    @property
    def can_be_booked(self) -> bool:
        return self.has_hours and bool(self.offered)


@dataclass(frozen=True, slots=True)
class Overview:
    """The clinic as it is set up; `waiting` counts doctors whom nobody has approved yet."""

    sites: Sequence[Site]
    visit_types: Sequence[VisitType]
    doctors: Sequence[DoctorRow]
    waiting: int


@dataclass(frozen=True, slots=True)
class SiteSetup:
    """A site, its rooms with `in_use`, and how many visits are booked there from now."""

    site: Site
    rooms: Sequence[Room]
    visits_ahead: int


@dataclass(frozen=True, slots=True)
class VisitTypeSetup:
    visit_type: VisitType
    visits_ahead: int


@dataclass(frozen=True, slots=True)
class DoctorSetup:
    """Every visit type, with the offering of this doctor or None."""

    practitioner: Practitioner
    kinds: Sequence[tuple[VisitType, Offering | None]]
    has_hours: bool


def overview(*, viewer: Viewer, now: dt.datetime) -> Overview:
    """Return the whole set-up; raise NotAllowed."""
    permissions.check_can_set_up(viewer)
    offered: dict[uuid.UUID, list[VisitType]] = {}
    offerings = Offering.objects.filter(visit_type__active=True).select_related("visit_type")
    for offering in offerings.order_by("visit_type__position", "visit_type__name"):
        offered.setdefault(offering.practitioner_id, []).append(offering.visit_type)
    with_hours = _with_hours(now)
    people = Practitioner.objects.order_by("family_name", "given_name", "pk")
    return Overview(
        sites=list(
            Site.objects.annotate(room_count=Count("rooms")).order_by("-active", "name", "pk")
        ),
        visit_types=list(
            VisitType.objects.annotate(
                doctor_count=Count(
                    "offerings", filter=Q(offerings__practitioner__approval="approved")
                )
            ).order_by("-active", "position", "name")
        ),
        doctors=[
            DoctorRow(doctor, offered.get(doctor.pk, []), doctor.pk in with_hours)
            for doctor in people.filter(approval=ApprovalStatus.APPROVED)
        ],
        waiting=people.filter(approval=ApprovalStatus.PENDING).count(),
    )


def site_setup(*, site_id: uuid.UUID, viewer: Viewer, now: dt.datetime) -> SiteSetup:
    """Return a site as it is edited; raise NotAllowed."""
    permissions.check_can_set_up(viewer)
    site = Site.objects.filter(pk=site_id).first()
    if site is None:
        raise permissions.NotAllowed
    named = (
        Exists(model._default_manager.filter(room=OuterRef("pk")))
        for model in (WorkingHours, DateWindow, Appointment)
    )
    weekly, dated, booked = named
    rooms = Room.objects.filter(site=site).annotate(in_use=weekly | dated | booked)
    return SiteSetup(
        site=site,
        rooms=list(rooms.order_by("name")),
        visits_ahead=_ahead(now).filter(site=site).count(),
    )


def site_of_room(*, room_id: uuid.UUID, viewer: Viewer) -> uuid.UUID:
    """Return the id of the site a room belongs to; raise NotAllowed."""
    permissions.check_can_set_up(viewer)
    site_id = Room.objects.filter(pk=room_id).values_list("site_id", flat=True).first()
    if site_id is None:
        raise permissions.NotAllowed
    return site_id


def visit_type_setup(
    *, visit_type_id: uuid.UUID, viewer: Viewer, now: dt.datetime
) -> VisitTypeSetup:
    """Return a visit type as it is edited; raise NotAllowed."""
    permissions.check_can_set_up(viewer)
    visit_type = VisitType.objects.filter(pk=visit_type_id).first()
    if visit_type is None:
        raise permissions.NotAllowed
    return VisitTypeSetup(visit_type, _ahead(now).filter(visit_type=visit_type).count())


def doctor_setup(*, practitioner_id: uuid.UUID, viewer: Viewer, now: dt.datetime) -> DoctorSetup:
    """Return an approved doctor and every visit type, offered or not; raise NotAllowed."""
    permissions.check_can_set_up(viewer)
    practitioner = Practitioner.objects.filter(
        pk=practitioner_id, approval=ApprovalStatus.APPROVED
    ).first()
    if practitioner is None:
        raise permissions.NotAllowed
    offerings = Offering.objects.filter(practitioner=practitioner)
    offered = {offering.visit_type_id: offering for offering in offerings}
    kinds = VisitType.objects.order_by("-active", "position", "name")
    return DoctorSetup(
        practitioner=practitioner,
        kinds=[(kind, offered.get(kind.pk)) for kind in kinds if kind.active or kind.pk in offered],
        has_hours=practitioner.pk in _with_hours(now),
    )


def offering_setup(
    *, practitioner_id: uuid.UUID, visit_type_id: uuid.UUID, viewer: Viewer
) -> Offering:
    """Return what a doctor offers, with the doctor and the visit type; raise NotAllowed."""
    permissions.check_can_set_up(viewer)
    offering = (
        Offering.objects.filter(practitioner_id=practitioner_id, visit_type_id=visit_type_id)
        .select_related("practitioner", "visit_type")
        .first()
    )
    if offering is None:
        raise permissions.NotAllowed
    return offering


def inherited_by_site() -> dict[str, Inherited]:
    """Return what the system says of every parameter (A4)."""
    values = {name: getattr(engine.SYSTEM_PARAMETERS, name, None) for name in PARAMETER_NAMES}
    values["max_moves"] = rules.MAX_MOVES_BY_PATIENT
    return {name: Inherited(value) for name, value in values.items()}


def inherited_by_visit_type() -> dict[str, Inherited]:
    """Return what the sites that are open say of every parameter, over the system (A4)."""
    system = inherited_by_site()
    sites = list(Site.objects.filter(active=True).values(*PARAMETER_NAMES))
    return {name: _agreed(name, sites, system[name].value) for name in PARAMETER_NAMES}


def inherited_by_offering(*, visit_type: VisitType) -> dict[str, Inherited]:
    """Return what a visit type says of every parameter, over the sites and the system (A4)."""
    said = {name: getattr(visit_type, name) for name in PARAMETER_NAMES}
    below = inherited_by_visit_type()
    return {
        name: below[name] if value is None else Inherited(value) for name, value in said.items()
    }


def _agreed(name: str, sites: Sequence[Mapping[str, Value]], otherwise: Value) -> Inherited:
    values = {otherwise if site[name] is None else site[name] for site in sites}
    if len(values) > 1:
        return Inherited(None, varies=True)
    return Inherited(next(iter(values), otherwise))


def _ahead(now: dt.datetime) -> QuerySet[Appointment]:
    """Return the visits and requests still to come; a hold is neither yet."""
    return Appointment.objects.claiming(now).filter(
        starts_at__gte=now, status__in=(AppointmentStatus.BOOKED, AppointmentStatus.PENDING)
    )


def _with_hours(now: dt.datetime) -> set[uuid.UUID]:
    """Return the doctors who have hours, now or later, at a site that is open."""
    today = now.date()
    weekly = WorkingHours.objects.filter(site__active=True).filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=today)
    )
    dated = DateWindow.objects.filter(site__active=True, date__gte=today, starts__isnull=False)
    return set(weekly.values_list("practitioner_id", flat=True)) | set(
        dated.values_list("practitioner_id", flat=True)
    )

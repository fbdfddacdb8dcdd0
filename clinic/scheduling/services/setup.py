"""Setting the clinic up: sites, their rooms, visit types, and what each doctor offers (A4).

A change takes the schedules it is about alone, as a change of hours does, so a booking is checked
against the rules before it or after it. Booked visits stay as they are, whatever changes here.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.text import slugify

from clinic.audit import services as audit
from clinic.lib.ids import uuid7
from clinic.people.choices import ApprovalStatus
from clinic.people.models import Practitioner
from clinic.people.viewer import Viewer
from clinic.scheduling import permissions
from clinic.scheduling.choices import VisitColor
from clinic.scheduling.models import (
    PARAMETER_NAMES,
    Appointment,
    Offering,
    Room,
    Site,
    VisitType,
)
from clinic.scheduling.selectors import stranded
from clinic.scheduling.services import days
from clinic.scheduling.services.locks import in_one_transaction, lock_schedules

Row = TypeVar("Row", bound=Model)

# What was not said inherits.
Parameters = Mapping[str, int | bool | None]


class NameTaken(Exception):
    """Something of the same kind has this name already."""


class ZoneInUse(Exception):
    """Visits are booked at the site; another zone would shift the hours away from under them."""


class RoomInUse(Exception):
    """Hours or visits name this room."""


@dataclass(frozen=True, slots=True)
class SiteDetails:
    name: str
    time_zone: str
    address: str = ""
    directions: str = ""
    phone: str = ""
    active: bool = True
    parameters: Parameters = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VisitTypeDetails:
    name: str
    modalities: list[str]
    description: str = ""
    preparation: str = ""
    icon: str = "stethoscope"
    color: str = VisitColor.ACT
    reminder_steps_minutes: list[int] | None = None
    position: int = 0
    active: bool = True
    parameters: Parameters = field(default_factory=dict)


@in_one_transaction
def create_site(*, details: SiteDetails, by: Viewer, now: dt.datetime) -> Site:
    """Raises NotAllowed, NameTaken."""
    permissions.check_can_set_up(by)
    site = Site()
    _fill(site, details)
    _create_with_slug(site)
    _record("site.created", site, by=by, now=now)
    return site


@in_one_transaction
def change_site(*, site_id: uuid.UUID, details: SiteDetails, by: Viewer, now: dt.datetime) -> Site:
    """Raises NotAllowed, NameTaken, ZoneInUse."""
    permissions.check_can_set_up(by)
    practitioner_ids = stranded.practitioners_at(site_id=site_id)
    lock_schedules(practitioner_ids)
    site = _found(Site.objects.select_for_update(no_key=True).filter(pk=site_id).first())
    changed = _fill(site, details)
    if "name" in changed:
        _check_name_free(site)
    if "time_zone" in changed and _has_visits_ahead(site_id, now):
        raise ZoneInUse
    if changed:
        site.save()
        _record("site.changed", site, by=by, now=now, changed=changed)
        days.bump_rules(practitioner_ids)
    return site


@in_one_transaction
def add_room(*, site_id: uuid.UUID, name: str, by: Viewer, now: dt.datetime) -> Room:
    """Raises NotAllowed, NameTaken."""
    permissions.check_can_set_up(by)
    room = Room(site=_found(Site.objects.filter(pk=site_id).first()), name=name)
    _save_unique(room)
    _record("room.created", room, by=by, now=now)
    return room


@in_one_transaction
def rename_room(*, room_id: uuid.UUID, name: str, by: Viewer, now: dt.datetime) -> Room:
    """Raises NotAllowed, NameTaken."""
    permissions.check_can_set_up(by)
    room = _found(Room.objects.filter(pk=room_id).first())
    practitioner_ids = stranded.practitioners_at(site_id=room.site_id)
    lock_schedules(practitioner_ids)
    room.name = name
    _save_unique(room)
    _record("room.renamed", room, by=by, now=now)
    days.bump_rules(practitioner_ids)
    return room


@in_one_transaction
def remove_room(*, room_id: uuid.UUID, by: Viewer, now: dt.datetime) -> uuid.UUID:
    """Remove a room that nothing names and return the id of its site. Raises NotAllowed,
    RoomInUse.
    """
    permissions.check_can_set_up(by)
    room = _found(Room.objects.filter(pk=room_id).first())
    _record("room.removed", room, by=by, now=now)
    try:
        with transaction.atomic():
            room.delete()
    except IntegrityError as error:
        raise RoomInUse from error
    return room.site_id


@in_one_transaction
def create_visit_type(*, details: VisitTypeDetails, by: Viewer, now: dt.datetime) -> VisitType:
    """Raises NotAllowed, NameTaken."""
    permissions.check_can_set_up(by)
    visit_type = VisitType()
    _fill(visit_type, details)
    _create_with_slug(visit_type)
    _record("visit_type.created", visit_type, by=by, now=now)
    return visit_type


@in_one_transaction
def change_visit_type(
    *, visit_type_id: uuid.UUID, details: VisitTypeDetails, by: Viewer, now: dt.datetime
) -> VisitType:
    """Raises NotAllowed, NameTaken."""
    permissions.check_can_set_up(by)
    offered = Offering.objects.filter(visit_type_id=visit_type_id)
    practitioner_ids = sorted(offered.values_list("practitioner_id", flat=True))
    lock_schedules(practitioner_ids)
    kinds = VisitType.objects.select_for_update(no_key=True)
    visit_type = _found(kinds.filter(pk=visit_type_id).first())
    changed = _fill(visit_type, details)
    if "name" in changed:
        _check_name_free(visit_type)
    if changed:
        visit_type.save()
        _record("visit_type.changed", visit_type, by=by, now=now, changed=changed)
        days.bump_rules(practitioner_ids)
    return visit_type


@in_one_transaction
def set_offerings(
    *,
    practitioner_id: uuid.UUID,
    visit_type_ids: Collection[uuid.UUID],
    by: Viewer,
    now: dt.datetime,
) -> None:
    """Let a doctor offer exactly these visit types. What stays keeps its own rules.

    Raises NotAllowed.
    """
    permissions.check_can_set_up(by)
    doctors = Practitioner.objects.filter(pk=practitioner_id, approval=ApprovalStatus.APPROVED)
    practitioner = _found(doctors.first())
    lock_schedules([practitioner_id])
    offered = Offering.objects.filter(practitioner_id=practitioner_id)
    offered.exclude(visit_type_id__in=visit_type_ids).delete()
    added = VisitType.objects.filter(pk__in=visit_type_ids).exclude(
        pk__in=offered.values("visit_type_id")
    )
    Offering.objects.bulk_create(
        Offering(practitioner=practitioner, visit_type=one) for one in added
    )
    _record("offerings.changed", practitioner, by=by, now=now)
    # Also makes the schedule of a doctor who had none.
    days.bump_rules([practitioner_id])


@in_one_transaction
def change_offering(
    *,
    practitioner_id: uuid.UUID,
    visit_type_id: uuid.UUID,
    parameters: Parameters,
    by: Viewer,
    now: dt.datetime,
) -> Offering:
    """Let a visit type have a doctor's own rules. Raises NotAllowed."""
    permissions.check_can_set_up(by)
    lock_schedules([practitioner_id])
    offering = _found(
        Offering.objects.filter(
            practitioner_id=practitioner_id, visit_type_id=visit_type_id
        ).first()
    )
    changed = _set(offering, {name: parameters.get(name) for name in PARAMETER_NAMES})
    if changed:
        offering.save()
        _record("offering.changed", offering, by=by, now=now, changed=changed)
        days.bump_rules([practitioner_id])
    return offering


def _found(row: Row | None) -> Row:
    """Return the row; what is not there may not be touched either."""
    if row is None:
        raise permissions.NotAllowed
    return row


def _fill(row: Site | VisitType, details: SiteDetails | VisitTypeDetails) -> list[str]:
    """Put the details into the row; return the names of the fields that changed."""
    own = {one.name: getattr(details, one.name) for one in fields(details)}
    parameters = own.pop("parameters")
    return _set(row, own | {name: parameters.get(name) for name in PARAMETER_NAMES})


def _set(row: Model, values: Mapping[str, object]) -> list[str]:
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    return changed


def _create_with_slug(row: Site | VisitType) -> None:
    """Insert the row under a slug made of its name. Two presses of one button make one row."""
    _check_name_free(row)
    row.slug = _free_slug(row)
    _save_unique(row)


def _free_slug(row: Site | VisitType) -> str:
    slug = slugify(row.name)[:40]
    taken = type(row)._default_manager.filter(slug=slug).exists()
    return slug if slug and not taken else f"{slug}-{uuid7().hex[-8:]}".lstrip("-")


def _check_name_free(row: Site | VisitType) -> None:
    namesakes = type(row)._default_manager.filter(name__iexact=row.name)
    if namesakes.exclude(pk=row.pk).exists():
        raise NameTaken


def _save_unique(row: Model) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise NameTaken from error


def _has_visits_ahead(site_id: uuid.UUID, now: dt.datetime) -> bool:
    return Appointment.objects.claiming(now).filter(site_id=site_id, ends_at__gt=now).exists()


def _record(
    action: str, row: Model, *, by: Viewer, now: dt.datetime, changed: Collection[str] = ()
) -> None:
    audit.record(
        actor_id=by.user_id,
        actor_roles=by.roles,
        action=action,
        object_type=row._meta.model_name or "",
        object_id=row.pk,
        now=now,
        detail={"changed": list(changed)} if changed else None,
    )

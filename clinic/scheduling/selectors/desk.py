"""What the front desk reads: today's doctors, patients by name, what a doctor offers."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import Concat, Replace

from clinic.lib import times
from clinic.people.choices import ApprovalStatus
from clinic.people.models import Patient, Practitioner
from clinic.people.viewer import Viewer
from clinic.scheduling import permissions
from clinic.scheduling.choices import VISIT_STATUSES, AppointmentStatus
from clinic.scheduling.models import Appointment, Site, WorkingHours

MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class DoctorToday:
    """One doctor's day in figures."""

    practitioner: Practitioner
    date: dt.date
    visits: int
    waiting: int
    in_room: int
    seen: int


@dataclass(frozen=True, slots=True)
class SiteToday:
    site: Site
    date: dt.date
    local_time: str
    doctors: Sequence[DoctorToday]


def sites_today(*, viewer: Viewer, now: dt.datetime) -> list[SiteToday]:
    """Return every site with the doctors who have hours there and how their day stands."""
    _check(viewer)
    doctors: dict[uuid.UUID, set[uuid.UUID]] = {}
    for site_id, practitioner_id in (
        WorkingHours.objects.filter(practitioner__approval=ApprovalStatus.APPROVED)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=now.date()))
        .values_list("site_id", "practitioner_id")
        .distinct()
    ):
        doctors.setdefault(site_id, set()).add(practitioner_id)
    people = {
        person.pk: person
        for person in Practitioner.objects.filter(
            pk__in={pk for of_site in doctors.values() for pk in of_site}
        )
    }
    found = []
    for site in Site.objects.filter(active=True).order_by("name"):
        date = times.today(site.time_zone, now)
        figures = _figures(site.pk, date)
        found.append(
            SiteToday(
                site=site,
                date=date,
                local_time=times.format_clock(times.to_local(now, site.time_zone)),
                doctors=[
                    DoctorToday(people[pk], date, *figures.get(pk, (0, 0, 0, 0)))
                    for pk in sorted(
                        doctors.get(site.pk, ()), key=lambda pk: people[pk].family_name
                    )
                ],
            )
        )
    return found


def _figures(site_id: uuid.UUID, date: dt.date) -> dict[uuid.UUID, tuple[int, int, int, int]]:
    rows = (
        Appointment.objects.filter(site_id=site_id, local_date=date, status__in=VISIT_STATUSES)
        .values("practitioner_id")
        .annotate(
            visits=Count("pk"),
            waiting=Count("pk", filter=Q(status=AppointmentStatus.ARRIVED)),
            in_room=Count("pk", filter=Q(status=AppointmentStatus.CHECKED_IN)),
            seen=Count("pk", filter=Q(status=AppointmentStatus.FULFILLED)),
        )
    )
    return {
        row["practitioner_id"]: (row["visits"], row["waiting"], row["in_room"], row["seen"])
        for row in rows
    }


def patients_matching(*, query: str, viewer: Viewer) -> list[Patient]:
    """Return patients whose name, record number or birth date begins with the words; at most 20.

    A doctor finds only people who have a visit with them.
    """
    words = query.split()
    if not words:
        return []
    found = _patients_of(viewer).annotate(
        whole_name=Concat("given_name", Value(" "), "family_name"),
        bare_number=Replace("record_number", Value(" ")),
    )
    number = "".join(words)
    by_name = Q()
    for word in words:
        by_name &= Q(given_name__istartswith=word) | Q(family_name__istartswith=word)
    by_name |= Q(whole_name__istartswith=" ".join(words))
    return list(
        found.filter(by_name | Q(bare_number__iexact=number)).order_by(
            "family_name", "given_name", "pk"
        )[:MOST_FOUND]
    )


def patient_for_desk(*, patient_id: uuid.UUID, viewer: Viewer) -> Patient:
    """Return one patient that this person may book for; raise NotAllowed."""
    patient = _patients_of(viewer).filter(pk=patient_id).first()
    if patient is None:
        raise permissions.NotAllowed
    return patient


def visits_of_patient(*, patient_id: uuid.UUID, viewer: Viewer) -> list[Appointment]:
    """Return a patient's visits as far as this person may see them, newest first; at most 50."""
    return list(
        Appointment.objects.filter(permissions.visible_appointments(viewer), patient_id=patient_id)
        .exclude(status=AppointmentStatus.PROPOSED)
        .select_related("practitioner", "visit_type", "site")
        .order_by("-starts_at", "pk")[:50]
    )


def _patients_of(viewer: Viewer) -> QuerySet[Patient]:
    if viewer.runs_the_desk:
        return Patient.objects.all()
    if viewer.practitioner_id is None or not viewer.is_staff:
        raise permissions.NotAllowed
    return Patient.objects.filter(
        appointments__in=Appointment.objects.filter(
            practitioner_id=viewer.practitioner_id, status__in=VISIT_STATUSES
        )
    ).distinct()


def _check(viewer: Viewer) -> None:
    if not viewer.runs_the_desk:
        raise permissions.NotAllowed

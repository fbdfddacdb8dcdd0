"""The patients a doctor cares for now. Names and visits only: no record is opened here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max, Min, Q

from clinic.people.models import Patient
from clinic.people.viewer import Viewer
from clinic.records.permissions import NotAllowed
from clinic.scheduling.choices import AppointmentStatus
from clinic.scheduling.selectors.care import visits_of_care

MOST_SHOWN = 40


@dataclass(frozen=True, slots=True)
class CaredFor:
    """One patient, and when the doctor last saw and next sees them."""

    patient: Patient
    last: dt.datetime | None
    next: dt.datetime | None


def patients_cared_for(*, viewer: Viewer, query: str, now: dt.datetime) -> Sequence[CaredFor]:
    """Return the doctor's patients, who comes next first; at most MOST_SHOWN.

    Every word of `query` begins a name, or the whole is a record number. Raises NotAllowed.
    """
    if viewer.practitioner_id is None:
        raise NotAllowed("patients of nobody")
    visits = visits_of_care(practitioner_id=viewer.practitioner_id, now=now)
    seen = Q(starts_at__lt=now) & ~Q(status=AppointmentStatus.NOSHOW)
    rows = (
        visits.filter(_matching(query))
        .values("patient")
        .annotate(
            last=Max("starts_at", filter=seen), next=Min("starts_at", filter=Q(starts_at__gte=now))
        )
        .order_by("next", "-last", "patient")[:MOST_SHOWN]
    )
    found = {row["patient"]: row for row in rows}
    people = Patient.objects.in_bulk(found)
    return [CaredFor(people[key], row["last"], row["next"]) for key, row in found.items()]


def _matching(query: str) -> Q:
    words = query.split()
    if not words:
        return Q()
    by_name = Q()
    for word in words:
        begins = Q(patient__given_name__istartswith=word)
        by_name &= begins | Q(patient__family_name__istartswith=word)
    return by_name | Q(patient__record_number__iexact=" ".join(words))

"""What would be booked: names, place and times of a wish, read before it is confirmed."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from clinic.lib import times
from clinic.people.choices import ApprovalStatus
from clinic.people.models import Practitioner
from clinic.people.viewer import Viewer
from clinic.scheduling.models import Offering, Site, VisitType
from clinic.scheduling.selectors import availability as reads
from clinic.scheduling.selectors.slots import Question, read_practice


@dataclass(frozen=True, slots=True)
class Wished:
    """A time that somebody thinks of booking; whether it is free is not said here."""

    practitioner_id: uuid.UUID
    visit_type_id: uuid.UUID
    starts_at: dt.datetime
    modality: str


@dataclass(frozen=True, slots=True)
class Plan:
    practitioner: Practitioner
    visit_type: VisitType
    site: Site
    modality: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    needs_approval: bool
    cancel_cutoff_minutes: int


def plan(*, viewer: Viewer, wished: Wished, now: dt.datetime) -> Plan | None:
    """Return what would be booked, None where the doctor offers no such visit."""
    offering = (
        Offering.objects.filter(
            practitioner_id=wished.practitioner_id,
            visit_type_id=wished.visit_type_id,
            practitioner__approval=ApprovalStatus.APPROVED,
        )
        .select_related("practitioner", "visit_type")
        .first()
    )
    if offering is None:
        return None
    question = Question(wished.practitioner_id, wished.visit_type_id, wished.modality)
    day = wished.starts_at.date()
    try:
        practice = read_practice(viewer=viewer, question=question, first=day, last=day, now=now)
    except reads.NotOffered:
        return None
    starts = (
        start
        for date in (day - dt.timedelta(days=1), day, day + dt.timedelta(days=1))
        for start in practice.starts_on(date)
    )
    wished_second = times.seconds(wished.starts_at)
    place = next((start.site_id for start in starts if start.starts_at == wished_second), None)
    places = [place] if place else practice.places
    if not places or places[0] is None:
        return None
    parameters = practice.offered.parameters[places[0]]
    return Plan(
        practitioner=offering.practitioner,
        visit_type=offering.visit_type,
        site=practice.sites[places[0]],
        modality=wished.modality,
        starts_at=wished.starts_at,
        ends_at=wished.starts_at + dt.timedelta(minutes=parameters.duration_minutes),
        needs_approval=parameters.needs_approval,
        cancel_cutoff_minutes=parameters.cancel_cutoff_minutes,
    )

"""What a patient sees of the own holds and visits; a visit of somebody else does not exist."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q, QuerySet

from clinic.people.viewer import Viewer
from clinic.scheduling import flow, rules
from clinic.scheduling.choices import AppointmentStatus as S
from clinic.scheduling.models import Appointment, AppointmentStatusChange
from clinic.scheduling.permissions import check_has_visits, patient_of

PAGE_SIZE = 20
MOST_UPCOMING = 30
# A visit stays on top while the patient is at the clinic.
STILL_THERE = dt.timedelta(hours=3)
# A doctor's lateness is told on the day itself, when it begins to matter.
LATENESS_FROM = dt.timedelta(hours=3)
# For so long somebody is offered the time again that they did not confirm (H3).
RECENTLY = dt.timedelta(minutes=30)

PLANNED = (S.PENDING, S.BOOKED, S.ARRIVED, S.CHECKED_IN)


class Tab(StrEnum):
    UPCOMING = "upcoming"
    PAST = "past"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class HolderState:
    """What one person holds and has booked, the earliest first."""

    hold: Appointment | None
    visits: Sequence[Appointment]
    doctor_late_minutes: int


@dataclass(frozen=True, slots=True)
class VisitPage:
    visits: Sequence[Appointment]
    page: int
    pages: int


def _rows(which: Q) -> QuerySet[Appointment]:
    return Appointment.objects.filter(which).select_related(
        "practitioner", "visit_type", "site", "room", "patient"
    )


def _mine(viewer: Viewer, hold_token: uuid.UUID | None) -> Q:
    mine = Q(pk__in=[])
    if viewer.proxy is not None:
        mine |= Q(patient_id=patient_of(viewer), patient__isnull=False)
    elif viewer.user_id is not None:
        mine |= Q(patient__user_id=viewer.user_id)
    if hold_token is not None:
        mine |= Q(hold_token=hold_token)
    return mine


def holder_state(*, viewer: Viewer, hold_token: uuid.UUID | None, now: dt.datetime) -> HolderState:
    """Return the live hold and the coming visits of a person, or the hold of a visitor's token."""
    holding = Q(status=S.PROPOSED, released_at__gt=now)
    waiting = Q(status=S.PENDING, released_at__gt=now)
    rows = _rows(_mine(viewer, hold_token)).filter(
        holding | waiting | Q(status__in=PLANNED[1:], ends_at__gt=now - STILL_THERE)
    )
    found = list(rows.order_by("starts_at", "pk")[: MOST_UPCOMING + 1])
    hold = next((row for row in found if row.status == S.PROPOSED), None)
    visits = [row for row in found if row.status != S.PROPOSED]
    return HolderState(hold, visits, _doctor_late(visits[:1], now))


def _doctor_late(visits: Sequence[Appointment], now: dt.datetime) -> int:
    """Return how late the doctor of the next visit runs, from shortly before that visit on."""
    for visit in visits:
        if visit.status in (S.BOOKED, S.ARRIVED) and visit.starts_at - now < LATENESS_FROM:
            return _minutes_late(visit, now)
    return 0


def _minutes_late(visit: Appointment, now: dt.datetime) -> int:
    day = list(
        Appointment.objects.filter(
            practitioner_id=visit.practitioner_id,
            local_date=visit.local_date,
            status__in=(S.BOOKED, S.ARRIVED, S.CHECKED_IN),
        ).values_list("pk", "starts_at", "ends_at", "status")
    )
    in_room = dict(
        AppointmentStatusChange.objects.filter(
            appointment_id__in=[row[0] for row in day if row[3] == S.CHECKED_IN],
            to_status=S.CHECKED_IN,
        )
        .order_by("at")
        .values_list("appointment_id", "at")
    )
    passages = [
        flow.Passage(starts_at, ends_at, status, in_room_at=in_room.get(pk))
        for pk, starts_at, ends_at, status in day
    ]
    return flow.minutes_late(passages, now=now)


def current_hold(
    *, viewer: Viewer, hold_token: uuid.UUID | None, now: dt.datetime
) -> Appointment | None:
    """Return the time a person has chosen: the live hold, else the one that has just run out.

    Also finds what was chosen before signing in. What was let go on purpose is not offered again.
    """
    since = now - RECENTLY
    holds = _rows(_mine(viewer, hold_token)).filter(
        status=S.PROPOSED, released_at__gt=since, starts_at__gt=now
    )
    newest = holds.order_by("-released_at", "-pk").first()
    if newest is None or newest.released_at is None or newest.released_at > now:
        return newest
    return newest if _ran_out(newest) else None


def _ran_out(hold: Appointment) -> bool:
    """Say whether a hold ended by itself: it lasted exactly as long as it was given for."""
    assert hold.released_at is not None
    given = rules.HOLD_FOR * (2 if hold.hold_extended else 1)
    return hold.released_at - hold.created_at >= given


def visit_for(*, viewer: Viewer, appointment_id: uuid.UUID) -> Appointment | None:
    """Return one own visit, None for anything else; what was entered in error is not shown."""
    patient_id = patient_of(viewer)
    if patient_id is None:
        return None
    return (
        _rows(Q(patient_id=patient_id, pk=appointment_id))
        .exclude(status__in=(S.PROPOSED, S.ENTERED_IN_ERROR))
        .first()
    )


def visit_at(*, viewer: Viewer, starts_at: dt.datetime, ends_at: dt.datetime) -> Appointment | None:
    """Return the own visit that lies over this time, to say which one stands in the way."""
    patient_id = patient_of(viewer)
    if patient_id is None:
        return None
    return (
        _rows(Q(patient_id=patient_id, status__in=PLANNED))
        .filter(starts_at__lt=ends_at, ends_at__gt=starts_at)
        .order_by("starts_at")
        .first()
    )


def visits_of_patient(*, viewer: Viewer, tab: Tab, page: int, now: dt.datetime) -> VisitPage:
    """Return a page of the own visits: the coming ones first to last, the others newest first.

    Raises NotAllowed.
    """
    rows = _rows(Q(patient_id=check_has_visits(viewer))).filter(_in_tab(tab, now))
    count = rows.count()
    pages = max(1, -(-count // PAGE_SIZE))
    number = min(max(1, page), pages)
    order = ("starts_at", "pk") if tab is Tab.UPCOMING else ("-starts_at", "-pk")
    start = (number - 1) * PAGE_SIZE
    return VisitPage(list(rows.order_by(*order)[start : start + PAGE_SIZE]), number, pages)


def _in_tab(tab: Tab, now: dt.datetime) -> Q:
    undecided = Q(status=S.PENDING, released_at__lte=now)
    coming = Q(status__in=PLANNED, ends_at__gt=now - STILL_THERE) & ~undecided
    gone = Q(status=S.CANCELLED) | undecided
    if tab is Tab.UPCOMING:
        return coming
    if tab is Tab.CANCELLED:
        return gone
    seen = Q(status__in=(S.FULFILLED, S.NOSHOW))
    return seen | Q(status__in=PLANNED[1:], ends_at__lte=now - STILL_THERE)

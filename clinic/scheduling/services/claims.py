"""Claiming time: the check by the engine and the one INSERT that decides who gets it (C1, C2).

A plain INSERT that catches the violation is safe and collapses under contention (contenders
deadlock for a second each); ON CONFLICT DO NOTHING waits for the other transaction and then simply
has no row.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, connection
from django.db.models import Q, sql
from django.db.models.constants import OnConflict

from clinic.lib import times
from clinic.scheduling import availability as engine
from clinic.scheduling.models import Appointment
from clinic.scheduling.selectors import availability as reads
from clinic.scheduling.services.locks import EXCLUSION_VIOLATION, share_schedule, sqlstate


class SlotTaken(Exception):
    """The time is not free (any more). `refusal` says why, in the engine's codes (A12)."""

    def __init__(self, refusal: engine.Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


class AlreadyBooked(SlotTaken):
    """The patient has another visit at that time (R7)."""

    def __init__(self) -> None:
        super().__init__(engine.Refusal.RESOURCE)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for. The start is checked against the grid; nothing else is taken
    from a form.
    """

    practitioner_id: uuid.UUID
    visit_type_id: uuid.UUID
    starts_at: dt.datetime
    modality: str
    for_patient: bool
    site_id: uuid.UUID | None = None
    ignore_appointment_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """A wish that the engine found free, with everything the row needs, and the rules' version."""

    wish: Wish
    start: engine.Start
    parameters: engine.Parameters
    time_zone: str
    claim_starts_at: dt.datetime
    claim_ends_at: dt.datetime
    rules_version: int


def find_opening(*, wish: Wish, now: dt.datetime) -> Opening:
    """Check the wish by the same engine that offered it; raise SlotTaken or NotOffered (C2)."""
    offered = reads.offered_visit(
        practitioner_id=wish.practitioner_id, visit_type_id=wish.visit_type_id
    )
    if wish.modality not in offered.modalities:
        raise reads.NotOffered
    loaded = reads.load(
        practitioner_ids=[wish.practitioner_id],
        lower=wish.starts_at,
        upper=wish.starts_at,
        now=now,
    )
    refusal = engine.Refusal.CLOSED
    places = reads.sites_with_windows(loaded=loaded, practitioner_id=wish.practitioner_id)
    for site_id in places:
        if site_id not in offered.parameters or wish.site_id not in (None, site_id):
            continue
        case = reads.case_for(
            loaded=loaded,
            offered=offered,
            site_id=site_id,
            modality=wish.modality,
            for_patient=wish.for_patient,
            now=now,
            ignore_appointment_id=wish.ignore_appointment_id,
        )
        start = engine.check_start(starts_at=times.seconds(wish.starts_at), **case)
        if start.refusal is None:
            return _opening(wish, start, offered, loaded)
        if start.refusal is not engine.Refusal.CLOSED:
            refusal = start.refusal
    raise SlotTaken(refusal)


def _opening(
    wish: Wish, start: engine.Start, offered: reads.OfferedVisit, loaded: reads.Loaded
) -> Opening:
    assert start.site_id is not None  # a free start always lies in a window of a site
    parameters = offered.parameters[start.site_id]
    claim_starts, claim_ends = _claim(start, parameters, loaded.busy, wish.ignore_appointment_id)
    return Opening(
        wish=wish,
        start=start,
        parameters=parameters,
        time_zone=offered.time_zones[start.site_id],
        claim_starts_at=times.from_seconds(claim_starts),
        claim_ends_at=times.from_seconds(claim_ends),
        rules_version=loaded.versions.get(wish.practitioner_id, 0),
    )


def _claim(
    start: engine.Start,
    parameters: engine.Parameters,
    busy: Iterable[engine.Busy],
    ignored: uuid.UUID | None,
) -> tuple[int, int]:
    """Return the claimed span: the visit and its buffers, less what a neighbor's buffer covers
    (A5).
    """
    lower = start.starts_at - parameters.buffer_before_minutes * 60
    upper = start.ends_at + parameters.buffer_after_minutes * 60
    if not settings.SCHEDULING["BUFFERS_MAY_OVERLAP"]:
        return lower, upper
    for other in busy:
        if other.appointment_id == ignored:
            continue
        if other.ends_at <= start.starts_at:
            lower = max(lower, min(other.ends_at + other.buffer_after, start.starts_at))
        if other.starts_at >= start.ends_at:
            upper = min(upper, max(other.starts_at - other.buffer_before, start.ends_at))
    return lower, upper


def find_opening_locked(*, wish: Wish, now: dt.datetime) -> Opening:
    """Check without a lock first, since most losers leave here; then share the lock, and check
    again if the rules are no longer those of the first check (B8).
    """
    opening = find_opening(wish=wish, now=now)
    version = share_schedule(wish.practitioner_id)
    return opening if version == opening.rules_version else find_opening(wish=wish, now=now)


def fill(appointment: Appointment, opening: Opening, *, now: dt.datetime) -> None:
    """Write the opening's place and time into the row and begin its claim now."""
    start, parameters = opening.start, opening.parameters
    appointment.practitioner_id = opening.wish.practitioner_id
    appointment.visit_type_id = opening.wish.visit_type_id
    appointment.modality = opening.wish.modality
    assert start.site_id is not None  # a free start always lies in a window of a site
    appointment.site_id = start.site_id
    appointment.room_id = start.room_id
    appointment.starts_at = times.from_seconds(start.starts_at)
    appointment.ends_at = times.from_seconds(start.ends_at)
    appointment.buffer_before_minutes = parameters.buffer_before_minutes
    appointment.buffer_after_minutes = parameters.buffer_after_minutes
    appointment.claim_starts_at = opening.claim_starts_at
    appointment.claim_ends_at = opening.claim_ends_at
    appointment.claimed_at = now
    appointment.time_zone = opening.time_zone
    appointment.local_start = times.intended_local(appointment.starts_at, opening.time_zone)
    appointment.local_date = times.local_date(appointment.starts_at, opening.time_zone)


PLACE_FIELDS = (
    "practitioner",
    "modality",
    "site",
    "room",
    "starts_at",
    "ends_at",
    "buffer_before_minutes",
    "buffer_after_minutes",
    "claim_starts_at",
    "claim_ends_at",
    "claimed_at",
    "time_zone",
    "local_start",
    "local_date",
)


def insert(appointment: Appointment) -> None:
    """Insert the row, or raise SlotTaken / AlreadyBooked when a live claim stands in its way."""
    query = sql.InsertQuery(Appointment, on_conflict=OnConflict.IGNORE)
    query.insert_values(Appointment._meta.concrete_fields, [appointment])
    compiler = query.get_compiler(using=connection.alias)
    [(statement, parameters)] = compiler.as_sql()
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} RETURNING id", parameters)
        inserted = cursor.fetchone()
    if inserted is None:
        raise _who_stands_in_the_way(appointment)
    appointment._state.adding = False
    appointment._state.db = connection.alias


def update(appointment: Appointment, *, fields: tuple[str, ...]) -> None:
    """Write the row; raise SlotTaken where a constraint refuses. The schedule's lock must be
    held alone.
    """
    try:
        appointment.save(update_fields=fields)
    except IntegrityError as error:
        if sqlstate(error) != EXCLUSION_VIOLATION:
            raise
        constraint = error.__cause__.diag.constraint_name  # type: ignore[union-attr]
        if constraint == "appointment_patient_no_overlap":
            raise AlreadyBooked from error
        raise SlotTaken(engine.Refusal.TAKEN) from error


def _who_stands_in_the_way(appointment: Appointment) -> SlotTaken:
    """One SELECT tells the patient's own visit from somebody else's."""
    if appointment.patient_id is None:
        return SlotTaken(engine.Refusal.TAKEN)
    own = Appointment.objects.claiming(appointment.claimed_at).filter(
        ~Q(pk=appointment.pk),
        patient_id=appointment.patient_id,
        starts_at__lt=appointment.ends_at,
        ends_at__gt=appointment.starts_at,
    )
    return AlreadyBooked() if own.exists() else SlotTaken(engine.Refusal.TAKEN)

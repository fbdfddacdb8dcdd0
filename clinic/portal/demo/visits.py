"""Four weeks of visits around now, drawn from published distributions with a fixed seed."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from clinic.crypto import datakeys
from clinic.lib import times
from clinic.lib.ids import uuid7
from clinic.people.models import Patient, Practitioner
from clinic.people.viewer import SYSTEM
from clinic.portal.demo import figures, names
from clinic.portal.demo.practice import FULLY_BOOKED
from clinic.scheduling import availability as engine
from clinic.scheduling import signals
from clinic.scheduling.choices import AppointmentStatus as S
from clinic.scheduling.choices import CancellationReason, Modality
from clinic.scheduling.models import Appointment, AppointmentStatusChange, Site, VisitType
from clinic.scheduling.selectors import availability as reads
from clinic.scheduling.services import booking, claims

DAYS_BACK, DAYS_AHEAD = 14, 14
WALK = ((S.ARRIVED, S.BOOKED), (S.CHECKED_IN, S.ARRIVED), (S.FULFILLED, S.CHECKED_IN))


@dataclass(slots=True)
class Draw:
    """What is drawn from, and who is busy on which day: nobody visits twice a day."""

    random: random.Random
    patients: Sequence[Patient]
    now: dt.datetime
    busy: dict[dt.date, set[uuid.UUID]] = field(default_factory=lambda: defaultdict(set))

    def patient(self, date: dt.date, *, child: bool) -> Patient:
        """Return somebody who has no visit that day; children see the children's doctor."""
        while True:
            patient = self.random.choice(self.patients[1:])
            assert patient.birth_date is not None
            is_child = (date - patient.birth_date).days < 16 * 365
            if patient.pk in self.busy[date] or is_child != child:
                continue
            self.busy[date].add(patient.pk)
            return patient

    def lead(self) -> tuple[dt.timedelta, float]:
        """Return how long ahead a visit was booked and how likely its patient does not come."""
        rows = figures.LEAD_DAYS
        [(least, most, _, missed)] = self.random.choices(rows, weights=[row[2] for row in rows])
        return dt.timedelta(days=self.random.randint(least, most)), missed


def create_visits(
    *,
    doctors: Sequence[Practitioner],
    sites: Sequence[Site],
    types: Mapping[str, VisitType],
    draw: Draw,
) -> int:
    """Fill the doctors' days; return how many visits there are.

    Future visits are announced inside the transaction, so their reminders are planned as for any.
    """
    rows: list[Appointment] = []
    changes: list[AppointmentStatusChange] = []
    datakeys.preload(patient.pk for patient in draw.patients)
    for position, doctor in enumerate(doctors):
        site = sites[names.DOCTORS[position][3]]
        for visit in _visits_of(position, doctor, site, types, draw):
            rows.append(visit)
            changes += _life_of(visit, draw, full=position in (0, FULLY_BOOKED))
    Appointment.objects.bulk_create(rows, batch_size=500)
    AppointmentStatusChange.objects.bulk_create(changes, batch_size=1000)
    for row in rows:
        if row.status == S.BOOKED and row.starts_at > draw.now:
            signals.appointment_recorded.send(
                sender=Appointment, appointment=row, change="imported", now=draw.now
            )
    return len(rows)


def _visits_of(
    position: int,
    doctor: Practitioner,
    site: Site,
    types: Mapping[str, VisitType],
    draw: Draw,
) -> Iterator[Appointment]:
    """Walk through the doctor's open time and book as much of it as the doctor is asked for."""
    share = names.DOCTORS[position][6]
    offered = [types[slug] for slug in names.DOCTORS[position][5].split(",")]
    today = times.today(site.time_zone, draw.now)
    lower = times.day_bounds(today - dt.timedelta(days=DAYS_BACK), site.time_zone)[0]
    upper = times.day_bounds(today + dt.timedelta(days=DAYS_AHEAD), site.time_zone)[1]
    loaded = reads.load(practitioner_ids=[doctor.pk], lower=lower, upper=upper, now=draw.now)
    open_until = _open_cells(doctor, loaded, lower, upper, draw.now)
    moment, last = times.seconds(lower), times.seconds(upper)
    starts = sorted(open_until)
    for start in starts:
        if start < moment or start >= last:
            continue
        visit_type = draw.random.choice(offered)
        length = (visit_type.duration_minutes or 20) * 60
        window_start = _window_start(start, open_until)
        if (start - window_start) % length or not _fits(start, length, open_until):
            continue
        days_ahead = (start - times.seconds(draw.now)) / 86400
        full = position == FULLY_BOOKED
        # Further ahead less is booked yet; the fully booked doctor is full throughout.
        wanted = share if full or days_ahead < 2 else share * max(0.25, 1 - days_ahead / 20)
        if draw.random.random() > wanted:
            continue
        moment = start + length
        yield _row(doctor, site, visit_type, start, length, draw, loaded)


def _open_cells(
    doctor: Practitioner,
    loaded: reads.Loaded,
    lower: dt.datetime,
    upper: dt.datetime,
    now: dt.datetime,
) -> set[int]:
    """Return the open ten-minute cells of a span."""
    cell = engine.resolve_parameters({"duration_minutes": 10, "grid_minutes": 10})
    return {
        start.starts_at
        for start in engine.starts(
            rules=loaded.rules,
            busy=[],
            parameters=cell,
            practitioner_id=doctor.pk,
            visit_type_id=None,
            now=times.seconds(now),
            for_patient=False,
            start=times.seconds(lower),
            end=times.seconds(upper),
        )
        if start.refusal is None
    }


def _window_start(start: int, cells: set[int]) -> int:
    while start - 600 in cells:
        start -= 600
    return start


def _fits(start: int, length: int, cells: set[int]) -> bool:
    return all(moment in cells for moment in range(start, start + length, 600))


def _row(
    doctor: Practitioner,
    site: Site,
    visit_type: VisitType,
    start: int,
    length: int,
    draw: Draw,
    loaded: reads.Loaded,
) -> Appointment:
    starts_at, ends_at = times.from_seconds(start), times.from_seconds(start + length)
    date = times.local_date(starts_at, site.time_zone)
    patient = draw.patient(date, child=visit_type.slug == "child")
    lead, _ = draw.lead()
    booked_at = min(starts_at - lead - dt.timedelta(hours=2), draw.now - dt.timedelta(minutes=20))
    rooms = [row.room_id for row in loaded.rules.weekly_of(doctor.pk)]
    return Appointment(
        practitioner=doctor,
        patient=patient,
        visit_type=visit_type,
        site=site,
        room_id=rooms[0] if rooms else None,
        modality=draw.random.choice(visit_type.modalities[:1] * 4 + visit_type.modalities),
        starts_at=starts_at,
        ends_at=ends_at,
        claim_starts_at=starts_at,
        claim_ends_at=ends_at,
        claimed_at=booked_at,
        created_at=booked_at,
        time_zone=site.time_zone,
        local_start=times.intended_local(starts_at, site.time_zone),
        local_date=date,
        status=S.BOOKED,
        reason=draw.random.choice(names.REASONS[visit_type.slug]),
    )


def _life_of(visit: Appointment, draw: Draw, *, full: bool) -> Iterator[AppointmentStatusChange]:
    """Let the visit live up to now and yield its status rows."""
    yield _change(visit, S.PROPOSED, S.BOOKED, visit.created_at)
    _, missed = draw.lead()
    chance = draw.random.random()
    # A booked board shows few cancellations: most of that time has been sold again.
    if chance < figures.CANCELLED_SHARE / 3 and not full:
        yield _cancel(visit, draw)
        return
    if visit.starts_at > draw.now + dt.timedelta(minutes=25):
        if visit.starts_at < draw.now + dt.timedelta(days=2) and chance > 0.6:
            visit.confirmed_at = draw.now - dt.timedelta(hours=3)
        return
    if draw.random.random() < missed / 2:
        if visit.ends_at < draw.now:
            visit.status = S.NOSHOW
            yield _change(visit, S.BOOKED, S.NOSHOW, visit.ends_at)
        return
    for (status, before), at in zip(WALK, _passage(visit, draw), strict=True):
        if at > draw.now:
            return
        visit.status = status
        yield _change(visit, before, status, at)


def _passage(visit: Appointment, draw: Draw) -> tuple[dt.datetime, dt.datetime, dt.datetime]:
    """Return when the patient arrives, is called in and leaves."""
    early = draw.random.gauss(figures.EARLY_MEAN, figures.EARLY_SPREAD)
    if draw.random.random() < figures.LATE_SHARE:
        early = -draw.random.uniform(2, 20)
    arrived = visit.starts_at - dt.timedelta(minutes=early)
    called = max(arrived, visit.starts_at) + dt.timedelta(minutes=draw.random.uniform(1, 9))
    planned = (visit.ends_at - visit.starts_at).total_seconds() / 60
    spread = draw.random.lognormvariate(0, figures.LENGTH_SIGMA)
    minutes = min(planned * figures.LENGTH_MEDIAN_SHARE * spread, planned * 1.4)
    # Nobody overtakes the next visit by much: the doctor works one after another.
    left = min(called + dt.timedelta(minutes=minutes), visit.ends_at + dt.timedelta(minutes=6))
    return arrived, called, max(left, called + dt.timedelta(minutes=3))


def _cancel(visit: Appointment, draw: Draw) -> AppointmentStatusChange:
    span = max((min(draw.now, visit.starts_at) - visit.created_at).total_seconds(), 60)
    at = visit.created_at + dt.timedelta(seconds=draw.random.uniform(30, span))
    visit.status = S.CANCELLED
    visit.released_at = at
    visit.version = 2
    visit.cancellation_reason = CancellationReason.CANNOT_COME
    return _change(visit, S.BOOKED, S.CANCELLED, at, reason=CancellationReason.CANNOT_COME)


def _change(
    visit: Appointment, before: str, after: str, at: dt.datetime, *, reason: str = ""
) -> AppointmentStatusChange:
    return AppointmentStatusChange(
        appointment=visit, at=at, from_status=before, to_status=after, reason=reason
    )


def create_own_past(
    *,
    patient: Patient,
    doctor: Practitioner,
    visit_type: VisitType,
    site: Site,
    now: dt.datetime,
) -> None:
    """Let the patient a newcomer signs in as have been at the doctor's twice."""
    for days, reason in ((204, "Headaches"), (62, "Blood pressure")):
        date = times.today(site.time_zone, now) - dt.timedelta(days=days)
        starts_at = times.to_instant(date, dt.time(10, 20), site.time_zone)
        ends_at = starts_at + dt.timedelta(minutes=20)
        booked_at = starts_at - dt.timedelta(days=9)
        visit = Appointment(
            practitioner=doctor,
            patient=patient,
            visit_type=visit_type,
            site=site,
            starts_at=starts_at,
            ends_at=ends_at,
            claim_starts_at=starts_at,
            claim_ends_at=ends_at,
            claimed_at=booked_at,
            created_at=booked_at,
            time_zone=site.time_zone,
            local_start=times.intended_local(starts_at, site.time_zone),
            local_date=date,
            status=S.BOOKED,
            reason=reason,
        )
        # Beside whatever was drawn for that hour: it is over for both.
        visit.overbooked = True
        changes = [_change(visit, S.PROPOSED, S.BOOKED, booked_at)]
        changes += [_change(visit, before, after, starts_at) for after, before in WALK]
        visit.status = S.FULFILLED
        visit.save(force_insert=True)
        AppointmentStatusChange.objects.bulk_create(changes)


def create_own_visits(
    *, patient: Patient, doctors: Sequence[Practitioner], now: dt.datetime
) -> None:
    """Book two free times for the patient a newcomer signs in as, through the booking service."""
    for doctor, days in ((doctors[1], 3), (doctors[0], 10)):
        offered = reads.offered_visits(practitioner_ids=[doctor.pk])[0]
        lower = now + dt.timedelta(days=days)
        upper = lower + dt.timedelta(days=5)
        loaded = reads.load(practitioner_ids=[doctor.pk], lower=lower, upper=upper, now=now)
        free = (
            start
            for start in reads.starts_between(
                loaded=loaded,
                offered=offered,
                lower=lower,
                upper=upper,
                modality=Modality.IN_PERSON,
                for_patient=True,
                now=now,
            )
            if start.refusal is None
        )
        order = booking.Order(
            wish=claims.Wish(
                practitioner_id=doctor.pk,
                visit_type_id=offered.visit_type_id,
                starts_at=times.from_seconds(next(free).starts_at),
                modality=Modality.IN_PERSON,
                for_patient=True,
            ),
            patient_id=patient.pk,
            idempotency_key=uuid7(),
            reason="Blood pressure",
            notes="",
        )
        booking.book_appointment(order=order, by=SYSTEM, now=now)

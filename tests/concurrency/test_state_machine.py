"""Whatever is done in whatever order, after every step the rules of C1, S4 and N1 hold (B1, B10).

One thread, many orders: what threads do to each other is in `test_services`. Every run happens in a
transaction that is rolled back, as in a test case, so that many runs fit into a few seconds.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from clinic.people.viewer import SYSTEM
from clinic.scheduling import permissions, rules
from clinic.scheduling.choices import AppointmentStatus, CancellationReason, Modality, WindowKind
from clinic.scheduling.models import Absence, Appointment, Closure, VisitType
from clinic.scheduling.selectors import availability as reads
from clinic.scheduling.services import appointments, booking, claims, holds, schedule
from tests.concurrency.conftest import TUESDAY_NINE, overlaps
from tests.factories.people import PatientFactory, PractitionerFactory
from tests.factories.scheduling import SiteFactory, open_practice

pytestmark = pytest.mark.slow

BEGINS = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
REFUSALS = (
    claims.SlotTaken,
    permissions.NotAllowed,
    rules.TransitionNotAllowed,
    rules.NothingToUndo,
    schedule.VisitsStranded,
)
doctors = patients = st.integers(0, 1)
minutes = st.integers(0, 17).map(lambda n: 10 * n)
lengths = st.sampled_from([30, 60, 180])
some = st.integers(0, 1_000)
decisions = st.sampled_from([None, schedule.KEEP, schedule.CANCEL])

# Written without the product's code. Each must find nothing.
NEVER = {
    "S4: an exit keeps its time": """
        select 1 from scheduling_appointment where status in ('cancelled', 'entered-in-error')
           and (released_at is null or released_at > %(now)s)""",
    "S4: a visit has lost its time": """
        select 1 from scheduling_appointment
         where status in ('booked', 'arrived', 'checked-in', 'fulfilled', 'noshow')
           and released_at is not null""",
    "B10: an empty or unbounded range": """
        select 1 from scheduling_appointment
         where isempty(tstzrange(claim_starts_at, claim_ends_at))
            or isempty(tstzrange(starts_at, ends_at))
            or not (isfinite(starts_at) and isfinite(ends_at) and isfinite(claimed_at))
            or released_at < claimed_at
            or (claimed_at = released_at and released_at > %(now)s)""",
    "N1: one step planned twice": """
        select 1 from reminders_reminder group by appointment_id, appointment_version, kind,
               step_minutes, channel having count(*) > 1""",
    "N2: a message of an older version would still be sent": """
        select 1 from reminders_reminder r join scheduling_appointment a on a.id = r.appointment_id
         where r.appointment_version < a.version and r.status in ('planned', 'claimed')""",
    "N2: somebody would be reminded of a cancelled visit": """
        select 1 from reminders_reminder r join scheduling_appointment a on a.id = r.appointment_id
         where r.kind = 'reminder' and r.status in ('planned', 'claimed')
           and a.status in ('cancelled', 'entered-in-error')""",
    "H1: two holds of one patient": """
        select 1 from scheduling_appointment where status = 'proposed' and released_at > %(now)s
         group by patient_id having count(*) > 1""",
}


class Clinic(RuleBasedStateMachine):
    """Two doctors, two patients, one Tuesday morning, and everything that can be done to it."""

    @initialize()
    def open(self) -> None:
        # As pytest-django's own: the services may be durable inside of it.
        self.atomic = transaction.atomic()
        self.atomic._from_testcase = True
        self.atomic.__enter__()
        self.now = BEGINS
        self.site = SiteFactory()
        self.patients = [PatientFactory().pk for _ in range(2)]
        self.doctors = [PractitionerFactory().pk for _ in range(2)]
        for doctor in self.doctors:
            visit_type = open_practice(PractitionerFactory._meta.model.objects.get(pk=doctor))
        VisitType.objects.update(grid_minutes=10)
        self.visit_type = visit_type.pk

    def teardown(self) -> None:
        if hasattr(self, "atomic"):
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    def wish(self, doctor: int, minute: int) -> claims.Wish:
        return claims.Wish(
            practitioner_id=self.doctors[doctor],
            visit_type_id=self.visit_type,
            starts_at=TUESDAY_NINE + dt.timedelta(minutes=minute),
            modality=Modality.IN_PERSON,
            for_patient=True,
        )

    def attempt(self, service, **arguments):
        try:
            return service(**arguments, now=self.now)
        except REFUSALS:
            return None

    def pick(self, number: int, **conditions) -> Appointment:
        found = Appointment.objects.filter(**conditions).order_by("pk")
        return found[number % len(found)]

    def order(self, patient: int, wish: claims.Wish) -> booking.Order:
        return booking.Order(
            wish=wish, patient_id=self.patients[patient], idempotency_key=uuid.uuid4()
        )

    @property
    def some_visit(self) -> bool:
        return Appointment.objects.exclude(status="proposed").exists()

    @rule(patient=patients, doctor=doctors, minute=minutes)
    def book(self, patient: int, doctor: int, minute: int) -> None:
        self.attempt(
            booking.book_appointment,
            order=self.order(patient, self.wish(doctor, minute)),
            by=SYSTEM,
        )

    @rule(patient=patients, doctor=doctors, number=some)
    def book_what_is_offered(self, patient: int, doctor: int, number: int) -> None:
        """What the page shows as free is accepted, unless the patient is elsewhere then."""
        wish = self.wish(doctor, 0)
        offered = reads.offered_visits(practitioner_ids=[wish.practitioner_id])[0]
        span = {"lower": TUESDAY_NINE, "upper": TUESDAY_NINE + dt.timedelta(hours=3)}
        loaded = reads.load(practitioner_ids=[wish.practitioner_id], now=self.now, **span)
        free = [
            start
            for start in reads.starts_between(
                loaded=loaded,
                offered=offered,
                modality=wish.modality,
                for_patient=True,
                now=self.now,
                **span,
            )
            if start.refusal is None
        ]
        if not free:
            return
        starts_at = dt.datetime.fromtimestamp(free[number % len(free)].starts_at, dt.UTC)
        order = self.order(patient, replace(wish, starts_at=starts_at))
        try:
            booking.book_appointment(order=order, by=SYSTEM, now=self.now)
        except claims.AlreadyBooked:
            mine = Appointment.objects.claiming(self.now).filter(patient_id=order.patient_id)
            assert mine.exists()

    @rule(patient=patients, doctor=doctors, minute=minutes)
    def hold(self, patient: int, doctor: int, minute: int) -> None:
        holder = holds.Holder(patient_id=self.patients[patient])
        self.attempt(holds.hold_slot, holder=holder, wish=self.wish(doctor, minute))

    @precondition(lambda self: Appointment.objects.filter(status="proposed").exists())
    @rule(number=some)
    def confirm(self, number: int) -> None:
        """Book a hold, also one that has run out."""
        hold = self.pick(number, status="proposed")
        wish = replace(
            self.wish(0, 0), practitioner_id=hold.practitioner_id, starts_at=hold.starts_at
        )
        order = booking.Order(wish=wish, patient_id=hold.patient_id, idempotency_key=uuid.uuid4())
        self.attempt(booking.book_appointment, order=order, by=SYSTEM)

    @rule(patient=patients)
    def release(self, patient: int) -> None:
        self.attempt(holds.release_hold, holder=holds.Holder(patient_id=self.patients[patient]))

    @rule(minutes=st.sampled_from([1, 4, 6, 90]))
    def wait(self, minutes: int) -> None:
        """Time goes by: holds run out, nobody sweeps."""
        self.now += dt.timedelta(minutes=minutes)

    @precondition(lambda self: self.some_visit)
    @rule(number=some)
    def cancel(self, number: int) -> None:
        visit = self.pick(number, status__in=list(AppointmentStatus))
        self.attempt(
            appointments.cancel_appointment,
            appointment_id=visit.pk,
            by=SYSTEM,
            reason=CancellationReason.CLINIC,
        )

    @precondition(lambda self: self.some_visit)
    @rule(number=some, status=st.sampled_from(["arrived", "noshow", "entered-in-error"]))
    def set_status(self, number: int, status: str) -> None:
        visit = self.pick(number, status__in=list(AppointmentStatus))
        self.attempt(
            appointments.change_status, appointment_id=visit.pk, to_status=status, by=SYSTEM
        )

    @precondition(lambda self: self.some_visit)
    @rule(number=some)
    def undo(self, number: int) -> None:
        visit = self.pick(number, status__in=list(AppointmentStatus))
        self.attempt(appointments.undo_last_change, appointment_id=visit.pk, by=SYSTEM)

    @precondition(lambda self: self.some_visit)
    @rule(number=some, minute=minutes, doctor=doctors)
    def reschedule(self, number: int, minute: int, doctor: int) -> None:
        visit = self.pick(number, status__in=list(AppointmentStatus))
        before = visit.starts_at, visit.version
        wish = self.wish(doctor, minute)
        moved = self.attempt(
            appointments.reschedule_appointment,
            appointment_id=visit.pk,
            starts_at=wish.starts_at,
            practitioner_id=wish.practitioner_id,
            by=SYSTEM,
        )
        visit.refresh_from_db()
        if moved is None:
            assert (visit.starts_at, visit.version) == before
        else:
            assert (visit.starts_at, visit.version) == (wish.starts_at, before[1] + 1)

    def edit(self, service, decision: str | None, **arguments) -> None:
        """Edit the schedule; what it strands is decided in the same way, or the edit refused."""
        stranded = schedule.preview(service, **arguments, by=SYSTEM, now=self.now)
        decided = {visit.pk: decision for visit in stranded} if decision else {}
        done = self.attempt(service, **arguments, decisions=decided, by=SYSTEM)
        if stranded and decision is None:
            assert done is None
        for visit in stranded:
            visit.refresh_from_db()
            cancelled = visit.status == AppointmentStatus.CANCELLED
            assert cancelled == (decision == schedule.CANCEL)

    @rule(doctor=doctors, minute=minutes, length=lengths, decision=decisions)
    def add_absence(self, doctor: int, minute: int, length: int, decision: str | None) -> None:
        starts_at = TUESDAY_NINE + dt.timedelta(minutes=minute)
        self.edit(
            schedule.add_absence,
            decision,
            practitioner_id=self.doctors[doctor],
            starts_at=starts_at,
            ends_at=starts_at + dt.timedelta(minutes=length),
        )

    @precondition(lambda self: Absence.objects.exists())
    @rule()
    def remove_absence(self) -> None:
        absence = Absence.objects.order_by("pk")[0]
        self.attempt(schedule.remove_absence, absence_id=absence.pk, by=SYSTEM)

    @rule(minute=minutes, decision=decisions)
    def close_site(self, minute: int, decision: str | None) -> None:
        starts_at = TUESDAY_NINE + dt.timedelta(minutes=minute)
        self.edit(
            schedule.close_site,
            decision,
            site_id=self.site.pk,
            starts_at=starts_at,
            ends_at=starts_at + dt.timedelta(minutes=30),
            public_reason="Fire drill",
        )

    @precondition(lambda self: Closure.objects.exists())
    @rule()
    def reopen_site(self) -> None:
        closure = Closure.objects.order_by("pk")[0]
        self.attempt(schedule.reopen_site, closure_id=closure.pk, by=SYSTEM)

    @rule(doctor=doctors, opens=st.sampled_from([9, 10]), decision=decisions)
    def publish_week(self, doctor: int, opens: int, decision: str | None) -> None:
        window = schedule.WeeklyWindow(2, dt.time(opens), dt.time(12), self.site.pk)
        self.edit(
            schedule.publish_week,
            decision,
            practitioner_id=self.doctors[doctor],
            windows=[window],
            valid_from=TUESDAY_NINE.date(),
        )

    @rule(doctor=doctors, decision=decisions)
    def extend_the_day(self, doctor: int, decision: str | None) -> None:
        window = schedule.WeeklyWindow(2, dt.time(9), dt.time(12), self.site.pk)
        self.edit(
            schedule.set_date_windows,
            decision,
            practitioner_id=self.doctors[doctor],
            date=TUESDAY_NINE.date(),
            kind=WindowKind.REPLACE,
            windows=[window],
            site_id=self.site.pk,
        )

    @invariant()
    def nobody_is_in_two_places(self) -> None:
        """B1, by a self-join."""
        if hasattr(self, "now"):
            assert overlaps() == 0

    @invariant()
    def nothing_forbidden_is_stored(self) -> None:
        if not hasattr(self, "now"):
            return
        with connection.cursor() as cursor:
            for what, statement in NEVER.items():
                cursor.execute(statement, {"now": self.now})
                assert cursor.fetchone() is None, what


@pytest.mark.django_db
def test_the_rules_hold_after_every_step() -> None:
    run_state_machine_as_test(
        Clinic,
        settings=settings(
            max_examples=12,
            stateful_step_count=18,
            deadline=None,
            # Making a failure smaller takes minutes with a database; add Phase.shrink by hand.
            phases=(Phase.explicit, Phase.reuse, Phase.generate),
            suppress_health_check=list(HealthCheck),
        ),
    )

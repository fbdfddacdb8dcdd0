"""Selling time (C1-C7, B5, B6, H5)."""

import datetime as dt
import uuid
from dataclasses import replace

import pytest
from django.db import IntegrityError

from clinic.audit.models import AuditEvent
from clinic.people.viewer import SYSTEM, VISITOR
from clinic.scheduling import availability as engine
from clinic.scheduling import permissions, signals
from clinic.scheduling.choices import AppointmentStatus, Modality
from clinic.scheduling.models import Appointment, Offering, ScheduleDay
from clinic.scheduling.services import booking, claims, holds
from tests.factories.people import viewer
from tests.factories.scheduling import AbsenceFactory, AppointmentFactory, open_practice

TUESDAY_NINE = dt.datetime(2026, 3, 3, 8, 0, tzinfo=dt.UTC)


@pytest.fixture
def visit_type(practitioner):
    return open_practice(practitioner)


@pytest.fixture
def order(practitioner, visit_type, patient):
    return booking.Order(
        wish=claims.Wish(
            practitioner_id=practitioner.pk,
            visit_type_id=visit_type.pk,
            starts_at=TUESDAY_NINE,
            modality=Modality.IN_PERSON,
            for_patient=True,
        ),
        patient_id=patient.pk,
        idempotency_key=uuid.uuid4(),
        reason="Blood pressure",
        notes="I take the tablets at night.",
    )


def hold(order, now, **changes):
    holder = holds.Holder(patient_id=order.patient_id)
    return holds.hold_slot(holder=holder, wish=replace(order.wish, **changes), now=now)


def test_book_appointment_sells_the_time(order, patient, now, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        visit = booking.book_appointment(order=order, by=viewer(patient), now=now)

    visit.refresh_from_db()
    assert visit.status == AppointmentStatus.BOOKED
    assert visit.released_at is None
    assert (visit.reason, visit.notes) == (order.reason, order.notes)
    assert (visit.time_zone, visit.local_start) == ("Europe/Berlin", "2026-03-03T09:00")
    change = visit.status_changes.get()
    assert (change.from_status, change.to_status) == ("proposed", "booked")
    assert change.by_id == patient.user_id
    assert AuditEvent.objects.get(action="appointment.booked").object_id == visit.pk
    day = ScheduleDay.objects.get(practitioner_id=visit.practitioner_id, date=visit.local_date)
    assert day.version == 1


def test_book_appointment_turns_the_hold_into_the_visit(order, patient, now):
    held = hold(order, now)
    visit = booking.book_appointment(
        order=order, by=viewer(patient), now=now + dt.timedelta(minutes=4)
    )

    assert visit.pk == held.pk
    assert Appointment.objects.count() == 1
    assert visit.released_at is None


def test_an_expired_hold_still_becomes_the_visit_when_nobody_took_the_time(order, patient, now):
    """B6."""
    held = hold(order, now)
    late = now + dt.timedelta(minutes=20)

    assert booking.book_appointment(order=order, by=viewer(patient), now=late).pk == held.pk


def test_an_expired_hold_that_somebody_took_over_is_refused(order, patient, other_patient, now):
    """B6: a late confirmation succeeds exactly when nobody else has the time."""
    hold(order, now)
    late = now + dt.timedelta(minutes=6)
    theirs = replace(order, patient_id=other_patient.pk, idempotency_key=uuid.uuid4())
    booking.book_appointment(order=theirs, by=viewer(other_patient), now=late)

    with pytest.raises(claims.SlotTaken):
        booking.book_appointment(order=order, by=viewer(patient), now=late)


def test_reading_the_confirmation_page_does_not_cost_the_notice(order, patient, now):
    """The lead time is measured when the time was chosen (A6)."""
    at_the_limit = TUESDAY_NINE - dt.timedelta(minutes=60)
    hold(order, at_the_limit)
    visit = booking.book_appointment(
        order=order, by=viewer(patient), now=at_the_limit + dt.timedelta(minutes=3)
    )

    assert visit.status == AppointmentStatus.BOOKED


def test_a_hold_does_not_survive_a_block_of_its_time(order, practitioner, patient, now):
    """B8: what is booked was offered by the rules of that moment."""
    hold(order, now)
    AbsenceFactory(practitioner=practitioner)

    with pytest.raises(claims.SlotTaken) as refusal:
        booking.book_appointment(order=order, by=viewer(patient), now=now)

    assert refusal.value.refusal == engine.Refusal.ABSENCE


def test_the_same_key_returns_the_first_result(order, patient, now):
    """C4, B5."""
    first = booking.book_appointment(order=order, by=viewer(patient), now=now)
    again = booking.book_appointment(order=order, by=viewer(patient), now=now)

    assert again.pk == first.pk
    assert Appointment.objects.count() == 1
    assert first.status_changes.count() == 1


def test_a_key_of_somebody_else_is_refused(order, patient, other_patient, now):
    booking.book_appointment(order=order, by=viewer(patient), now=now)

    with pytest.raises(booking.KeyReused):
        booking.book_appointment(
            order=replace(order, patient_id=other_patient.pk), by=viewer(other_patient), now=now
        )


def test_a_clock_gone_wrong_is_no_reused_key(order, patient, now):
    """Only the key's own constraint says that the key is taken."""
    hold(order, now)

    with pytest.raises(IntegrityError):
        booking.book_appointment(
            order=order, by=viewer(patient), now=dt.datetime(1999, 1, 1, tzinfo=dt.UTC)
        )


def test_book_appointment_refuses_a_taken_slot(order, patient, other_patient, now):
    booking.book_appointment(order=order, by=viewer(patient), now=now)
    theirs = replace(order, patient_id=other_patient.pk, idempotency_key=uuid.uuid4())

    with pytest.raises(claims.SlotTaken) as refusal:
        booking.book_appointment(order=theirs, by=viewer(other_patient), now=now)

    assert refusal.value.refusal == engine.Refusal.TAKEN


def test_a_patient_cannot_be_in_two_places(order, patient, other_practitioner, visit_type, now):
    """R7: caught by the database, told apart from a taken slot."""
    AppointmentFactory(
        practitioner=other_practitioner,
        patient=patient,
        starts_at=TUESDAY_NINE + dt.timedelta(minutes=10),
    )

    with pytest.raises(claims.AlreadyBooked):
        booking.book_appointment(order=order, by=viewer(patient), now=now)


def test_a_hold_of_a_patient_who_is_elsewhere_is_refused_when_confirmed(
    order, patient, other_practitioner, now
):
    visitor = uuid.uuid4()
    holds.hold_slot(holder=holds.Holder(hold_token=visitor), wish=order.wish, now=now)
    AppointmentFactory(practitioner=other_practitioner, patient=patient, starts_at=TUESDAY_NINE)

    with pytest.raises(claims.AlreadyBooked):
        booking.book_appointment(
            order=replace(order, hold_token=visitor), by=viewer(patient), now=now
        )


def test_a_visitors_hold_becomes_the_patients_visit(order, patient, now):
    """H4: held before signing in."""
    visitor = uuid.uuid4()
    held = holds.hold_slot(holder=holds.Holder(hold_token=visitor), wish=order.wish, now=now)
    visit = booking.book_appointment(
        order=replace(order, hold_token=visitor), by=viewer(patient), now=now
    )

    visit.refresh_from_db()
    assert (visit.pk, visit.patient_id, visit.hold_token) == (held.pk, patient.pk, None)


def test_the_end_follows_from_the_start_in_elapsed_minutes(order, patient, now):
    """T4: across the gap of 29 March the visit still lasts twenty minutes."""
    visit = booking.book_appointment(order=order, by=viewer(patient), now=now)

    assert visit.ends_at - visit.starts_at == dt.timedelta(minutes=20)


def test_a_request_blocks_its_time_until_it_runs_out(order, patient, practitioner, now):
    """H5."""
    Offering.objects.update(needs_approval=True)
    request = booking.book_appointment(order=order, by=viewer(patient), now=now)

    assert request.status == AppointmentStatus.PENDING
    assert request.released_at == TUESDAY_NINE
    staff = replace(
        order, idempotency_key=uuid.uuid4(), wish=replace(order.wish, for_patient=False)
    )
    with pytest.raises(claims.SlotTaken):
        booking.book_appointment(order=staff, by=viewer(practitioner), now=now)


def test_staff_book_without_approval_and_without_notice(order, patient, practitioner, now):
    Offering.objects.update(needs_approval=True)
    soon = TUESDAY_NINE - dt.timedelta(minutes=5)
    staff = replace(order, wish=replace(order.wish, for_patient=False))
    visit = booking.book_appointment(order=staff, by=viewer(practitioner), now=soon)

    assert visit.status == AppointmentStatus.BOOKED


@pytest.mark.parametrize("who", ["outsider", "visitor"])
def test_nobody_books_for_somebody_else(order, outsider, now, who):
    by = viewer(outsider) if who == "outsider" else VISITOR

    with pytest.raises(permissions.NotAllowed):
        booking.book_appointment(order=order, by=by, now=now)


def test_what_must_exist_with_a_booking_is_written_or_lost_with_it(order, patient, now):
    """C5: a planner that fails undoes the booking."""

    def fail(**_):
        raise LookupError("no room for a reminder")

    signals.appointment_recorded.connect(fail)
    try:
        with pytest.raises(LookupError):
            booking.book_appointment(order=order, by=viewer(patient), now=now)
    finally:
        signals.appointment_recorded.disconnect(fail)

    assert not Appointment.objects.exists()


def test_buffers_of_neighbors_may_share_their_time(order, patient, other_patient, now):
    """A5: the larger of two neighboring buffers applies; a visit never lies in one."""
    Offering.objects.update(buffer_before_minutes=10, buffer_after_minutes=10, grid_minutes=10)
    booking.book_appointment(order=order, by=viewer(patient), now=now)
    by = viewer(other_patient)

    def book(minutes):
        wish = replace(order.wish, starts_at=TUESDAY_NINE + dt.timedelta(minutes=minutes))
        theirs = replace(
            order, wish=wish, patient_id=other_patient.pk, idempotency_key=uuid.uuid4()
        )
        return booking.book_appointment(order=theirs, by=by, now=now)

    with pytest.raises(claims.SlotTaken):
        book(20)
    visit = book(30)

    assert visit.claim_starts_at == visit.starts_at
    assert visit.claim_ends_at == visit.ends_at + dt.timedelta(minutes=10)


def test_the_system_may_book_for_anyone(order, now):
    assert booking.book_appointment(order=order, by=SYSTEM, now=now).created_by_id is None

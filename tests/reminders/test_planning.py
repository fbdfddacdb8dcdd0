"""Rows planned with the visit: what is planned, what is taken back, at what cost (N1, N2)."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.scheduling.choices import CancellationReason, Modality
from clinic.scheduling.services import appointments, booking, claims
from reminders.models import Reminder
from reminders.services import planning
from tests.factories.people import viewer
from tests.factories.reminders import ReminderFactory
from tests.factories.scheduling import AppointmentFactory, VisitTypeFactory, open_practice
from tests.reminders.conftest import FRIDAY, cancel, move


def rows(appointment, **which):
    found = Reminder.objects.filter(appointment=appointment, **which).order_by("due_at", "pk")
    return [(row.kind, row.step_minutes, row.status) for row in found]


def test_booking_plans_confirmation_and_default_steps_n1(book, now):
    appointment = book()

    assert rows(appointment) == [
        ("confirmation", None, "planned"),
        ("reminder", 10080, "planned"),
        ("reminder", 1440, "planned"),
        ("reminder", 120, "planned"),
    ]
    assert Reminder.objects.get(kind="confirmation").due_at == now


def test_the_visit_type_names_its_own_steps_n1(book):
    yearly = VisitTypeFactory(slug="check-up", reminder_steps_minutes=[60 * 24 * 3, 60])

    appointment = book(visit_type=yearly)

    assert [step for _, step, _ in rows(appointment, kind="reminder")] == [4320, 60]


def test_a_visit_type_without_steps_is_confirmed_only(book):
    silent = VisitTypeFactory(slug="silent", reminder_steps_minutes=[])

    assert rows(book(visit_type=silent)) == [("confirmation", None, "planned")]


def test_planning_twice_leaves_one_row_per_step_n1(book, now):
    appointment = book()

    planning.plan_messages(appointment=appointment, change="booked", now=now)

    assert len(rows(appointment)) == 4


def test_the_database_refuses_a_second_row_of_a_step_n1(db):
    one = ReminderFactory(kind="confirmation", step_minutes=None)

    with pytest.raises(IntegrityError), transaction.atomic():
        ReminderFactory(appointment=one.appointment, kind="confirmation", step_minutes=None)


def test_moving_voids_the_old_version_and_plans_the_new_one_n2(book, now):
    """Marley: a visit that was moved after its reminder is reminded of again."""
    appointment = book()
    Reminder.objects.filter(step_minutes=10080).update(status="sent", sent_at=now)

    move(appointment, FRIDAY + dt.timedelta(days=10), now=now)

    assert rows(appointment, appointment_version=1) == [
        ("confirmation", None, "void"),
        ("reminder", 10080, "sent"),
        ("reminder", 1440, "void"),
        ("reminder", 120, "void"),
    ]
    assert rows(appointment, appointment_version=2) == [
        ("change", None, "planned"),
        ("reminder", 10080, "planned"),
        ("reminder", 1440, "planned"),
        ("reminder", 120, "planned"),
    ]


def test_cancelling_voids_and_plans_the_cancellation_n2(book, now):
    appointment = book()

    cancel(appointment, now=now)

    assert {status for _, _, status in rows(appointment, appointment_version=1)} == {"void"}
    assert rows(appointment, appointment_version=2) == [("cancellation", None, "planned")]


def test_an_undone_cancellation_is_confirmed_and_reminded_of_again_s3(book, now):
    appointment = book()
    cancel(appointment, now=now)
    appointment.status, appointment.released_at = "booked", None
    appointment.version += 1
    appointment.save()

    planning.plan_messages(appointment=appointment, change="booked", now=now)

    assert rows(appointment, status="planned")[0] == ("confirmation", None, "planned")
    assert len(rows(appointment, status="planned")) == 4


def test_a_visit_entered_in_error_is_silent(book, now):
    appointment = book()
    appointment.status, appointment.released_at = "entered-in-error", now
    appointment.version += 1
    appointment.save()

    planning.plan_messages(appointment=appointment, change="status", now=now)

    assert {status for _, _, status in rows(appointment)} == {"void"}


def test_a_request_waits_for_the_clinic(patient, practitioner, clock):
    request = AppointmentFactory(
        patient=patient,
        practitioner=practitioner,
        starts_at=FRIDAY,
        status="pending",
        released_at=clock.now + dt.timedelta(days=2),
    )

    planning.plan_messages(appointment=request, change="booked", now=clock.now)

    assert rows(request) == []


@pytest.mark.parametrize("change", ["confirmed", "late", "status"])
def test_other_changes_cost_no_statement(book, now, change, django_assert_num_queries):
    appointment = book()

    with django_assert_num_queries(0):
        planning.plan_messages(appointment=appointment, change=change, now=now)


def test_planning_costs_two_statements_at_most(book, now, patient, practitioner):
    appointment = AppointmentFactory(
        patient=patient, practitioner=practitioner, starts_at=FRIDAY, claimed_at=now
    )

    with CaptureQueriesContext(
        connection,
    ) as booked:
        planning.plan_messages(appointment=appointment, change="booked", now=now)
    appointment.version += 1
    with CaptureQueriesContext(connection) as moved:
        planning.plan_messages(appointment=appointment, change="moved", now=now)

    assert len(booked) == 2
    assert len(moved) == 2


def test_the_booking_service_writes_rows_in_its_own_transaction_n1(patient, practitioner, clock):
    """Book, move and cancel through the services that the pages call (C2, P3)."""
    visit_type = open_practice(practitioner)
    order = booking.Order(
        wish=claims.Wish(
            practitioner_id=practitioner.pk,
            visit_type_id=visit_type.pk,
            starts_at=FRIDAY - dt.timedelta(hours=4),
            modality=Modality.IN_PERSON,
            for_patient=True,
        ),
        patient_id=patient.pk,
        idempotency_key=uuid.uuid4(),
        reason="",
        notes="",
    )
    by = viewer(patient)

    visit = booking.book_appointment(order=order, by=by, now=clock.now)
    assert len(rows(visit, status="planned")) == 4

    appointments.reschedule_appointment(
        appointment_id=visit.pk, starts_at=FRIDAY - dt.timedelta(hours=5), by=by, now=clock.now
    )
    assert len(rows(visit, status="void")) == 4
    assert len(rows(visit, status="planned", appointment_version=2)) == 4

    appointments.cancel_appointment(
        appointment_id=visit.pk, by=by, reason=CancellationReason.CANNOT_COME, now=clock.now
    )
    assert rows(visit, status="planned") == [("cancellation", None, "planned")]


STEPS = st.lists(
    st.tuples(st.sampled_from(["move", "cancel", "book"]), st.integers(0, 40 * 24)), max_size=6
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_only_the_present_version_is_ever_open_after_any_changes(book, now, steps):
    """Property 5: after every step, N1 and N2 hold whatever was done before."""
    with transaction.atomic():
        appointment = book()
        for what, hours in steps:
            if what == "move" and appointment.status == "booked":
                move(appointment, now + dt.timedelta(hours=hours + 1), now=now)
            elif what == "cancel" and appointment.status == "booked":
                cancel(appointment, now=now)
            elif what == "book" and appointment.status == "cancelled":
                appointment.status, appointment.released_at = "booked", None
                appointment.version += 1
                appointment.save()
                planning.plan_messages(appointment=appointment, change="booked", now=now)
            open_rows = Reminder.objects.filter(appointment=appointment, status="planned")
            assert all(row.appointment_version == appointment.version for row in open_rows)
            assert all(now <= row.due_at < appointment.starts_at for row in open_rows)
            if appointment.status == "cancelled":
                assert {row.kind for row in open_rows} <= {"cancellation"}
        transaction.set_rollback(True)

"""Visits with their messages planned, and a run of dispatcher and worker in one call."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from clinic.people.models import Patient, Practitioner
from clinic.scheduling.models import Appointment
from reminders.services import claiming, delivering, planning
from tests.conftest import Clock
from tests.factories.scheduling import AppointmentFactory

# Friday 20 March 2026, 14:00 in Berlin: far enough from every booking of these tests.
FRIDAY = dt.datetime(2026, 3, 20, 13, 0, tzinfo=dt.UTC)

Book = Callable[..., Appointment]


@pytest.fixture
def book(patient: Patient, practitioner: Practitioner, clock: Clock) -> Book:
    """Return a function that books a visit now and plans its messages, as the booking does."""

    def booked(starts_at: dt.datetime = FRIDAY, **fields: object) -> Appointment:
        fields = {"patient": patient, "practitioner": practitioner, "claimed_at": clock()} | fields
        appointment: Appointment = AppointmentFactory(starts_at=starts_at, **fields)
        planning.plan_messages(appointment=appointment, change="booked", now=clock())
        return appointment

    return booked


@pytest.fixture
def run(db: None, clock: Clock) -> Callable[[], int]:
    """Return one turn of the dispatcher with a worker that takes all at once."""

    def turn() -> int:
        claims = claiming.claim_due(now=clock())
        return delivering.deliver(claims=claims, clock=clock) if claims else 0

    return turn


def move(appointment: Appointment, starts_at: dt.datetime, *, now: dt.datetime) -> None:
    """Change the visit's time the way the service does: same row, next version."""
    length = appointment.ends_at - appointment.starts_at
    appointment.starts_at, appointment.ends_at = starts_at, starts_at + length
    appointment.claim_starts_at, appointment.claim_ends_at = starts_at, starts_at + length
    appointment.local_date = starts_at.date()
    appointment.version += 1
    appointment.save()
    planning.plan_messages(appointment=appointment, change="moved", now=now)


def cancel(appointment: Appointment, *, now: dt.datetime) -> None:
    appointment.status, appointment.released_at = "cancelled", now
    appointment.version += 1
    appointment.save()
    planning.plan_messages(appointment=appointment, change="cancelled", now=now)

"""The record's visit: opened by a doctor, kept in step with the appointment."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from clinic.audit.models import AuditEvent
from clinic.people.models import Practitioner
from clinic.records import receivers
from clinic.records.choices import EncounterStatus
from clinic.records.models import Encounter
from clinic.records.permissions import NotAllowed
from clinic.records.services import encounters
from clinic.scheduling.choices import EXIT_STATUSES
from clinic.scheduling.choices import AppointmentStatus as S
from clinic.scheduling.models import Appointment
from tests.factories.people import viewer
from tests.factories.scheduling import AppointmentFactory, ScheduleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(patient, practitioner) -> Appointment:
    return AppointmentFactory(patient=patient, practitioner=practitioner, reason="Chest tightness")


def test_open_encounter_takes_over_what_the_visit_says(visit, practitioner, now):
    encounter = encounters.open_encounter(by=viewer(practitioner), appointment_id=visit.pk, now=now)

    found = Encounter.objects.get(pk=encounter.pk)
    assert (found.appointment, found.practitioner) == (visit, practitioner)
    assert found.status == EncounterStatus.PLANNED
    assert (found.reason, found.kind) == ("Chest tightness", {"text": "Follow-up"})
    event = AuditEvent.objects.get(action="encounter.opened")
    assert (event.actor, event.object_id) == (practitioner.user_id, encounter.pk)


def test_open_encounter_twice_is_the_same_visit(visit, practitioner, now):
    by = viewer(practitioner)
    first = encounters.open_encounter(by=by, appointment_id=visit.pk, now=now)

    second = encounters.open_encounter(by=by, appointment_id=visit.pk, now=now)

    assert second == first
    assert AuditEvent.objects.filter(action="encounter.opened").count() == 1


def test_two_doctors_opening_at_once_share_the_visit(visit, practitioner, now, monkeypatch):
    """The second has looked before the first has written: the lock lets it find the row."""
    by = viewer(practitioner)
    first = encounters.open_encounter(by=by, appointment_id=visit.pk, now=now)

    again = encounters._open(visit, visit.patient_id, by=by, now=now)

    assert again == first


def test_another_doctor_who_treats_the_patient_opens_it_too(
    visit, patient, practitioner, other_practitioner, now
):
    AppointmentFactory(
        patient=patient,
        practitioner=other_practitioner,
        starts_at=now + dt.timedelta(days=3),
    )

    encounter = encounters.open_encounter(
        by=viewer(other_practitioner), appointment_id=visit.pk, now=now
    )

    assert encounter.practitioner == practitioner


@pytest.mark.parametrize(
    "stranger", ["patient", "other_patient", "other_practitioner", "receptionist", "administrator"]
)
def test_nobody_else_opens_an_encounter(request, visit, stranger, now):
    by = viewer(request.getfixturevalue(stranger))

    with pytest.raises(NotAllowed):
        encounters.open_encounter(by=by, appointment_id=visit.pk, now=now)


def test_a_hold_is_no_visit(practitioner, now):
    hold = AppointmentFactory(
        patient=None, hold_token=uuid.uuid4(), practitioner=practitioner, hold=True
    )

    with pytest.raises(NotAllowed):
        encounters.open_encounter(by=viewer(practitioner), appointment_id=hold.pk, now=now)
    with pytest.raises(NotAllowed):
        encounters.patient_of_visit(appointment_id=hold.pk)


def test_a_visit_that_was_missed_has_nothing_to_write(visit, practitioner, now):
    set_status(visit, S.NOSHOW)

    with pytest.raises(encounters.NothingToWrite):
        encounters.open_encounter(by=viewer(practitioner), appointment_id=visit.pk, now=now)


def set_status(visit: Appointment, status: S) -> None:
    gone = visit.claimed_at if status in EXIT_STATUSES else None
    Appointment.objects.filter(pk=visit.pk).update(status=status, released_at=gone)


def heard(visit: Appointment, change: str = "status") -> None:
    receivers.follow_appointment(
        Appointment, appointment_id=visit.pk, patient_id=visit.patient_id, change=change
    )


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (S.CHECKED_IN, EncounterStatus.IN_PROGRESS),
        (S.FULFILLED, EncounterStatus.FINISHED),
        (S.CANCELLED, EncounterStatus.CANCELLED),
        (S.ENTERED_IN_ERROR, EncounterStatus.ENTERED_IN_ERROR),
    ],
)
def test_encounter_goes_where_the_appointment_goes(
    visit, practitioner, clock, now, status, expected
):
    encounters.open_encounter(by=viewer(practitioner), appointment_id=visit.pk, now=now)
    set_status(visit, status)
    ended = clock.move_to(visit.ends_at)

    heard(visit)

    encounter = Encounter.objects.get()
    assert encounter.status == expected
    assert encounter.ends_at == (ended if expected == EncounterStatus.FINISHED else None)


def test_visit_that_was_seen_stands_in_the_record_without_a_note(visit, clock):
    set_status(visit, S.FULFILLED)

    heard(visit)

    assert Encounter.objects.get().status == EncounterStatus.FINISHED


@pytest.mark.parametrize("change", ["status", "confirmed", "late", "imported"])
def test_visit_still_to_come_leaves_no_trace_in_the_record(visit, clock, change):
    heard(visit, change)

    assert not Encounter.objects.exists()


def test_hearing_the_same_again_writes_nothing(visit, clock):
    set_status(visit, S.FULFILLED)
    heard(visit)
    events = AuditEvent.objects.count()

    heard(visit)

    assert AuditEvent.objects.count() == events


def test_moved_visit_moves_in_the_record(visit, practitioner, clock, now):
    encounters.open_encounter(by=viewer(practitioner), appointment_id=visit.pk, now=now)
    later = visit.starts_at + dt.timedelta(hours=1)
    Appointment.objects.filter(pk=visit.pk).update(
        starts_at=later,
        ends_at=later + dt.timedelta(minutes=20),
        claim_ends_at=later + dt.timedelta(minutes=20),
    )

    heard(visit, "moved")

    assert Encounter.objects.get().starts_at == later


def test_hold_and_unknown_visit_are_no_concern_of_the_record(clock, visit, practitioner):
    hold = AppointmentFactory(
        patient=None,
        hold_token=uuid.uuid4(),
        practitioner=practitioner,
        hold=True,
        starts_at=visit.ends_at,
    )
    unknown = Appointment(pk=practitioner.pk, patient_id=visit.patient_id)

    heard(hold, "booked")
    heard(unknown, "booked")
    encounters.follow_appointment(appointment_id=hold.pk, now=hold.claimed_at)
    encounters.follow_appointment(appointment_id=unknown.pk, now=hold.claimed_at)

    assert not Encounter.objects.exists()


def test_booking_costs_the_record_two_queries(visit, clock, django_assert_num_queries):
    with django_assert_num_queries(2):
        heard(visit, "booked")


def test_finishing_a_visit_reaches_the_record(
    visit, practitioner: Practitioner, now, clock, django_capture_on_commit_callbacks
):
    from clinic.scheduling.services import appointments

    ScheduleFactory(practitioner=practitioner)
    with django_capture_on_commit_callbacks(execute=True):
        for status in (S.ARRIVED, S.CHECKED_IN, S.FULFILLED):
            appointments.change_status(
                appointment_id=visit.pk, to_status=status, by=viewer(practitioner), now=now
            )

    assert Encounter.objects.get(appointment=visit).status == EncounterStatus.FINISHED

"""A follow-up is asked for, booked by the patient, and open again when the booking is lost."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from clinic.audit.models import AuditEvent
from clinic.people.viewer import Proxy, Viewer
from clinic.records import receivers
from clinic.records.choices import FollowUpStatus
from clinic.records.models import Encounter, FollowUp
from clinic.records.permissions import NotAllowed
from clinic.records.services import encounters, follow_ups
from clinic.scheduling.choices import AppointmentStatus as S
from clinic.scheduling.models import Appointment
from tests.factories.people import viewer
from tests.factories.scheduling import AppointmentFactory, VisitTypeFactory, open_practice

pytestmark = pytest.mark.django_db

DUE = dt.datetime(2026, 3, 30, 8, 0, tzinfo=dt.UTC)


@pytest.fixture
def visit_type(practitioner):
    return open_practice(practitioner)


@pytest.fixture
def encounter(patient, practitioner, visit_type, now) -> Encounter:
    visit = AppointmentFactory(patient=patient, practitioner=practitioner, visit_type=visit_type)
    return encounters.open_encounter(by=viewer(practitioner), appointment_id=visit.pk, now=now)


def ask(encounter, visit_type, practitioner, now, weeks=4) -> FollowUp:
    return follow_ups.ask_for_follow_up(
        by=viewer(practitioner),
        patient_id=encounter.patient_id,
        encounter_id=encounter.pk,
        wish=follow_ups.FollowUpWish(visit_type.pk, weeks, "Blood pressure again"),
        now=now,
    )


@pytest.fixture
def follow_up(encounter, visit_type, practitioner, now) -> FollowUp:
    return ask(encounter, visit_type, practitioner, now)


def book(follow_up: FollowUp, **other: object) -> Appointment:
    values = {
        "patient": follow_up.patient,
        "practitioner": follow_up.practitioner,
        "visit_type": follow_up.visit_type,
        "starts_at": DUE,
    }
    visit = AppointmentFactory(**values | other)
    hear(visit)
    return visit


def hear(visit: Appointment, change: str = "booked") -> None:
    receivers.follow_appointment(
        Appointment, appointment_id=visit.pk, patient_id=visit.patient_id, change=change
    )


def test_follow_up_is_due_in_so_many_weeks(follow_up, practitioner):
    found = FollowUp.objects.get()

    assert (found.due_from, found.due_until) == (dt.date(2026, 3, 26), dt.date(2026, 4, 3))
    assert (found.practitioner, found.note) == (practitioner, "Blood pressure again")
    assert AuditEvent.objects.filter(action="followup.asked", object_id=found.pk).exists()


def test_follow_up_is_of_a_kind_that_the_doctor_offers(encounter, practitioner, now):
    other = VisitTypeFactory(slug="operation", name="Operation")

    with pytest.raises(follow_ups.NotOfferedByDoctor):
        ask(encounter, other, practitioner, now)


def test_only_a_doctor_asks_for_one(encounter, visit_type, patient, now):
    with pytest.raises(NotAllowed):
        ask(encounter, visit_type, patient, now)


def test_booking_in_the_window_completes_it(follow_up, clock):
    visit = book(follow_up)

    follow_up.refresh_from_db()
    assert (follow_up.status, follow_up.appointment) == (FollowUpStatus.COMPLETED, visit)
    assert AuditEvent.objects.filter(action="followup.booked").count() == 1


def test_late_booking_is_still_the_visit_that_was_asked_for(follow_up, clock):
    book(follow_up, starts_at=DUE + dt.timedelta(weeks=8))

    follow_up.refresh_from_db()
    assert follow_up.status == FollowUpStatus.COMPLETED


@pytest.mark.parametrize("what", ["too early", "other doctor", "other kind", "other patient"])
def test_other_bookings_leave_it_open(follow_up, clock, what, other_practitioner, other_patient):
    other = {
        "too early": {"starts_at": DUE - dt.timedelta(weeks=2)},
        "other doctor": {"practitioner": other_practitioner},
        "other kind": {"visit_type": VisitTypeFactory(slug="child", name="Child visit")},
        "other patient": {"patient": other_patient},
    }

    book(follow_up, **other[what])

    follow_up.refresh_from_db()
    assert follow_up.status == FollowUpStatus.ACTIVE


def test_one_booking_completes_one_of_two(
    follow_up, encounter, visit_type, practitioner, now, clock
):
    second = ask(encounter, visit_type, practitioner, now)

    visit = book(follow_up)
    hear(visit, "status")

    second.refresh_from_db()
    assert second.status == FollowUpStatus.ACTIVE


@pytest.mark.parametrize("status", [S.CANCELLED, S.NOSHOW])
def test_lost_booking_opens_it_again(follow_up, clock, status):
    visit = book(follow_up)
    released = visit.claimed_at if status == S.CANCELLED else None
    Appointment.objects.filter(pk=visit.pk).update(status=status, released_at=released)

    hear(visit, "cancelled")

    follow_up.refresh_from_db()
    assert (follow_up.status, follow_up.appointment) == (FollowUpStatus.ACTIVE, None)


def test_withdrawn_follow_up_is_not_booked_any_more(follow_up, practitioner, now, clock):
    withdrawn = {
        "by": viewer(practitioner),
        "patient_id": follow_up.patient_id,
        "follow_up_id": follow_up.pk,
        "now": now,
    }
    follow_ups.withdraw_follow_up(**withdrawn)

    book(follow_up)

    follow_up.refresh_from_db()
    assert (follow_up.status, follow_up.appointment) == (FollowUpStatus.REVOKED, None)
    with pytest.raises(NotAllowed):
        follow_ups.withdraw_follow_up(**withdrawn)


def test_hold_and_unknown_visit_answer_nothing(follow_up, clock, practitioner):
    hold = AppointmentFactory(
        patient=None,
        hold_token=uuid.uuid4(),
        practitioner=practitioner,
        hold=True,
        starts_at=DUE,
    )

    hear(hold)
    hear(Appointment(pk=uuid.uuid4(), patient_id=follow_up.patient_id))

    follow_up.refresh_from_db()
    assert follow_up.status == FollowUpStatus.ACTIVE


def test_lost_race_settles_nothing_twice(follow_up, clock, monkeypatch):
    """Another process has settled it between the look and the lock."""
    answers = iter([follow_up, None])
    monkeypatch.setattr(follow_ups, "_concerned", lambda *_: next(answers))

    book(follow_up)

    follow_up.refresh_from_db()
    assert follow_up.status == FollowUpStatus.ACTIVE


def test_patient_is_told_what_to_book(follow_up, patient, other_patient, practitioner, now):
    assert follow_ups.follow_ups_to_book(viewer=viewer(patient), now=now) == [follow_up]
    assert follow_ups.follow_ups_to_book(viewer=viewer(other_patient), now=now) == []
    assert follow_ups.follow_ups_to_book(viewer=viewer(practitioner), now=now) == []


def test_carer_without_the_record_is_told_nothing(follow_up, patient, now):
    carer = Viewer(patient_id=patient.pk, proxy=Proxy(uuid.uuid4(), patient.pk, frozenset()))

    assert follow_ups.follow_ups_to_book(viewer=carer, now=now) == []

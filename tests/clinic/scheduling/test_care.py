"""Which visits make a doctor somebody's doctor, to the second (settings RECORDS)."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.conf import settings

from clinic.people.choices import ApprovalStatus
from clinic.scheduling.choices import AppointmentStatus
from clinic.scheduling.selectors.care import has_care_relationship
from tests.factories.scheduling import AppointmentFactory

pytestmark = pytest.mark.django_db

SECOND = dt.timedelta(seconds=1)
BEFORE = settings.RECORDS["CARE_BEFORE"]
AHEAD = settings.RECORDS["CARE_AHEAD"]


def cares(practitioner, patient, now: dt.datetime) -> bool:
    return has_care_relationship(practitioner_id=practitioner.pk, patient_id=patient.pk, now=now)


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        (-BEFORE - SECOND, False),
        (-BEFORE, True),
        (dt.timedelta(0), True),
        (AHEAD, True),
        (AHEAD + SECOND, False),
    ],
)
def test_care_reaches_a_year_back_and_two_weeks_ahead(
    practitioner, patient, now, offset: dt.timedelta, expected: bool
) -> None:
    AppointmentFactory(patient=patient, practitioner=practitioner, starts_at=now + offset)

    assert cares(practitioner, patient, now) is expected


def test_care_counts_instants_across_a_change_of_clocks(practitioner, patient) -> None:
    """Two weeks are 336 hours, also when Berlin skips one of them on 29 March."""
    now = dt.datetime(2026, 3, 20, 9, 0, tzinfo=dt.UTC)
    AppointmentFactory(patient=patient, practitioner=practitioner, starts_at=now + AHEAD)

    assert cares(practitioner, patient, now)
    assert not cares(practitioner, patient, now - SECOND)


COUNTED = {
    AppointmentStatus.BOOKED,
    AppointmentStatus.ARRIVED,
    AppointmentStatus.CHECKED_IN,
    AppointmentStatus.FULFILLED,
    AppointmentStatus.NOSHOW,
}
UNDECIDED = {AppointmentStatus.PROPOSED, AppointmentStatus.PENDING}


@pytest.mark.parametrize("status", list(AppointmentStatus))
def test_only_visits_that_were_agreed_make_a_doctor(practitioner, patient, now, status) -> None:
    gone = status in (AppointmentStatus.CANCELLED, AppointmentStatus.ENTERED_IN_ERROR)
    ends = now + dt.timedelta(minutes=5) if status in UNDECIDED else now if gone else None
    AppointmentFactory(
        patient=patient,
        practitioner=practitioner,
        status=status,
        claimed_at=now - SECOND,
        released_at=ends,
    )

    assert cares(practitioner, patient, now) is (status in COUNTED)


def test_hold_of_a_visitor_makes_nobody_a_patient(practitioner, patient, now) -> None:
    AppointmentFactory(patient=None, hold_token=uuid.uuid4(), practitioner=practitioner, hold=True)

    assert not cares(practitioner, patient, now)


def test_visit_beside_another_counts_as_well(practitioner, patient, other_patient, now) -> None:
    """Two patients at the same time: an overbooked hour, or one cancelled and given away."""
    AppointmentFactory(patient=other_patient, practitioner=practitioner, cancelled=True)
    AppointmentFactory(patient=patient, practitioner=practitioner)

    assert cares(practitioner, patient, now)
    assert not cares(practitioner, other_patient, now)


def test_care_is_of_one_doctor_and_one_patient(
    practitioner, other_practitioner, patient, other_patient, now
) -> None:
    AppointmentFactory(patient=patient, practitioner=practitioner)

    assert not cares(other_practitioner, patient, now)
    assert not cares(practitioner, other_patient, now)


@pytest.mark.parametrize("approval", [ApprovalStatus.PENDING, ApprovalStatus.DECLINED])
def test_doctor_who_is_not_approved_cares_for_nobody(practitioner, patient, now, approval) -> None:
    AppointmentFactory(patient=patient, practitioner=practitioner)
    practitioner.approval = approval
    practitioner.save(update_fields=["approval"])

    assert not cares(practitioner, patient, now)

"""Who may open whose record: SECURITY 4.1, every ground and every role without one."""

from __future__ import annotations

import datetime as dt

import pytest

from clinic.records.permissions import Ground, NotAllowed, access_to, check_may_open
from tests.factories.people import viewer

pytestmark = pytest.mark.django_db


def test_patient_opens_the_own_record(patient, now):
    access = access_to(viewer=viewer(patient), patient_id=patient.pk, now=now)

    assert access is not None
    assert access.ground is Ground.OWN


@pytest.mark.parametrize("stranger", ["other_patient", "outsider", "receptionist", "administrator"])
def test_nobody_opens_a_record_without_a_ground(request, stranger, patient, now):
    person = viewer(request.getfixturevalue(stranger))

    with pytest.raises(NotAllowed):
        check_may_open(viewer=person, patient_id=patient.pk, now=now)


def test_doctor_without_a_visit_has_no_ground(practitioner, patient, now):
    assert access_to(viewer=viewer(practitioner), patient_id=patient.pk, now=now) is None

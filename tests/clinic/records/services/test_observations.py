"""Measurements are kept as they were meant, by those who may, and leave their trace."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from clinic.records.choices import Source, Verification
from clinic.records.models import Observation, PatientRecord
from clinic.records.permissions import NotAllowed, check_may_open
from clinic.records.rules.observations import ReadingDoubted, ReadingRefused
from clinic.records.selectors import observations as selectors
from clinic.records.services.observations import (
    Reading,
    change_observation,
    mark_mistaken,
    record_observation,
)
from clinic.records.services.writing import ChangedMeanwhile
from tests.factories.people import viewer
from tests.factories.records import ObservationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def weighed(now):
    """71.4 kg, an hour ago."""
    return Reading("weight", (Decimal("71.4"),), now - dt.timedelta(hours=1), unit="kg")


def pressure(now, upper, lower, **more):
    return Reading("blood-pressure", (Decimal(upper), Decimal(lower)), now, **more)


def test_a_patients_reading_waits_unconfirmed(patient, own, weighed, now, trail):
    row = record_observation(by=own, patient_id=patient.pk, reading=weighed, now=now)

    row = Observation.objects.get(pk=row.pk)
    assert row.value == {"number": "71.4", "unit": "kg"}
    assert row.concept == {
        "text": "Body weight",
        "system": "http://loinc.org",
        "code": "29463-7",
    }
    assert (row.source, row.verification) == (Source.PATIENT, Verification.UNCONFIRMED)
    assert row.effective_at == weighed.measured_at
    assert trail() == ["observation.added"]
    assert PatientRecord.objects.get(pk=patient.pk).version == 1


def test_a_doctors_reading_is_confirmed_at_once(patient, doctor, weighed, now):
    row = record_observation(by=doctor, patient_id=patient.pk, reading=weighed, now=now)

    assert (row.source, row.verification) == (Source.PRACTITIONER, Verification.CONFIRMED)
    assert (row.confirmed_at, row.confirmed_by_id) == (now, doctor.user_id)


def test_a_pressure_keeps_both_numbers_by_their_codes(patient, own, now):
    row = record_observation(by=own, patient_id=patient.pk, reading=pressure(now, 128, 82), now=now)

    assert row.value["parts"] == {
        "8480-6": {"number": "128", "unit": "mm[Hg]"},
        "8462-4": {"number": "82", "unit": "mm[Hg]"},
    }


def test_pounds_are_kept_in_kilograms(patient, own, now):
    reading = Reading("weight", (Decimal(150),), now, unit="[lb_av]")

    row = record_observation(by=own, patient_id=patient.pk, reading=reading, now=now)

    assert row.value == {"number": "68.0388555", "unit": "kg"}


@pytest.mark.parametrize(
    "reading",
    [
        Reading("weight", (Decimal(999),), dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)),
        Reading("weight", (Decimal(70),), dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)),
        Reading("weight", (Decimal(70),), dt.datetime(1984, 3, 7, tzinfo=dt.UTC)),
        Reading("bmi", (Decimal(22),), dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)),
        Reading("weight", (), dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)),
    ],
)
def test_a_reading_that_cannot_be_leaves_no_trace(patient, own, reading, now, trail):
    with pytest.raises(ReadingRefused):
        record_observation(by=own, patient_id=patient.pk, reading=reading, now=now)

    assert not Observation.objects.exists()
    assert trail() == []


def test_a_rare_reading_is_kept_once_it_is_meant(patient, own, now):
    with pytest.raises(ReadingDoubted):
        record_observation(by=own, patient_id=patient.pk, reading=pressure(now, 210, 110), now=now)

    record_observation(
        by=own, patient_id=patient.pk, reading=pressure(now, 210, 110, sure=True), now=now
    )

    assert Observation.objects.count() == 1


def test_a_leap_from_the_last_weight_is_asked_about(patient, own, now):
    ObservationFactory(patient=patient)

    with pytest.raises(ReadingDoubted):
        record_observation(
            by=own, patient_id=patient.pk, reading=Reading("weight", (Decimal(171),), now), now=now
        )


@pytest.mark.parametrize(
    "stranger", ["other_patient", "outsider", "other_practitioner", "receptionist", "administrator"]
)
def test_strangers_add_nothing(request, stranger, patient, weighed, now):
    by = viewer(request.getfixturevalue(stranger))

    with pytest.raises(NotAllowed):
        record_observation(by=by, patient_id=patient.pk, reading=weighed, now=now)


def test_a_correction_keeps_the_row_and_says_which_fields(patient, own, weighed, now, trail):
    row = ObservationFactory(patient=patient, said=True)

    changed = change_observation(
        by=own,
        patient_id=patient.pk,
        observation_id=row.pk,
        reading=Reading("weight", (Decimal("72.4"),), weighed.measured_at),
        now=now,
        version=1,
    )

    stored = Observation.objects.get(pk=row.pk)
    assert stored.value == {"number": "72.4", "unit": "kg"}
    assert (stored.version, stored.status) == (2, "amended")
    assert changed.verification == Verification.UNCONFIRMED
    assert trail() == ["observation.changed"]


def test_a_correction_of_an_older_version_writes_nothing(patient, own, weighed, now):
    row = ObservationFactory(patient=patient, said=True, version=3)

    with pytest.raises(ChangedMeanwhile):
        change_observation(
            by=own,
            patient_id=patient.pk,
            observation_id=row.pk,
            reading=weighed,
            now=now,
            version=2,
        )

    assert Observation.objects.get(pk=row.pk).version == 3


def test_a_patient_does_not_correct_what_the_doctor_measured(patient, own, weighed, now):
    row = ObservationFactory(patient=patient)

    with pytest.raises(NotAllowed):
        change_observation(
            by=own, patient_id=patient.pk, observation_id=row.pk, reading=weighed, now=now
        )
    with pytest.raises(NotAllowed):
        mark_mistaken(by=own, patient_id=patient.pk, observation_id=row.pk, now=now)


def test_what_was_imported_is_withdrawn_but_not_rewritten(patient, doctor, weighed, now):
    row = ObservationFactory(patient=patient, source=Source.IMPORT)

    with pytest.raises(NotAllowed):
        change_observation(
            by=doctor, patient_id=patient.pk, observation_id=row.pk, reading=weighed, now=now
        )
    mark_mistaken(by=doctor, patient_id=patient.pk, observation_id=row.pk, now=now)

    assert Observation.objects.get(pk=row.pk).verification == Verification.ENTERED_IN_ERROR


def test_a_mistake_leaves_the_lists_and_stays_in_the_record(patient, doctor, own, now, trail):
    row = ObservationFactory(patient=patient, said=True)

    mark_mistaken(by=own, patient_id=patient.pk, observation_id=row.pk, now=now, version=1)

    access = check_may_open(viewer=doctor, patient_id=patient.pk, now=now)
    assert selectors.latest(access=access) == {}
    assert Observation.objects.get(pk=row.pk).status == "entered-in-error"
    assert trail() == ["observation.marked_mistaken"]
    with pytest.raises(NotAllowed):
        mark_mistaken(by=own, patient_id=patient.pk, observation_id=row.pk, now=now)


def test_a_row_of_another_patient_is_not_there(patient, other_patient, own, weighed, now):
    row = ObservationFactory(patient=other_patient, said=True)

    with pytest.raises(NotAllowed):
        mark_mistaken(by=own, patient_id=patient.pk, observation_id=row.pk, now=now)
    with pytest.raises(NotAllowed):
        change_observation(
            by=own, patient_id=patient.pk, observation_id=row.pk, reading=weighed, now=now
        )

"""Prescriptions, what speaks against them, and the list that they keep in step."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from clinic.records.choices import RequestStatus
from clinic.records.dosage import Dosage, Supply
from clinic.records.dosage_choices import Frequency
from clinic.records.models import MedicationRequest, MedicationStatement
from clinic.records.permissions import NotAllowed
from clinic.records.rules.medications import NotPossible
from clinic.records.services import prescribing
from clinic.records.services.prescribing import Order, SevereWarnings
from clinic.records.services.writing import ChangedMeanwhile
from clinic.terminology.coded import Coded
from tests.factories.records import AllergyFactory, MedicationFactory, PrescriptionFactory

pytestmark = pytest.mark.django_db

ORDER = Order(
    Coded("Amoxicillin 500 mg"),
    Dosage("1", "capsule", frequency=Frequency.THREE_TIMES),
    Supply("21", refills=0),
    reason="Sore throat",
)


@pytest.fixture
def prescribe(doctor, patient, now):
    def prescribed(order=ORDER, *, by=doctor, encounter_id=None):
        return prescribing.prescribe(
            by=by, patient_id=patient.pk, encounter_id=encounter_id, order=order, now=now
        )

    return prescribed


def test_a_prescription_is_written_and_stands_on_the_list(prescribe, practitioner, now, trail):
    request = prescribe()

    taken = MedicationStatement.objects.get()
    assert (request.requester_id, request.authored_at) == (practitioner.pk, now)
    assert (taken.request_id, taken.label, taken.starts_on) == (
        request.pk,
        "Amoxicillin 500 mg",
        dt.date(2026, 3, 2),
    )
    assert trail()[-2:] == ["prescription.added", "medication.added"]


def test_a_known_allergy_needs_a_reason_to_prescribe_all_the_same(prescribe, patient):
    AllergyFactory(patient=patient, text="Penicillin", criticality="high")

    with pytest.raises(SevereWarnings) as refusal:
        prescribe()

    assert [warning.kind for warning in refusal.value.found] == ["allergy"]
    assert not MedicationRequest.objects.exists()


def test_a_reason_is_sealed_with_what_was_shown(prescribe, patient):
    AllergyFactory(patient=patient, text="Penicillin", criticality="high")

    request = prescribe(replace(ORDER, in_spite="Tested in March: no allergy"))

    request.refresh_from_db()
    assert request.warnings["reason"] == "Tested in March: no allergy"
    assert [one["kind"] for one in request.warnings["shown"]] == ["allergy"]


def test_going_on_with_a_medicine_ends_its_earlier_prescription(prescribe, patient):
    earlier = PrescriptionFactory(patient=patient)
    taken = MedicationFactory(patient=patient, text="Amoxicillin 500 mg", request=earlier)

    request = prescribe(replace(ORDER, statement_id=taken.pk, expected_version=1))

    taken.refresh_from_db()
    earlier.refresh_from_db()
    assert (taken.request_id, earlier.status) == (request.pk, RequestStatus.COMPLETED)
    assert Dosage.from_json(taken.dosage).frequency == Frequency.THREE_TIMES
    assert MedicationStatement.objects.count() == 1


def test_an_order_for_a_medicine_that_changed_meanwhile_is_refused(prescribe, patient):
    taken = MedicationFactory(patient=patient, version=2)

    with pytest.raises(ChangedMeanwhile):
        prescribe(replace(ORDER, statement_id=taken.pk, expected_version=1))


def test_renewing_writes_the_same_order_with_its_refills(prescribe, doctor, patient, now):
    first = prescribe()

    renewed = prescribing.renew_prescription(
        by=doctor, patient_id=patient.pk, request_id=first.pk, refills=3, now=now
    )

    first.refresh_from_db()
    assert first.status == RequestStatus.COMPLETED
    assert Supply.from_json(renewed.supply) == Supply("21", refills=3)
    assert MedicationStatement.objects.get().request_id == renewed.pk


def test_what_was_taken_back_is_not_renewed(prescribe, doctor, patient, now):
    request = prescribe()
    prescribing.cancel_prescription(
        by=doctor, patient_id=patient.pk, request_id=request.pk, reason="Wrong strength", now=now
    )

    with pytest.raises(NotPossible):
        prescribing.renew_prescription(
            by=doctor, patient_id=patient.pk, request_id=request.pk, refills=1, now=now
        )


def test_what_is_no_longer_taken_is_not_renewed(doctor, patient, now):
    request = PrescriptionFactory(patient=patient)
    MedicationFactory(patient=patient, request=request, status="stopped")

    with pytest.raises(NotPossible):
        prescribing.renew_prescription(
            by=doctor, patient_id=patient.pk, request_id=request.pk, refills=1, now=now
        )


def test_cancelling_says_why_and_happens_once(prescribe, doctor, patient, now):
    request = prescribe()
    again = {"by": doctor, "patient_id": patient.pk, "request_id": request.pk, "now": now}

    prescribing.cancel_prescription(**again, reason="Wrong strength")

    request.refresh_from_db()
    assert (request.status, request.status_reason) == (RequestStatus.CANCELLED, "Wrong strength")
    with pytest.raises(NotPossible):
        prescribing.cancel_prescription(**again, reason="")


def test_only_a_doctor_prescribes(prescribe, own):
    with pytest.raises(NotAllowed):
        prescribe(by=own)


@pytest.mark.parametrize("what", ["renew", "cancel"])
def test_a_prescription_of_somebody_else_does_not_exist(what, doctor, patient, other_patient, now):
    theirs = PrescriptionFactory(patient=other_patient)
    act = {"by": doctor, "patient_id": patient.pk, "request_id": theirs.pk, "now": now}

    with pytest.raises(NotAllowed):
        if what == "renew":
            prescribing.renew_prescription(**act, refills=1)
        else:
            prescribing.cancel_prescription(**act, reason="")


def test_a_visit_of_somebody_else_is_refused(prescribe, other_patient):
    with pytest.raises(NotAllowed):
        prescribe(encounter_id=other_patient.pk)

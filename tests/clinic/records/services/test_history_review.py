"""Confirming, ruling out, taking out, ending, each with its way back."""

from __future__ import annotations

import uuid

import pytest

from clinic.records.choices import ClinicalStatus, HistorySection, Verification
from clinic.records.permissions import NotAllowed
from clinic.records.rules.history import NotPossible
from clinic.records.services import history_review as review
from clinic.records.services.allergies import AllergiesOnFile
from clinic.records.services.history_review import Target
from clinic.records.services.writing import ChangedMeanwhile
from tests.factories.records import (
    AllergyFactory,
    ConditionFactory,
    FamilyHistoryFactory,
    ImmunizationFactory,
)

pytestmark = pytest.mark.django_db
CONDITIONS, ALLERGIES = HistorySection.CONDITIONS, HistorySection.ALLERGIES


def about(row, section=CONDITIONS, version=None):
    return Target(section, row.pk, version)


def test_a_doctor_confirms_what_the_patient_said(doctor, patient, now, trail):
    row = ConditionFactory(patient=patient, said=True)

    review.confirm_entry(by=doctor, patient_id=patient.pk, target=about(row, version=1), now=now)

    row.refresh_from_db()
    assert row.is_confirmed
    assert (row.confirmed_at, row.confirmed_by_id, row.version) == (now, doctor.user_id, 2)
    assert trail() == ["condition.confirmed"]


def test_nobody_confirms_twice(doctor, patient, now):
    row = ConditionFactory(patient=patient)

    with pytest.raises(NotPossible):
        review.confirm_entry(by=doctor, patient_id=patient.pk, target=about(row), now=now)


def test_the_patient_confirms_nothing(own, patient, now):
    row = ConditionFactory(patient=patient, said=True)

    with pytest.raises(NotPossible):
        review.confirm_entry(by=own, patient_id=patient.pk, target=about(row), now=now)


def test_an_older_version_is_not_confirmed(doctor, patient, now):
    row = ConditionFactory(patient=patient, said=True, version=2)

    with pytest.raises(ChangedMeanwhile):
        review.confirm_entry(
            by=doctor, patient_id=patient.pk, target=about(row, version=1), now=now
        )


def test_another_patients_entry_is_not_there(doctor, patient, other_patient, now):
    row = ConditionFactory(patient=other_patient, said=True)

    with pytest.raises(NotAllowed):
        review.confirm_entry(by=doctor, patient_id=patient.pk, target=about(row), now=now)


def test_ruling_out_is_undone_by_putting_back(doctor, patient, now, trail):
    row = ConditionFactory(patient=patient)

    review.rule_out_entry(by=doctor, patient_id=patient.pk, target=about(row), now=now)
    row.refresh_from_db()
    ruled_out = (row.verification, row.confirmed_by_id)
    review.restore_entry(by=doctor, patient_id=patient.pk, target=about(row), now=now)

    row.refresh_from_db()
    assert ruled_out == (Verification.REFUTED, doctor.user_id)
    assert row.verification == Verification.UNCONFIRMED
    assert trail() == ["condition.ruled_out", "condition.put_back"]


def test_a_vaccination_is_not_ruled_out(doctor, patient, now):
    row = ImmunizationFactory(patient=patient)
    target = about(row, HistorySection.VACCINATIONS)

    with pytest.raises(NotPossible):
        review.rule_out_entry(by=doctor, patient_id=patient.pk, target=target, now=now)


def test_the_patient_takes_the_own_words_out_and_puts_them_back(own, patient, now):
    row = ConditionFactory(patient=patient, said=True)

    review.mark_entry_mistaken(by=own, patient_id=patient.pk, target=about(row), now=now)
    row.refresh_from_db()
    taken_out = (row.verification, row.confirmed_at)
    review.restore_entry(by=own, patient_id=patient.pk, target=about(row), now=now)

    row.refresh_from_db()
    assert taken_out == (Verification.ENTERED_IN_ERROR, None)
    assert row.verification == Verification.UNCONFIRMED


def test_the_patient_does_not_put_back_what_a_doctor_took_out(doctor, own, patient, now):
    row = ConditionFactory(patient=patient, said=True)

    review.mark_entry_mistaken(by=doctor, patient_id=patient.pk, target=about(row), now=now)

    with pytest.raises(NotPossible):
        review.restore_entry(by=own, patient_id=patient.pk, target=about(row), now=now)


def test_a_condition_ends_today_and_comes_back(doctor, patient, now):
    row = ConditionFactory(patient=patient)

    review.resolve_entry(by=doctor, patient_id=patient.pk, target=about(row), now=now)
    row.refresh_from_db()
    ended = (row.clinical_status, row.abatement_date)
    review.reopen_entry(by=doctor, patient_id=patient.pk, target=about(row), now=now)

    row.refresh_from_db()
    assert ended == (ClinicalStatus.RESOLVED, now.date())
    assert (row.clinical_status, row.abatement_date) == (ClinicalStatus.ACTIVE, None)


def test_an_allergy_ends_and_comes_back(doctor, patient, now):
    row = AllergyFactory(patient=patient)
    target = about(row, ALLERGIES)

    review.resolve_entry(by=doctor, patient_id=patient.pk, target=target, now=now)
    row.refresh_from_db()
    ended = row.clinical_status
    review.reopen_entry(by=doctor, patient_id=patient.pk, target=target, now=now)

    row.refresh_from_db()
    assert ended == ClinicalStatus.RESOLVED
    assert row.clinical_status == ClinicalStatus.ACTIVE


@pytest.mark.parametrize(
    ("state", "act"),
    [
        ({"clinical_status": ClinicalStatus.RESOLVED}, review.reopen_entry),
        ({"verification": Verification.REFUTED}, review.restore_entry),
    ],
    ids=["reopened", "put back"],
)
def test_an_allergy_that_comes_back_ends_the_statement(doctor, patient, now, state, act):
    allergy = AllergyFactory(patient=patient, **state)
    statement = AllergyFactory(patient=patient, none=True)

    act(by=doctor, patient_id=patient.pk, target=about(allergy, ALLERGIES), now=now)

    statement.refresh_from_db()
    assert statement.clinical_status == ClinicalStatus.INACTIVE


def test_the_statement_is_not_put_back_beside_an_allergy(doctor, patient, now):
    AllergyFactory(patient=patient)
    statement = AllergyFactory(
        patient=patient, none=True, verification=Verification.ENTERED_IN_ERROR
    )

    with pytest.raises(AllergiesOnFile):
        review.restore_entry(
            by=doctor, patient_id=patient.pk, target=about(statement, ALLERGIES), now=now
        )


def test_a_past_allergy_is_put_back_beside_the_statement(doctor, patient, now):
    past = AllergyFactory(
        patient=patient,
        clinical_status=ClinicalStatus.RESOLVED,
        verification=Verification.ENTERED_IN_ERROR,
    )
    statement = AllergyFactory(patient=patient, none=True)

    review.restore_entry(by=doctor, patient_id=patient.pk, target=about(past, ALLERGIES), now=now)

    statement.refresh_from_db()
    assert statement.clinical_status == ClinicalStatus.ACTIVE


def test_confirm_section_leaves_what_changed_since(doctor, patient, now):
    seen = FamilyHistoryFactory(patient=patient, said=True)
    changed = FamilyHistoryFactory(patient=patient, said=True, version=2)
    settled = FamilyHistoryFactory(patient=patient)

    outcome = review.confirm_section(
        by=doctor,
        patient_id=patient.pk,
        section=HistorySection.FAMILY,
        seen={seen.pk: 1, changed.pk: 1, settled.pk: 1},
        now=now,
    )

    seen.refresh_from_db()
    changed.refresh_from_db()
    assert (outcome.confirmed, outcome.changed) == (1, 2)
    assert (seen.is_confirmed, changed.is_confirmed) == (True, False)


def test_the_patient_confirms_no_section(own, patient, now):
    with pytest.raises(NotAllowed):
        review.confirm_section(
            by=own, patient_id=patient.pk, section=CONDITIONS, seen={uuid.uuid4(): 1}, now=now
        )

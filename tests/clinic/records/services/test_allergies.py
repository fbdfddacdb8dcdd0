"""An allergy and the statement that there is none are never on file together."""

from __future__ import annotations

import datetime as dt

import pytest

from clinic.records.choices import ClinicalStatus, Verification
from clinic.records.models import AllergyIntolerance
from clinic.records.permissions import NotAllowed
from clinic.records.rules.history import NotPossible
from clinic.records.services.allergies import (
    AllergiesOnFile,
    AlreadyListed,
    is_same,
    state_no_known_allergies,
)
from clinic.records.services.history import add_entry, change_entry
from clinic.records.services.history_entries import AllergyEntry, no_known_allergies
from clinic.terminology.coded import Coded
from tests.factories.records import AllergyFactory, ProposalFactory

pytestmark = pytest.mark.django_db
LATEX = AllergyEntry(coded=Coded("Latex"), criticality="high")


def test_a_doctor_states_that_none_is_known(doctor, patient, now, trail):
    row = state_no_known_allergies(by=doctor, patient_id=patient.pk, now=now)

    row.refresh_from_db()
    assert isinstance(row, AllergyIntolerance)
    assert row.states_none
    assert (row.confirmed_at, row.confirmed_by_id) == (now, doctor.user_id)
    assert trail() == ["allergy.added"]


def test_asking_again_renews_who_and_when(doctor, patient, now, trail):
    row = AllergyFactory(patient=patient, none=True)
    later = now + dt.timedelta(days=1)

    state_no_known_allergies(by=doctor, patient_id=patient.pk, now=later)

    row.refresh_from_db()
    assert (row.confirmed_at, row.confirmed_by_id) == (later, doctor.user_id)
    assert AllergyIntolerance.objects.count() == 1
    assert trail() == ["allergy.none_stated"]


def test_the_patient_states_nothing_directly(own, patient, now):
    with pytest.raises(NotAllowed):
        state_no_known_allergies(by=own, patient_id=patient.pk, now=now)


def test_the_statement_is_refused_while_an_allergy_is_on_file(doctor, patient, now):
    AllergyFactory(patient=patient)

    with pytest.raises(AllergiesOnFile):
        state_no_known_allergies(by=doctor, patient_id=patient.pk, now=now)


def test_the_statement_is_refused_while_the_patient_says_one(doctor, patient, now):
    ProposalFactory(patient=patient)

    with pytest.raises(AllergiesOnFile):
        state_no_known_allergies(by=doctor, patient_id=patient.pk, now=now)


@pytest.mark.parametrize(
    "over",
    [
        {"verification": Verification.REFUTED},
        {"verification": Verification.ENTERED_IN_ERROR},
        {"clinical_status": ClinicalStatus.RESOLVED},
    ],
)
def test_what_is_over_does_not_stand_in_the_way(doctor, patient, now, over):
    AllergyFactory(patient=patient, **over)

    row = state_no_known_allergies(by=doctor, patient_id=patient.pk, now=now)

    assert row.pk is not None


def test_an_allergy_ends_the_statement(doctor, patient, now, trail):
    statement = AllergyFactory(patient=patient, none=True)

    add_entry(by=doctor, patient_id=patient.pk, entry=LATEX, now=now)

    statement.refresh_from_db()
    assert statement.clinical_status == ClinicalStatus.INACTIVE
    assert trail() == ["allergy.none_ended", "allergy.added"]


def test_a_doctor_edits_an_allergy(doctor, patient, now):
    row = AllergyFactory(patient=patient)

    change_entry(by=doctor, patient_id=patient.pk, entry_id=row.pk, entry=LATEX, version=1, now=now)

    row.refresh_from_db()
    assert (row.label, row.criticality) == ("Latex", "high")


def test_an_allergy_never_becomes_the_statement(doctor, patient, now):
    row = AllergyFactory(patient=patient)

    with pytest.raises(NotPossible):
        change_entry(
            by=doctor,
            patient_id=patient.pk,
            entry_id=row.pk,
            entry=no_known_allergies(),
            version=1,
            now=now,
        )


def test_the_statement_never_becomes_an_allergy(doctor, patient, now):
    row = AllergyFactory(patient=patient, none=True)

    with pytest.raises(NotPossible):
        change_entry(
            by=doctor, patient_id=patient.pk, entry_id=row.pk, entry=LATEX, version=1, now=now
        )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Coded("Latex"), Coded(" latex "), True),
        (Coded("Latex"), Coded("Nuts"), False),
        (Coded("Penicillin", "x", "1"), Coded("Penicillins", "x", "1"), True),
        (Coded("Penicillin", "x", "1"), Coded("Penicillin", "x", "2"), False),
        (Coded("Penicillin", "x", "1"), Coded("penicillin", "y", "2"), True),
    ],
)
def test_one_substance_is_known_by_its_code_or_its_name(one, other, same):
    assert is_same(one, other) is same


def test_an_allergy_is_listed_once(doctor, patient, now):
    AllergyFactory(patient=patient, text="LATEX")

    with pytest.raises(AlreadyListed):
        add_entry(by=doctor, patient_id=patient.pk, entry=LATEX, now=now)

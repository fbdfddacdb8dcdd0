"""Adding to the history and changing what it says."""

from __future__ import annotations

import datetime as dt

import pytest

from clinic.audit.models import AuditEvent
from clinic.records import tokens
from clinic.records.choices import (
    ClinicalStatus,
    DatePrecision,
    LifestyleTopic,
    ObservationCategory,
    Source,
    TobaccoStatus,
    Verification,
)
from clinic.records.dates import PartialDate
from clinic.records.models import AllergyIntolerance, Condition, Observation
from clinic.records.permissions import NotAllowed
from clinic.records.rules.history import NotPossible
from clinic.records.services.history import add_entry, change_entry
from clinic.records.services.history_entries import (
    SNOMED,
    AllergyEntry,
    ConditionEntry,
    FamilyEntry,
    ImmunizationEntry,
    LifestyleEntry,
    ProcedureEntry,
)
from clinic.records.services.writing import ChangedMeanwhile
from clinic.terminology.coded import Coded
from tests.factories.people import viewer
from tests.factories.records import (
    AllergyFactory,
    ConditionFactory,
    LifestyleFactory,
    ProcedureFactory,
)

pytestmark = pytest.mark.django_db
MIGRAINE = ConditionEntry(
    coded=Coded("Migraine", "http://hl7.org/fhir/sid/icd-10-cm", "G43.909"),
    onset=PartialDate(dt.date(2019, 3, 1), DatePrecision.MONTH),
)
ENTRIES = [
    MIGRAINE,
    ProcedureEntry(coded=Coded("Appendectomy"), performed=PartialDate(dt.date(2011, 5, 3))),
    ImmunizationEntry(coded=Coded("Tetanus"), dose_number="2", lot_number="A1"),
    FamilyEntry(coded=Coded("Diabetes"), relationship="FTH", onset_age="50", deceased=True),
    LifestyleEntry.about(topic=LifestyleTopic.DIET, answer=Coded("Vegetarian")),
]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.section.value)
def test_what_the_patient_adds_waits_for_a_doctor(entry, own, patient, now):
    row = add_entry(by=own, patient_id=patient.pk, entry=entry, now=now)

    row.refresh_from_db()
    assert row.verification == Verification.UNCONFIRMED
    assert (row.source, row.recorded_by_id, row.confirmed_at) == (
        Source.PATIENT,
        own.user_id,
        None,
    )
    assert {name: getattr(row, name) for name in entry.columns()} == entry.columns()


def test_what_a_doctor_adds_is_confirmed_at_once(doctor, patient, now):
    row = add_entry(by=doctor, patient_id=patient.pk, entry=MIGRAINE, now=now)

    row.refresh_from_db()
    assert row.verification == Verification.CONFIRMED
    assert (row.source, row.confirmed_at, row.confirmed_by_id) == (
        Source.PRACTITIONER,
        now,
        doctor.user_id,
    )


def test_adding_leaves_names_of_fields_in_the_trail_and_nothing_typed(own, patient, now):
    row = add_entry(by=own, patient_id=patient.pk, entry=MIGRAINE, now=now)

    event = AuditEvent.objects.get(action="condition.added")
    assert (event.object_id, event.patient) == (row.pk, patient.pk)
    assert "onset_date" in event.detail
    assert "igraine" not in event.detail


def test_lifestyle_is_found_by_its_topic(own, patient, now):
    smokes = Coded(str(TobaccoStatus.FORMER.label), SNOMED, TobaccoStatus.FORMER.value)
    entry = LifestyleEntry.about(topic=LifestyleTopic.TOBACCO, answer=smokes)

    row = add_entry(by=own, patient_id=patient.pk, entry=entry, now=now)

    assert isinstance(row, Observation)
    assert row.category == ObservationCategory.SOCIAL_HISTORY
    assert row.effective_at == now
    assert row.code_token == tokens.observation_token(patient_id=patient.pk, code="72166-2")
    assert row.value == {"coded": smokes.as_json()}


def test_the_patient_adds_no_allergy_directly(own, patient, now):
    entry = AllergyEntry(coded=Coded("Latex"))

    with pytest.raises(NotAllowed):
        add_entry(by=own, patient_id=patient.pk, entry=entry, now=now)

    assert not AllergyIntolerance.objects.exists()


@pytest.mark.parametrize(
    "stranger", ["outsider", "receptionist", "administrator", "other_practitioner"]
)
def test_a_stranger_adds_nothing(request, stranger, patient, now):
    person = viewer(request.getfixturevalue(stranger))

    with pytest.raises(NotAllowed):
        add_entry(by=person, patient_id=patient.pk, entry=MIGRAINE, now=now)

    assert not Condition.objects.exists()


def test_an_edit_by_the_patient_waits_again_and_keeps_who_confirmed(own, patient, now):
    row = ConditionFactory(patient=patient, confirmed_by=patient.user)
    before = row.confirmed_at

    change_entry(by=own, patient_id=patient.pk, entry_id=row.pk, entry=MIGRAINE, version=1, now=now)

    row.refresh_from_db()
    assert (row.label, row.version, row.changed_at) == ("Migraine", 2, now)
    assert row.verification == Verification.UNCONFIRMED
    assert (row.confirmed_at, row.confirmed_by_id) == (before, patient.user_id)


def test_saving_without_a_change_keeps_an_entry_confirmed(own, patient, now):
    row = ConditionFactory(patient=patient)
    same = ConditionEntry(coded=row.coded)

    change_entry(by=own, patient_id=patient.pk, entry_id=row.pk, entry=same, version=1, now=now)

    row.refresh_from_db()
    assert row.verification == Verification.CONFIRMED


def test_an_edit_by_a_doctor_confirms(doctor, patient, now):
    row = ConditionFactory(patient=patient, said=True)
    past = ConditionEntry(coded=row.coded, clinical_status=ClinicalStatus.RESOLVED)

    change_entry(by=doctor, patient_id=patient.pk, entry_id=row.pk, entry=past, version=1, now=now)

    row.refresh_from_db()
    assert row.clinical_status == ClinicalStatus.RESOLVED
    assert (row.verification, row.confirmed_by_id) == (Verification.CONFIRMED, doctor.user_id)
    assert row.source == Source.PATIENT
    assert '"fields":["clinical_status"]' in AuditEvent.objects.get().detail


def test_an_edit_of_an_older_version_is_refused(own, patient, now):
    row = ConditionFactory(patient=patient, version=3)

    with pytest.raises(ChangedMeanwhile):
        change_entry(
            by=own, patient_id=patient.pk, entry_id=row.pk, entry=MIGRAINE, version=2, now=now
        )

    row.refresh_from_db()
    assert row.label == "High blood pressure"


def test_an_edit_of_another_patients_entry_is_refused(own, patient, other_patient, now):
    row = ConditionFactory(patient=other_patient)

    with pytest.raises(NotAllowed):
        change_entry(
            by=own, patient_id=patient.pk, entry_id=row.pk, entry=MIGRAINE, version=1, now=now
        )


def test_an_entry_that_was_taken_out_is_not_edited(doctor, patient, now):
    row = ConditionFactory(patient=patient, verification=Verification.ENTERED_IN_ERROR)

    with pytest.raises(NotPossible):
        change_entry(
            by=doctor, patient_id=patient.pk, entry_id=row.pk, entry=MIGRAINE, version=1, now=now
        )


def test_the_patient_edits_no_allergy_directly(own, patient, now):
    row = AllergyFactory(patient=patient)
    entry = AllergyEntry(coded=Coded("Peanut"))

    with pytest.raises(NotPossible):
        change_entry(
            by=own, patient_id=patient.pk, entry_id=row.pk, entry=entry, version=1, now=now
        )


def test_an_edit_of_lifestyle_keeps_its_question(own, patient, now):
    row = LifestyleFactory(patient=patient)
    other = LifestyleEntry.about(topic=LifestyleTopic.DIET, answer=Coded("Baker"))

    change_entry(by=own, patient_id=patient.pk, entry_id=row.pk, entry=other, version=1, now=now)

    row.refresh_from_db()
    assert (row.label, row.value) == ("Work", {"text": "Baker"})


def test_a_measurement_is_no_lifestyle(own, patient, now):
    row = LifestyleFactory(patient=patient, category=ObservationCategory.VITAL_SIGNS)
    entry = LifestyleEntry(coded=row.coded, answer=Coded("Baker"))

    with pytest.raises(NotAllowed):
        change_entry(
            by=own, patient_id=patient.pk, entry_id=row.pk, entry=entry, version=1, now=now
        )


def test_entries_of_different_sections_do_not_mix(own, patient, now):
    row = ProcedureFactory(patient=patient)

    with pytest.raises(NotAllowed):
        change_entry(
            by=own, patient_id=patient.pk, entry_id=row.pk, entry=MIGRAINE, version=1, now=now
        )

"""What a doctor does with medicines on file, and what the patient alone decides."""

from __future__ import annotations

import datetime as dt

import pytest

from clinic.records.choices import MedicationStatus, Source, Verification
from clinic.records.dosage import Dosage, Supply
from clinic.records.dosage_choices import Frequency
from clinic.records.models import MedicationStatement
from clinic.records.permissions import NotAllowed
from clinic.records.rules.medications import NotPossible
from clinic.records.services import medications as services
from clinic.records.services.medications import MedicationEntry
from clinic.records.services.writing import ChangedMeanwhile
from clinic.terminology.coded import Coded
from tests.factories.people import viewer
from tests.factories.records import MedicationFactory

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 3, 2)
TWICE = Dosage("1", "tablet", frequency=Frequency.TWICE)


@pytest.fixture
def entry():
    return MedicationEntry(Coded("Bisoprolol 2.5 mg"), TWICE, starts_on=dt.date(2026, 2, 1))


@pytest.fixture
def act(doctor, patient, now):
    """Return a function that lets the doctor do something with a medicine of the patient."""

    def acted(service, row, *, by=doctor, **more):
        return service(by=by, patient_id=patient.pk, statement_id=row.pk, now=now, **more)

    return acted


def test_what_a_doctor_adds_is_confirmed_and_audited(doctor, patient, entry, now, trail):
    row = services.add_medication(by=doctor, patient_id=patient.pk, entry=entry, now=now)

    row.refresh_from_db()
    assert (row.label, row.verification, row.source) == (
        "Bisoprolol 2.5 mg",
        Verification.CONFIRMED,
        Source.PRACTITIONER,
    )
    assert Dosage.from_json(row.dosage).says_the_same(TWICE)
    assert trail()[-1] == "medication.added"


def test_doses_count_from_the_day_they_were_written_down(doctor, patient, entry, now):
    row = services.add_medication(by=doctor, patient_id=patient.pk, entry=entry, now=now)

    assert Dosage.from_json(row.dosage).since == TODAY


def test_a_medicine_every_third_day_counts_from_its_first_day(doctor, patient, now):
    patch = Dosage("1", "patch", frequency=Frequency.EVERY_HOURS, hours=72)
    entry = MedicationEntry(Coded("Fentanyl patch"), patch, starts_on=dt.date(2026, 3, 1))

    row = services.add_medication(by=doctor, patient_id=patient.pk, entry=entry, now=now)

    assert Dosage.from_json(row.dosage).since == dt.date(2026, 3, 1)


def test_a_new_dosage_counts_from_today_and_the_same_one_as_before(act, patient, entry, now):
    row = MedicationFactory(patient=patient, dosage=TWICE.as_json() | {"since": "2026-01-05"})

    same = act(services.change_medication, row, entry=entry, expected_version=1)
    other = MedicationEntry(entry.coded, Dosage("2", "tablet", frequency=Frequency.TWICE))
    since = Dosage.from_json(same.dosage).since
    changed = act(services.change_medication, row, entry=other, expected_version=2)

    assert since == dt.date(2026, 1, 5)
    assert Dosage.from_json(changed.dosage).since == TODAY


def test_a_form_rendered_before_another_change_is_refused(act, patient, entry):
    row = MedicationFactory(patient=patient, version=3)

    with pytest.raises(ChangedMeanwhile):
        act(services.change_medication, row, entry=entry, expected_version=2)


def test_stopping_keeps_why_and_when_and_reminds_no_more(act, patient):
    row = MedicationFactory(patient=patient, dose_reminders=True)

    act(services.stop_medication, row, reason="Cough")

    row.refresh_from_db()
    assert (row.status, row.status_reason, row.ends_on) == (
        MedicationStatus.STOPPED,
        "Cough",
        TODAY,
    )
    assert not row.dose_reminders


def test_a_paused_medicine_is_taken_up_again_from_today(act, patient):
    row = MedicationFactory(patient=patient)

    act(services.pause_medication, row, reason="Before the operation")
    act(services.restart_medication, row)

    row.refresh_from_db()
    assert (row.status, row.status_reason) == (MedicationStatus.ACTIVE, "")
    assert Dosage.from_json(row.dosage).since == TODAY


@pytest.mark.parametrize(
    ("status", "service", "more"),
    [
        (MedicationStatus.STOPPED, services.stop_medication, {"reason": ""}),
        (MedicationStatus.ON_HOLD, services.pause_medication, {"reason": ""}),
        (MedicationStatus.ACTIVE, services.restart_medication, {}),
    ],
)
def test_an_act_that_does_not_fit_the_status_is_refused(act, patient, status, service, more):
    row = MedicationFactory(patient=patient, status=status)

    with pytest.raises(NotPossible):
        act(service, row, **more)


def test_a_doctor_confirms_what_was_imported(act, patient, doctor):
    row = MedicationFactory(patient=patient, said=True)

    act(services.confirm_medication, row)

    row.refresh_from_db()
    assert (row.verification, row.confirmed_by_id) == (Verification.CONFIRMED, doctor.user_id)


def test_what_was_written_by_mistake_stays_hidden_and_cannot_be_changed(act, patient):
    row = MedicationFactory(patient=patient)

    act(services.mark_mistaken, row)

    row.refresh_from_db()
    assert row.verification == Verification.ENTERED_IN_ERROR
    with pytest.raises(NotAllowed):
        act(services.restart_medication, row)


def test_patients_propose_and_do_not_write(own, patient, entry, now):
    with pytest.raises(NotAllowed):
        services.add_medication(by=own, patient_id=patient.pk, entry=entry, now=now)

    assert not MedicationStatement.objects.exists()


def test_a_medicine_of_somebody_else_does_not_exist(act, other_patient):
    row = MedicationFactory(patient=other_patient)

    with pytest.raises(NotAllowed):
        act(services.stop_medication, row, reason="")


def test_patient_notes_a_new_pack(act, own, patient):
    row = MedicationFactory(patient=patient, supply={"refills": 2})

    act(services.note_filled, row, by=own, quantity="60", filled_on=TODAY)

    row.refresh_from_db()
    assert Supply.from_json(row.supply) == Supply("60", TODAY, refills=2)


def test_reminders_are_the_patients_own_switch(act, own, doctor, patient):
    row = MedicationFactory(patient=patient)

    act(services.set_dose_reminders, row, by=own, on=True)

    row.refresh_from_db()
    assert row.dose_reminders
    with pytest.raises(NotAllowed):
        act(services.set_dose_reminders, row, by=doctor, on=False)


def test_nothing_can_remind_of_what_has_no_time(act, own, patient):
    row = MedicationFactory(patient=patient, dosage={"frequency": "as-needed"})

    with pytest.raises(NotPossible):
        act(services.set_dose_reminders, row, by=own, on=True)


def test_a_dosage_without_times_switches_reminders_off(act, patient):
    row = MedicationFactory(patient=patient, dose_reminders=True)
    entry = MedicationEntry(row.coded, Dosage("1", frequency=Frequency.AS_NEEDED))

    act(services.change_medication, row, entry=entry, expected_version=None)

    row.refresh_from_db()
    assert not row.dose_reminders


def test_a_stranger_changes_nothing(act, outsider, patient):
    row = MedicationFactory(patient=patient)

    with pytest.raises(NotAllowed):
        act(services.note_filled, row, by=viewer(outsider), quantity="1", filled_on=TODAY)

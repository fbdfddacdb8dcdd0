"""A patient's words about medicines, accepted by the doctor."""

from __future__ import annotations

import datetime as dt

import pytest

from clinic.records.choices import (
    MedicationStatus,
    ProposalAction,
    ProposalKind,
    Source,
    Verification,
)
from clinic.records.dosage import Dosage
from clinic.records.dosage_choices import Frequency
from clinic.records.models import MedicationStatement
from clinic.records.services import proposals
from clinic.records.services.medication_proposals import as_said, snapshot
from clinic.records.services.medications import MedicationEntry
from clinic.records.services.proposals import ChangeRefused, NothingProposed, Proposed
from clinic.terminology.coded import Coded
from tests.factories.records import MedicationFactory

pytestmark = pytest.mark.django_db

IBUPROFEN = MedicationEntry(
    Coded("Ibuprofen 400 mg"),
    Dosage("1", "tablet", frequency=Frequency.AS_NEEDED, max_per_day=3),
    reason="Back pain",
    starts_on=dt.date(2026, 2, 1),
)


@pytest.fixture
def said(own, patient, now):
    """Return a function by which the patient proposes something."""

    def proposed(action, said, row=None, **more):
        about = {"target_id": row.pk, "target_version": row.version} if row else {}
        words = Proposed(ProposalKind.MEDICATION, action, said, **about, **more)
        return proposals.propose(by=own, patient_id=patient.pk, proposed=words, now=now)

    return proposed


@pytest.fixture
def accept(doctor, patient, now):
    def accepted(proposal, seen_version=None):
        return proposals.accept(
            by=doctor,
            patient_id=patient.pk,
            proposal_id=proposal.pk,
            seen_version=seen_version,
            now=now,
        )

    return accepted


def test_a_new_medicine_is_confirmed_by_the_doctor_and_said_by_the_patient(said, accept, own):
    accept(said(ProposalAction.ADD, as_said(IBUPROFEN)))

    row = MedicationStatement.objects.get()
    assert (row.label, row.starts_on, row.reason) == (
        "Ibuprofen 400 mg",
        dt.date(2026, 2, 1),
        "Back pain",
    )
    assert (row.verification, row.source) == (Verification.CONFIRMED, Source.PATIENT)
    assert row.recorded_by_id == own.user_id


def test_only_what_the_patient_changed_is_written(said, accept, patient):
    row = MedicationFactory(patient=patient, reason="Blood pressure")
    words = snapshot(row) | {"dosage": Dosage("2", frequency=Frequency.ONCE).as_json()}
    proposal = said(ProposalAction.CHANGE, words, row)
    MedicationStatement.objects.filter(pk=row.pk).update(ends_on=None)

    accept(proposal, seen_version=1)

    row.refresh_from_db()
    assert Dosage.from_json(row.dosage).amount == "2"
    assert row.reason == "Blood pressure"


def test_saying_what_is_on_file_is_no_proposal(said, patient):
    row = MedicationFactory(patient=patient)

    with pytest.raises(NothingProposed):
        said(ProposalAction.CHANGE, snapshot(row), row)


def test_a_pause_that_the_patient_says_pauses(said, accept, patient):
    row = MedicationFactory(patient=patient)
    words = {"status": MedicationStatus.ON_HOLD, "status_reason": "Felt dizzy"}

    accept(said(ProposalAction.CHANGE, words, row), seen_version=1)

    row.refresh_from_db()
    assert (row.status, row.status_reason) == (MedicationStatus.ON_HOLD, "Felt dizzy")


def test_a_stop_that_the_patient_says_stops_on_the_day_said(said, accept, patient):
    row = MedicationFactory(patient=patient)

    accept(said(ProposalAction.STOP, {"ends_on": "2026-02-20"}, row, note="Rash"), seen_version=1)

    row.refresh_from_db()
    assert (row.status, row.status_reason, row.ends_on) == (
        MedicationStatus.STOPPED,
        "Rash",
        dt.date(2026, 2, 20),
    )


def test_no_other_status_can_be_slipped_in(said, accept, patient):
    row = MedicationFactory(patient=patient)
    proposal = said(ProposalAction.CHANGE, {"status": "entered-in-error"}, row)

    with pytest.raises(ChangeRefused):
        accept(proposal, seen_version=1)


def test_nothing_but_what_a_patient_can_say_is_written(said, accept, patient):
    slipped_in = {"verification": "refuted", "dose_reminders": True, "supply": {"refills": 9}}

    accept(said(ProposalAction.ADD, as_said(IBUPROFEN) | slipped_in))

    row = MedicationStatement.objects.get()
    assert (row.verification, row.dose_reminders, row.supply) == (Verification.CONFIRMED, False, {})

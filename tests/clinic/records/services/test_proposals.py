"""What a patient proposes about allergies, and what a doctor does with it."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from clinic.records.choices import (
    ClinicalStatus,
    DatePrecision,
    ProposalAction,
    ProposalKind,
    ProposalStatus,
    Source,
    Verification,
)
from clinic.records.dates import PartialDate
from clinic.records.models import AllergyIntolerance, ChangeProposal
from clinic.records.permissions import NotAllowed
from clinic.records.services import proposals
from clinic.records.services.allergies import AllergiesOnFile, AlreadyListed
from clinic.records.services.allergy_proposals import as_said, snapshot
from clinic.records.services.history_entries import AllergyEntry, no_known_allergies
from clinic.records.services.proposals import Proposed
from clinic.records.services.writing import ChangedMeanwhile
from clinic.terminology.coded import Coded
from tests.factories.people import viewer
from tests.factories.records import AllergyFactory, ProposalFactory

pytestmark = pytest.mark.django_db
LATEX = AllergyEntry(
    coded=Coded("Latex"),
    reaction="rash",
    onset=PartialDate(dt.date(2021, 5, 1), DatePrecision.MONTH),
)
NEW = Proposed(ProposalKind.ALLERGY, ProposalAction.ADD, as_said(LATEX))
NONE = Proposed(ProposalKind.ALLERGY, ProposalAction.ADD, as_said(no_known_allergies()))


def change_of(row, **said):
    before = {name: value for name, value in snapshot(row).items() if name != "criticality"}
    return Proposed(ProposalKind.ALLERGY, ProposalAction.CHANGE, before | said, row.pk, row.version)


def stop_of(row):
    return Proposed(
        ProposalKind.ALLERGY,
        ProposalAction.STOP,
        target_id=row.pk,
        target_version=row.version,
        note="I eat nuts again.",
    )


@pytest.fixture
def propose(own, patient, now):
    return lambda proposed: proposals.propose(
        by=own, patient_id=patient.pk, proposed=proposed, now=now
    )


@pytest.fixture
def accept(doctor, patient, now):
    def accept(proposal, seen=None, note=""):
        return proposals.accept(
            by=doctor,
            patient_id=patient.pk,
            proposal_id=proposal.pk,
            seen_version=seen,
            note=note,
            now=now,
        )

    return accept


def test_a_proposal_changes_nothing_on_file(propose, own, patient, now, trail):
    row = AllergyFactory(patient=patient, reaction="rash")

    proposal = propose(change_of(row, reaction="swelling"))

    row.refresh_from_db()
    proposal.refresh_from_db()
    assert row.reaction == "rash"
    assert (proposal.status, proposal.created_at) == (ProposalStatus.PROPOSED, now)
    assert (proposal.created_by_id, proposal.target_version) == (own.user_id, 1)
    assert (proposal.on_file["reaction"], proposal.said["reaction"]) == ("rash", "swelling")
    assert trail() == ["proposal.made"]


def test_a_doctor_proposes_nothing(doctor, patient, now):
    with pytest.raises(NotAllowed):
        proposals.propose(by=doctor, patient_id=patient.pk, proposed=NEW, now=now)


def test_saying_what_is_on_file_is_no_proposal(propose, patient):
    row = AllergyFactory(patient=patient, criticality="high")

    with pytest.raises(proposals.NothingProposed):
        propose(change_of(row))


def test_a_change_of_an_older_version_is_refused(propose, patient):
    row = AllergyFactory(patient=patient)
    proposed = change_of(row, reaction="rash")
    AllergyIntolerance.objects.filter(pk=row.pk).update(version=2)

    with pytest.raises(ChangedMeanwhile):
        propose(proposed)


def test_a_change_of_what_was_taken_out_is_refused(propose, patient):
    row = AllergyFactory(patient=patient, verification=Verification.ENTERED_IN_ERROR)

    with pytest.raises(proposals.TargetGone):
        propose(change_of(row, reaction="rash"))


def test_a_change_of_another_patients_entry_is_refused(propose, other_patient):
    row = AllergyFactory(patient=other_patient)

    with pytest.raises(NotAllowed):
        propose(change_of(row, reaction="rash"))


def test_newer_words_about_an_entry_replace_the_older(propose, patient, trail):
    row = AllergyFactory(patient=patient)
    first = propose(change_of(row, reaction="rash"))

    propose(change_of(row, reaction="swelling"))

    first.refresh_from_db()
    assert first.status == ProposalStatus.WITHDRAWN
    assert trail() == ["proposal.made", "proposal.withdrawn", "proposal.made"]


def test_no_known_allergies_is_not_proposed_beside_one(propose, patient):
    AllergyFactory(patient=patient)

    with pytest.raises(AllergiesOnFile):
        propose(NONE)


def test_no_known_allergies_is_proposed_once(propose):
    first = propose(NONE)

    propose(NONE)

    first.refresh_from_db()
    assert first.status == ProposalStatus.WITHDRAWN


def test_a_said_allergy_takes_back_the_said_statement(propose):
    statement = propose(NONE)
    other = ProposalFactory(patient=statement.patient, text="Dust")

    propose(NEW)

    statement.refresh_from_db()
    other.refresh_from_db()
    assert statement.status == ProposalStatus.WITHDRAWN
    assert other.status == ProposalStatus.PROPOSED


def test_what_is_on_file_is_not_proposed_as_new(propose, patient):
    AllergyFactory(patient=patient, text="latex")

    with pytest.raises(AlreadyListed):
        propose(NEW)


def test_one_allergy_is_said_once(propose):
    propose(NEW)

    with pytest.raises(AlreadyListed):
        propose(NEW)


def test_accepting_what_a_doctor_wrote_meanwhile_is_refused(propose, accept, patient):
    proposal = propose(NEW)
    AllergyFactory(patient=patient, text="Latex")

    with pytest.raises(proposals.ChangeRefused):
        accept(proposal)


def test_an_accepted_new_allergy_is_confirmed_and_the_patients(propose, accept, own, doctor, now):
    proposal = accept(propose(NEW), note="Good to know.")

    row = AllergyIntolerance.objects.get()
    assert (row.label, row.reaction, row.criticality) == ("Latex", "rash", "")
    assert (row.onset_date, row.onset_precision) == (dt.date(2021, 5, 1), DatePrecision.MONTH)
    assert (row.source, row.recorded_by_id) == (Source.PATIENT, own.user_id)
    assert row.is_confirmed
    assert row.confirmed_by_id == doctor.user_id
    assert (proposal.status, proposal.decided_by_id, proposal.decision_note) == (
        ProposalStatus.ACCEPTED,
        doctor.user_id,
        "Good to know.",
    )


def test_an_accepted_allergy_of_a_carer_names_the_carer(accept, patient, other_patient, doctor):
    accept(ProposalFactory(patient=patient, created_by=other_patient.user))

    assert AllergyIntolerance.objects.get().source == Source.PROXY


def test_accepting_an_allergy_ends_the_statement(propose, accept, patient, trail):
    statement = AllergyFactory(patient=patient, none=True)

    accept(propose(NEW))

    statement.refresh_from_db()
    assert statement.clinical_status == ClinicalStatus.INACTIVE
    assert trail() == [
        "proposal.made",
        "allergy.none_ended",
        "allergy.added",
        "proposal.accepted",
    ]


def test_accepting_the_statement_is_refused_once_there_is_an_allergy(propose, accept, patient):
    proposal = propose(NONE)
    AllergyFactory(patient=patient)

    with pytest.raises(proposals.ChangeRefused):
        accept(proposal)

    proposal.refresh_from_db()
    assert proposal.status == ProposalStatus.PROPOSED


def test_an_accepted_change_keeps_what_only_the_doctor_knows(propose, accept, patient):
    row = AllergyFactory(patient=patient, criticality="high", reaction="rash")
    proposal = propose(change_of(row, reaction="swelling", onset_date="2014-01-01"))

    accept(proposal, seen=1)

    row.refresh_from_db()
    assert (row.reaction, row.criticality) == ("swelling", "high")
    assert row.onset_date == dt.date(2014, 1, 1)
    assert row.is_confirmed


def test_an_accepted_stop_ends_the_allergy(propose, accept, patient, trail):
    row = AllergyFactory(patient=patient)

    accept(propose(stop_of(row)), seen=1)

    row.refresh_from_db()
    assert row.clinical_status == ClinicalStatus.RESOLVED
    assert trail()[-2:] == ["allergy.resolved", "proposal.accepted"]


def test_a_stale_proposal_needs_another_look(propose, accept, patient):
    row = AllergyFactory(patient=patient, reaction="rash")
    proposal = propose(change_of(row, reaction="swelling"))
    row.note, row.version = "Tested in May.", 2
    row.save(update_fields=["note", "version"])

    with pytest.raises(ChangedMeanwhile):
        accept(proposal, seen=1)
    accept(proposal, seen=2)

    row.refresh_from_db()
    assert (row.reaction, row.note, row.version) == ("swelling", "Tested in May.", 3)


def test_accepting_without_having_seen_the_entry_is_refused(propose, accept, patient):
    row = AllergyFactory(patient=patient)

    with pytest.raises(ChangedMeanwhile):
        accept(propose(stop_of(row)))


def test_what_is_gone_is_not_changed(propose, accept, patient):
    row = AllergyFactory(patient=patient)
    proposal = propose(stop_of(row))
    AllergyIntolerance.objects.update(verification=Verification.REFUTED)

    with pytest.raises(proposals.TargetGone):
        accept(proposal, seen=1)


def test_the_statement_is_not_changed_by_a_proposal(propose, accept, patient):
    row = AllergyFactory(patient=patient, none=True)

    with pytest.raises(proposals.ChangeRefused):
        accept(propose(change_of(row, reaction="rash")), seen=1)


def test_a_declined_proposal_leaves_the_record_as_it_is(propose, doctor, patient, now, trail):
    proposal = propose(NEW)

    proposals.decline(
        by=doctor, patient_id=patient.pk, proposal_id=proposal.pk, note="Tested: no.", now=now
    )

    proposal.refresh_from_db()
    assert (proposal.status, proposal.decision_note) == (ProposalStatus.DECLINED, "Tested: no.")
    assert not AllergyIntolerance.objects.exists()
    assert trail() == ["proposal.made", "proposal.declined"]


def test_the_patient_takes_a_proposal_back(propose, own, patient, now):
    proposal = propose(NEW)

    proposals.withdraw(by=own, patient_id=patient.pk, proposal_id=proposal.pk, now=now)

    proposal.refresh_from_db()
    assert (proposal.status, proposal.decided_at) == (ProposalStatus.WITHDRAWN, now)


def test_a_doctor_takes_nothing_back(propose, doctor, patient, now):
    proposal = propose(NEW)

    with pytest.raises(NotAllowed):
        proposals.withdraw(by=doctor, patient_id=patient.pk, proposal_id=proposal.pk, now=now)


def test_what_is_decided_stays_decided(propose, accept, doctor, patient, now):
    proposal = accept(propose(NEW))

    with pytest.raises(proposals.AlreadyDecided):
        proposals.decline(by=doctor, patient_id=patient.pk, proposal_id=proposal.pk, now=now)


@pytest.mark.parametrize("stranger", ["patient", "outsider", "other_practitioner", "receptionist"])
@pytest.mark.parametrize("decide", [proposals.accept, proposals.decline])
def test_only_a_doctor_with_a_visit_decides(request, stranger, decide, propose, patient, now):
    proposal = propose(NEW)
    by = viewer(request.getfixturevalue(stranger))
    seen = {"seen_version": None} if decide is proposals.accept else {}

    with pytest.raises(NotAllowed):
        decide(by=by, patient_id=patient.pk, proposal_id=proposal.pk, now=now, **seen)


def test_a_proposal_of_another_patient_is_not_there(accept, other_patient):
    proposal = ProposalFactory(patient=other_patient)

    with pytest.raises(NotAllowed):
        accept(proposal)


def test_accept_all_leaves_what_needs_a_look(propose, doctor, patient, now):
    new = propose(NEW)
    row = AllergyFactory(patient=patient)
    stale = propose(stop_of(row))
    AllergyIntolerance.objects.filter(pk=row.pk).update(version=2)
    gone = propose(stop_of(AllergyFactory(patient=patient)))
    AllergyIntolerance.objects.filter(pk=gone.target_id).update(verification=Verification.REFUTED)
    decided = ProposalFactory(patient=patient, status=ProposalStatus.DECLINED)
    refused = ProposalFactory(patient=patient, said=as_said(no_known_allergies()))

    outcome = proposals.accept_all(
        by=doctor,
        patient_id=patient.pk,
        proposal_ids=[new.pk, stale.pk, gone.pk, decided.pk, refused.pk],
        now=now,
    )

    assert (outcome.accepted, outcome.left) == (1, 4)
    accepted = ChangeProposal.objects.filter(status=ProposalStatus.ACCEPTED)
    assert list(accepted) == [new]


def test_the_patient_accepts_nothing(own, patient, now):
    with pytest.raises(NotAllowed):
        proposals.accept_all(by=own, patient_id=patient.pk, proposal_ids=[uuid.uuid4()], now=now)

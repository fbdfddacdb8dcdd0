"""The page of what patients propose: a diff, decided line by line."""

from __future__ import annotations

import pytest
from django.urls import reverse

from clinic.records.choices import ProposalAction, ProposalKind, ProposalStatus, Verification
from clinic.records.models import AllergyIntolerance, ChangeProposal
from clinic.records.services.allergy_proposals import as_said, snapshot
from clinic.records.services.history_entries import no_known_allergies
from tests.factories.records import AllergyFactory, ProposalFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def frozen(clock):
    """Time stands still: the doctor's visit is tomorrow."""


@pytest.fixture
def to(patient):
    return lambda name, *args: reverse(f"records:{name}", args=[patient.pk, *args])


@pytest.fixture
def doctor_client(doctor, practitioner_client):
    return practitioner_client


@pytest.fixture
def row(patient):
    return AllergyFactory(patient=patient, reaction="rash", criticality="high")


@pytest.fixture
def change(row):
    """Amara says that penicillin makes her swell."""
    on_file = snapshot(row)
    said = {k: v for k, v in on_file.items() if k != "criticality"} | {"reaction": "swelling"}
    return ProposalFactory(
        patient=row.patient,
        action=ProposalAction.CHANGE,
        target_id=row.pk,
        target_version=1,
        on_file=on_file,
        said=said,
    )


@pytest.fixture
def stop(row):
    return ProposalFactory(
        patient=row.patient,
        action=ProposalAction.STOP,
        target_id=row.pk,
        target_version=1,
        on_file=snapshot(row),
        said={},
        note="I had it twice since.",
    )


def test_the_doctor_sees_said_beside_on_file(doctor_client, change, to):
    page = doctor_client.get(to("proposal_list"))

    assert "<del>rash</del>" in page.text
    assert "<ins>swelling</ins>" in page.text
    assert page.text.count("data-changed") == 1
    assert "<td data-said" in page.text
    assert "High risk" in page.text


def test_the_patient_sees_how_it_stands_and_decides_nothing(patient_client, change, to):
    page = patient_client.get(to("proposal_list"))

    assert "Waiting for your doctor" in page.text
    assert to("proposal_withdraw", change.pk) in page.text
    assert to("proposal_accept", change.pk) not in page.text


def test_the_patient_reads_the_doctors_word(patient_client, patient, practitioner, now, to):
    ProposalFactory(
        patient=patient,
        status=ProposalStatus.DECLINED,
        decided_at=now,
        decided_by=practitioner.user,
        decision_note="Your test was negative.",
    )
    ProposalFactory(patient=patient, status=ProposalStatus.WITHDRAWN, decided_at=now, text="Dust")
    ProposalFactory(
        patient=patient,
        status=ProposalStatus.ACCEPTED,
        decided_at=now,
        said=as_said(no_known_allergies()),
    )

    page = patient_client.get(to("proposal_list"))

    assert "Declined by Dr Llorente on 2 Mar 2026." in page.text
    assert "Your test was negative." in page.text
    assert "Taken back on 2 Mar 2026." in page.text
    assert "Accepted by a doctor on 2 Mar 2026." in page.text
    assert "No known allergies" in page.text


def test_nothing_proposed_says_so(patient_client, doctor_client, to):
    assert "Nothing waits for your doctor" in patient_client.get(to("proposal_list")).text
    assert "Nothing to decide" in doctor_client.get(to("proposal_list")).text


def test_accepting_writes_it_into_the_record(doctor_client, change, row, to):
    answer = doctor_client.post(
        to("proposal_accept", change.pk), {"version": "1", "note": "Thank you."}, follow=True
    )

    row.refresh_from_db()
    change.refresh_from_db()
    assert (row.reaction, row.criticality) == ("swelling", "high")
    assert change.decision_note == "Thank you."
    assert "Accepted. The record says it now." in answer.text


def test_accepting_with_script_answers_the_page_and_the_banner(doctor_client, change, to):
    answer = doctor_client.post(to("proposal_accept", change.pk), {"version": "1"}, headers=HTMX)

    assert 'hx-target="#proposals"' in answer.text
    assert 'hx-target="#record-allergies"' in answer.text
    assert "<strong>Penicillin</strong>, swelling" in answer.text
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "piece"])
def test_a_stale_proposal_needs_another_look(doctor_client, change, row, to, headers):
    AllergyIntolerance.objects.filter(pk=row.pk).update(version=2)
    path = to("proposal_accept", change.pk)

    answer = doctor_client.post(path, {"version": "1", "note": "Seen."}, headers=headers)

    assert answer.status_code == 409
    assert "Look at both again" in answer.text
    assert "Changed on file since the patient looked" in answer.text
    assert "Seen.</textarea>" in answer.text
    assert 'name="version" value="2"' in answer.text
    assert doctor_client.post(path, {"version": "2"}).status_code == 302


def test_a_proposal_about_what_is_gone_can_only_be_declined(doctor_client, stop, row, to):
    AllergyIntolerance.objects.update(verification=Verification.REFUTED)

    page = doctor_client.get(to("proposal_list"))

    assert "no longer on file" in page.text
    assert to("proposal_accept", stop.pk) not in page.text
    assert to("proposal_decline", stop.pk) in page.text
    assert doctor_client.post(to("proposal_accept", stop.pk)).status_code == 409


def test_a_stop_shows_what_is_on_file_and_why(doctor_client, stop, to):
    page = doctor_client.get(to("proposal_list"))

    assert "is not there any more, or never was" in page.text
    assert "I had it twice since." in page.text
    assert "<td data-said" not in page.text


def test_what_the_record_cannot_say_is_refused(doctor_client, patient, row, to):
    none = ProposalFactory(patient=patient, said=as_said(no_known_allergies()))

    answer = doctor_client.post(to("proposal_accept", none.pk))

    assert answer.status_code == 409
    assert "cannot say this" in answer.text


def test_declining_with_a_word(doctor_client, change, row, to):
    doctor_client.post(to("proposal_decline", change.pk), {"note": "Tested: no swelling."})

    change.refresh_from_db()
    row.refresh_from_db()
    assert (change.status, change.decision_note) == ("declined", "Tested: no swelling.")
    assert row.reaction == "rash"


@pytest.mark.parametrize("decide", ["proposal_accept", "proposal_decline"])
def test_a_word_too_long_is_refused_beside_the_field(doctor_client, change, to, decide):
    answer = doctor_client.post(to(decide, change.pk), {"note": "a" * 501, "version": "1"})

    change.refresh_from_db()
    assert answer.status_code == 422
    assert "a" * 501 in answer.text
    assert 'class="field__err"' in answer.text
    assert change.status == ProposalStatus.PROPOSED


def test_what_is_decided_is_not_decided_again(doctor_client, change, to):
    doctor_client.post(to("proposal_decline", change.pk))

    answer = doctor_client.post(to("proposal_accept", change.pk), {"version": "1"})

    assert answer.status_code == 409
    assert "Somebody has decided this meanwhile" in answer.text


def test_the_patient_takes_it_back(patient_client, change, to):
    answer = patient_client.post(to("proposal_withdraw", change.pk), follow=True)

    change.refresh_from_db()
    assert change.status == ProposalStatus.WITHDRAWN
    assert "Taken back." in answer.text


def test_accept_all_takes_what_was_shown(doctor_client, patient, change, to):
    other = ProposalFactory(patient=patient)

    page = doctor_client.get(to("proposal_list"))
    answer = doctor_client.post(
        to("proposal_accept_all"), {"proposal": [change.pk, other.pk, "garbled"]}, follow=True
    )

    assert "Accept all 2" in page.text
    assert "2 changes accepted" in answer.text
    assert not ChangeProposal.objects.filter(status=ProposalStatus.PROPOSED).exists()


def test_accept_all_says_what_was_left(doctor_client, change, row, to):
    AllergyIntolerance.objects.filter(pk=row.pk).update(version=2)

    answer = doctor_client.post(to("proposal_accept_all"), {"proposal": [change.pk]}, headers=HTMX)

    assert answer.status_code == 409
    assert "The others need another look" in answer.text


def test_the_history_leads_the_doctor_to_what_waits(doctor_client, change, to):
    page = doctor_client.get(to("history"))

    assert "The patient proposes a change" in page.text
    assert to("proposal_list") in page.text


def test_a_kind_without_words_of_its_own_shows_its_name(doctor_client, patient, to, monkeypatch):
    from clinic.records.presenters import proposals as presenters

    monkeypatch.setattr(presenters, "_lines", {})
    ProposalFactory(patient=patient, kind=ProposalKind.MEDICATION, text="Ibuprofen")

    page = doctor_client.get(to("proposal_list"))

    assert "Ibuprofen" in page.text

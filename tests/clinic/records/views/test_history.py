"""The page of the history, its forms and its presses."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from clinic.audit.models import AuditEvent
from clinic.people.choices import ProxyScope
from clinic.records.choices import ClinicalStatus, HistorySection, Verification
from clinic.records.models import (
    AllergyIntolerance,
    ChangeProposal,
    Condition,
    FamilyMemberHistory,
    Observation,
)
from tests.factories.people import ProxyGrantFactory
from tests.factories.records import (
    AllergyFactory,
    ConditionFactory,
    FamilyHistoryFactory,
    ImmunizationFactory,
    LifestyleFactory,
    ProcedureFactory,
    ProposalFactory,
)
from tests.factories.scheduling import SiteFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def frozen(clock):
    """Time stands still: the doctor's visit is tomorrow."""


@pytest.fixture
def to(patient):
    """Return an address of Amara's record."""
    return lambda name, *args: reverse(f"records:{name}", args=[patient.pk, *args])


@pytest.fixture
def doctor_client(doctor, practitioner_client):
    return practitioner_client


def act(to, row, act, section="conditions"):
    return to("history_act", section, row.pk, act)


def fill(patient):
    ConditionFactory(patient=patient, text="Migraine", said=True, note="Worse with bad sleep")
    ConditionFactory(
        patient=patient, text="Ankle fracture", clinical_status=ClinicalStatus.RESOLVED
    )
    ConditionFactory(patient=patient, text="Lupus", verification=Verification.REFUTED)
    AllergyFactory(patient=patient, reaction="rash", criticality="high")
    ProcedureFactory(patient=patient)
    ImmunizationFactory(patient=patient)
    FamilyHistoryFactory(patient=patient)
    LifestyleFactory(patient=patient)
    ProposalFactory(patient=patient)


@pytest.mark.parametrize(
    "stranger",
    ["other_patient", "outsider", "receptionist", "administrator", "other_practitioner"],
)
def test_nobody_else_opens_the_history(request, stranger, patient, to):
    browser = request.getfixturevalue(f"{stranger}_client")
    row = ConditionFactory(patient=patient, said=True)

    for path in (
        to("history"),
        to("history_section", "conditions"),
        to("history_add", "conditions"),
        to("history_edit", "conditions", row.pk),
        to("lifestyle_edit"),
        to("proposal_list"),
    ):
        assert browser.get(path).status_code == 404, path
        assert browser.post(path).status_code in (404, 405), path


@pytest.mark.parametrize("who", ["patient_client", "doctor_client"])
def test_history_shows_every_section(request, who, patient, to):
    fill(patient)

    page = request.getfixturevalue(who).get(to("history"))

    assert page.status_code == 200
    assert page["Cache-Control"] == "no-store"
    for text in ("Migraine", "Ankle fracture", "Penicillin", "Appendectomy", "Influenza vaccine"):
        assert text in page.text
    for text in ("Breast cancer", "Carpenter", "Latex", "Past: 1", "Ruled out or taken out: 1"):
        assert text in page.text
    [event] = AuditEvent.objects.filter(action="record.read")
    assert "igraine" not in str(vars(event))


def test_history_asks_this_often_whatever_it_holds(
    patient, doctor_client, to, django_assert_max_num_queries
):
    fill(patient)
    for _row in range(30):
        fill(patient)
    doctor_client.get(to("history"))

    # One for each section, one for what is proposed, one for the clinic's days; the rest is what
    # every page of a record asks.
    with django_assert_max_num_queries(23):
        page = doctor_client.get(to("history"))

    assert page.text.count('class="entry"') > 100


def test_an_empty_history_says_what_belongs_there(patient_client, to):
    page = patient_client.get(to("history"))

    assert "Illnesses you have or had" in page.text
    assert "I have no known allergies" in page.text


def test_a_carer_who_may_only_read_gets_no_buttons(patient, other_patient, sign_in, to):
    fill(patient)
    grant = ProxyGrantFactory(
        patient=patient, user=other_patient.user, scopes=[ProxyScope.RECORD_READ]
    )
    browser = sign_in(other_patient)
    browser.post(f"/acting/{grant.pk}/")
    row = Condition.objects.first()

    page = browser.get(to("history"))

    assert page.status_code == 200
    assert to("history_add", "conditions") not in page.text
    assert to("allergy_none") not in page.text
    assert browser.get(to("history_add", "conditions")).status_code == 404
    assert browser.get(to("lifestyle_edit")).status_code == 404
    assert browser.get(to("history_edit", "conditions", row.pk)).status_code == 404
    assert browser.post(act(to, row, "take-out"), {"version": "1"}).status_code == 404


@pytest.mark.parametrize(
    "section", [s for s in HistorySection if s != HistorySection.LIFESTYLE], ids=str
)
def test_every_section_has_a_form(patient_client, to, section):
    page = patient_client.get(to("history_add", section))

    assert page.status_code == 200
    assert 'name="what"' in page.text


def test_an_unknown_section_is_not_there(patient_client, to):
    assert patient_client.get(to("history_section", "secrets")).status_code == 404
    assert patient_client.get(to("history_add", "secrets")).status_code == 404


def test_the_patient_adds_a_condition(patient_client, patient, to):
    answer = patient_client.post(
        to("history_add", "conditions"),
        {"what": "Migraine", "clinical_status": "active", "onset": "March 2019"},
        follow=True,
    )

    row = Condition.objects.get()
    assert (row.label, row.verification) == ("Migraine", Verification.UNCONFIRMED)
    assert answer.redirect_chain == [(f"{to('history')}#history-conditions", 302)]
    assert "A doctor will confirm it" in answer.text
    assert "Since March 2019" in answer.text


def test_what_a_doctor_adds_needs_no_confirming(doctor_client, to):
    answer = doctor_client.post(
        to("history_add", "family"), {"what": "Gout", "relationship": "FTH"}, follow=True
    )

    assert FamilyMemberHistory.objects.get().is_confirmed
    assert "Added." in answer.text


def test_bad_input_keeps_what_was_typed(patient_client, to):
    answer = patient_client.post(
        to("history_add", "conditions"),
        {"what": "Migraine", "clinical_status": "active", "onset": "31 April 2019"},
    )

    assert answer.status_code == 422
    assert "April 2019 has no day 31" in answer.text
    assert 'value="Migraine"' in answer.text
    assert 'value="31 April 2019"' in answer.text
    assert not Condition.objects.exists()


def test_an_edit_is_saved(patient_client, patient, to):
    row = ConditionFactory(patient=patient, text="Asthma")

    patient_client.post(
        to("history_edit", "conditions", row.pk),
        {"what": "Asthma", "clinical_status": "resolved", "abatement": "2020", "version": "1"},
    )

    row.refresh_from_db()
    assert (row.clinical_status, row.version) == (ClinicalStatus.RESOLVED, 2)
    assert row.verification == Verification.UNCONFIRMED


def test_a_conflict_shows_both_and_keeps_what_was_typed(patient_client, patient, to):
    row = ConditionFactory(patient=patient, text="Asthma, mild", version=2)
    path = to("history_edit", "conditions", row.pk)
    data = {"what": "Asthma, worse", "clinical_status": "active", "version": "1"}

    answer = patient_client.post(path, data)

    assert answer.status_code == 409
    assert "changed while you were writing" in answer.text
    assert "Asthma, mild" in answer.text
    assert 'value="Asthma, worse"' in answer.text
    assert 'name="version" value="2"' in answer.text
    again = patient_client.post(path, data | {"version": "2"})
    assert again.status_code == 302


def test_an_entry_taken_out_has_no_form(doctor_client, patient, to):
    row = ConditionFactory(patient=patient, verification=Verification.REFUTED)

    assert doctor_client.get(to("history_edit", "conditions", row.pk)).status_code == 404


def test_lifestyle_has_no_form_for_one_answer(patient_client, patient, to):
    row = LifestyleFactory(patient=patient)

    assert patient_client.get(to("history_edit", "lifestyle", row.pk)).status_code == 404


def test_an_imported_entry_keeps_its_foreign_code_when_edited(doctor_client, patient, to):
    concept = {"text": "Sprain of ankle", "system": "http://snomed.info/sct", "code": "44465007"}
    row = ConditionFactory(patient=patient, concept=concept)

    doctor_client.post(
        to("history_edit", "conditions", row.pk),
        {"what": "Sprain of ankle", "clinical_status": "remission", "version": "1"},
    )

    row.refresh_from_db()
    assert row.concept == concept
    assert row.clinical_status == "remission"


def test_lifestyle_is_answered_on_one_page(patient_client, patient, to):
    LifestyleFactory(patient=patient)
    page = patient_client.get(to("lifestyle_edit"))

    answer = patient_client.post(
        to("lifestyle_edit"),
        {"tobacco": "8517006", "tobacco_note": "10 a day", "occupation": "Carpenter", "diet": ""},
        follow=True,
    )

    assert 'value="Carpenter"' in page.text
    assert Observation.objects.count() == 2
    assert "Used to smoke, 10 a day" in answer.text


def test_lifestyle_without_a_change_writes_nothing(patient_client, patient, to):
    LifestyleFactory(patient=patient)

    answer = patient_client.post(to("lifestyle_edit"), {"occupation": "Carpenter"}, follow=True)

    assert "Nothing was changed" in answer.text
    assert Observation.objects.count() == 1


def test_lifestyle_refuses_an_unknown_answer(patient_client, to):
    answer = patient_client.post(to("lifestyle_edit"), {"tobacco": "often"})

    assert answer.status_code == 422


def test_one_press_confirms(doctor_client, patient, to):
    row = ConditionFactory(patient=patient, said=True)

    answer = doctor_client.post(act(to, row, "confirm"), {"version": "1"}, follow=True)

    row.refresh_from_db()
    assert row.is_confirmed
    assert answer.redirect_chain == [(f"{to('history')}#history-conditions", 302)]


def test_a_press_with_script_answers_the_section_and_a_way_back(doctor_client, patient, to):
    row = ConditionFactory(patient=patient, text="Asthma")

    answer = doctor_client.post(act(to, row, "rule-out"), {"version": "1"}, headers=HTMX)

    assert answer.status_code == 200
    assert 'hx-target="#history-conditions"' in answer.text
    assert f'hx-post="{act(to, row, "put-back")}"' in answer.text
    assert "record-allergies" not in answer.text
    row.refresh_from_db()
    assert row.verification == Verification.REFUTED


def test_a_press_on_an_allergy_answers_the_banner_too(doctor_client, patient, to):
    row = AllergyFactory(patient=patient)

    answer = doctor_client.post(act(to, row, "take-out", "allergies"), headers=HTMX)

    assert 'hx-target="#record-allergies"' in answer.text
    assert "Nobody has asked yet" in answer.text


@pytest.mark.parametrize("version", ["1", "one", "9" * 30])
def test_a_press_on_an_older_state_is_refused(doctor_client, patient, to, version):
    row = ConditionFactory(patient=patient, said=True, version=2)

    answer = doctor_client.post(act(to, row, "confirm"), {"version": version}, headers=HTMX)

    assert answer.status_code == 409
    assert "changed meanwhile" in answer.text


def test_a_refused_press_without_script_leads_back(doctor_client, patient, to):
    row = ConditionFactory(patient=patient)

    answer = doctor_client.post(act(to, row, "confirm"), {"version": "1"}, follow=True)

    assert "changed meanwhile" in answer.text


def test_an_unknown_act_is_not_there(doctor_client, patient, to):
    row = ConditionFactory(patient=patient)

    assert doctor_client.post(act(to, row, "delete")).status_code == 404


def test_the_statement_is_not_put_back_beside_an_allergy(doctor_client, patient, to):
    AllergyFactory(patient=patient)
    row = AllergyFactory(patient=patient, none=True, verification=Verification.ENTERED_IN_ERROR)

    answer = doctor_client.post(act(to, row, "put-back", "allergies"), headers=HTMX)

    assert answer.status_code == 409
    assert "There is an allergy on file" in answer.text


def test_confirm_all_confirms_what_was_shown(doctor_client, patient, to):
    rows = [ConditionFactory(patient=patient, said=True) for _row in range(2)]
    seen = [f"{row.pk}:1" for row in rows]

    answer = doctor_client.post(
        to("history_confirm", "conditions"), {"seen": [*seen, "garbled"]}, follow=True
    )

    assert "2 entries confirmed" in answer.text
    assert Condition.objects.filter(verification=Verification.CONFIRMED).count() == 2


def test_confirm_all_says_what_changed_meanwhile(doctor_client, patient, to):
    row = ConditionFactory(patient=patient, said=True, version=2)

    answer = doctor_client.post(
        to("history_confirm", "conditions"), {"seen": [f"{row.pk}:1"]}, headers=HTMX
    )

    assert answer.status_code == 409
    assert "look at them again" in answer.text


def test_a_doctor_states_no_known_allergies(doctor_client, patient, to):
    answer = doctor_client.post(to("allergy_none"), headers=HTMX)

    assert AllergyIntolerance.objects.get().states_none
    assert 'data-state="none"' in answer.text
    assert "Asked again today" in answer.text


def test_the_statement_is_refused_beside_an_allergy(doctor_client, patient, to):
    AllergyFactory(patient=patient)

    answer = doctor_client.post(to("allergy_none"), headers=HTMX)

    assert answer.status_code == 409


def test_the_patient_proposes_no_known_allergies(patient_client, patient, to):
    answer = patient_client.post(to("allergy_none"), headers=HTMX)

    assert not AllergyIntolerance.objects.exists()
    assert ChangeProposal.objects.count() == 1
    assert "Sent to your doctor" in answer.text


def test_a_said_allergy_is_in_the_banner_at_once(patient_client, practitioner_client, doctor, to):
    patient_client.post(
        to("history_add", "allergies"),
        {"what": "Latex", "reaction": "rash", "onset": "2021", "reaction_severity": "severe"},
    )

    mine = patient_client.get(to("history"))
    theirs = practitioner_client.get(to("overview"))

    assert not AllergyIntolerance.objects.exists()
    assert "<strong>Latex</strong>, rash, 2021" in mine.text
    assert "you said this, not confirmed yet" in mine.text
    assert "<strong>Latex</strong>, rash, 2021" in theirs.text
    assert "said by the patient, not confirmed" in theirs.text


@pytest.mark.parametrize("who", ["patient_client", "doctor_client"])
def test_an_allergy_on_file_is_not_added_again(request, who, patient, to):
    AllergyFactory(patient=patient)

    answer = request.getfixturevalue(who).post(
        to("history_add", "allergies"), {"what": "penicillin", "reaction": "swelling"}
    )

    assert answer.status_code == 422
    assert "on the list already" in answer.text
    assert 'value="swelling"' in answer.text


def test_a_said_allergy_outweighs_the_statement(patient, patient_client, to):
    AllergyFactory(patient=patient, none=True)
    ProposalFactory(patient=patient)

    page = patient_client.get(to("overview"))

    banner = page.text.split('id="record-allergies"')[1].split("</section>")[0]
    assert "Latex" in banner
    assert "No known allergies" not in banner


def test_the_patient_proposes_a_change_of_an_allergy(patient_client, patient, to):
    row = AllergyFactory(patient=patient, criticality="high")
    path = to("history_edit", "allergies", row.pk)

    page = patient_client.get(path)
    answer = patient_client.post(
        path, {"what": "Penicillin", "reaction": "swelling", "version": "1"}, follow=True
    )

    proposal = ChangeProposal.objects.get()
    assert 'name="criticality"' not in page.text
    assert "Send to your doctor" in page.text
    assert (proposal.said["reaction"], "criticality" in proposal.said) == ("swelling", False)
    assert "Until then it stays as it is" in answer.text


def test_proposing_what_is_on_file_is_answered_beside_the_form(patient_client, patient, to):
    row = AllergyFactory(patient=patient)

    answer = patient_client.post(
        to("history_edit", "allergies", row.pk), {"what": "Penicillin", "version": "1"}
    )

    assert answer.status_code == 422
    assert "This says what is on file already" in answer.text


def test_the_patient_proposes_that_an_allergy_is_gone(patient_client, patient, to):
    row = AllergyFactory(patient=patient)

    answer = patient_client.post(
        to("allergy_stop", "allergies", row.pk),
        {"stop-version": "1", "stop-note": "I eat nuts again."},
        follow=True,
    )

    proposal = ChangeProposal.objects.get()
    assert (proposal.action, proposal.note) == ("stop", "I eat nuts again.")
    assert "Until then it stays on file" in answer.text


def test_a_stop_of_an_older_state_is_refused(patient_client, patient, to):
    row = AllergyFactory(patient=patient, version=2)

    answer = patient_client.post(
        to("allergy_stop", "allergies", row.pk), {"stop-version": "1"}, follow=True
    )

    assert "changed meanwhile" in answer.text
    assert not ChangeProposal.objects.exists()


def test_a_reason_too_long_is_kept_and_refused(patient_client, patient, to):
    row = AllergyFactory(patient=patient)

    answer = patient_client.post(
        to("allergy_stop", "allergies", row.pk), {"stop-version": "1", "stop-note": "a" * 501}
    )

    assert answer.status_code == 422
    assert "a" * 501 in answer.text
    assert not ChangeProposal.objects.exists()


def test_only_allergies_are_stopped_by_proposal(patient_client, patient, to):
    row = ConditionFactory(patient=patient)

    assert patient_client.post(to("allergy_stop", "conditions", row.pk)).status_code == 404


def test_a_section_is_shown_whole_a_page_at_a_time(patient_client, patient, to):
    for number in range(101):
        ProcedureFactory(patient=patient, text=f"Procedure {number}")

    first = patient_client.get(to("history_section", "procedures"))
    second = patient_client.get(to("history_section", "procedures"), {"page": "2"})

    assert "Page 1 of 2" in first.text
    assert second.text.count('class="entry"') == 1


def test_a_long_section_leads_to_its_page(patient_client, patient, to):
    for number in range(46):
        ProcedureFactory(patient=patient, text=f"Procedure {number}")

    page = patient_client.get(to("history"))

    assert "Earlier: 41" in page.text
    assert f'href="{to("history_section", "procedures")}"' in page.text


def test_days_are_those_of_the_clinic(patient, patient_client, to):
    """Half past eleven at night in London is tomorrow in Berlin, where the clinic is."""
    SiteFactory()
    late = dt.datetime(2026, 1, 12, 23, 30, tzinfo=dt.UTC)
    ConditionFactory(patient=patient, said=True, recorded_at=late)

    page = patient_client.get(to("history"))

    assert "You said this on 13 Jan 2026." in page.text

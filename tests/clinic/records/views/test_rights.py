"""The pages of the patient's rights, and those on which administrators decide."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from clinic.people import stepup
from clinic.people.choices import Role
from clinic.records.choices import ErasureBasis, ErasureStatus
from clinic.records.models import CorrectionRequest, Erasure
from clinic.records.services.corrections import Entry, file_correction
from clinic.records.services.erasure import request_erasure
from tests.factories.people import PatientFactory, UserFactory, viewer
from tests.factories.records import ConditionFactory, MedicationFactory, NoteFactory
from tests.factories.scheduling import AppointmentFactory

pytestmark = pytest.mark.django_db

LONG_AGO = dt.datetime(2010, 5, 4, 12, tzinfo=dt.UTC)


def url(name, *args):
    return reverse(f"records:{name}", args=args)


@pytest.fixture(autouse=True)
def standing_still(clock):
    """Every page is of the same morning."""


@pytest.fixture
def filed(patient, now):
    entry = ConditionFactory(patient=patient, text="Otitis")
    return file_correction(
        by=viewer(patient),
        patient_id=patient.pk,
        about=Entry("condition", entry.pk),
        text="It was the left ear",
        now=now,
    )


def test_page_says_what_is_kept_how_long(patient, patient_client, filed, now):
    type(patient).objects.filter(pk=patient.pk).update(created_at=now)

    page = patient_client.get(url("rights", patient.pk)).content.decode()

    assert "10 years after its last entry" in page
    assert "2 March 2036" in page
    assert "After 35 days" in page
    assert "Condition: Otitis" in page
    assert reverse("fhir:export", args=[patient.pk]) in page


def test_privacy_page_leads_there(patient, patient_client):
    assert (
        url("rights", patient.pk)
        in patient_client.get(url("access_log", patient.pk)).content.decode()
    )


def test_pages_take_few_queries(patient, patient_client, filed, django_assert_max_num_queries):
    for name in ("rights", "correction_list", "correction_new"):
        with django_assert_max_num_queries(16):
            patient_client.get(url(name, patient.pk))


def test_only_the_patient_has_the_page(
    patient,
    practitioner,
    practitioner_client,
    other_patient_client,
    outsider_client,
    other_practitioner_client,
    receptionist_client,
    administrator_client,
):
    AppointmentFactory(patient=patient, practitioner=practitioner)

    for browser in (
        practitioner_client,
        other_patient_client,
        outsider_client,
        other_practitioner_client,
        receptionist_client,
        administrator_client,
    ):
        for name in ("rights", "correction_new"):
            assert browser.get(url(name, patient.pk)).status_code == 404


def test_patient_points_at_an_entry(patient, patient_client):
    entry = ConditionFactory(patient=patient, text="Otitis")
    address = url("correction_about", patient.pk, "condition", entry.pk)

    assert "Condition: Otitis" in patient_client.get(address).content.decode()
    response = patient_client.post(address, {"text": "It was the left ear"}, follow=True)

    row = CorrectionRequest.objects.get()
    assert (row.target_id, row.text) == (entry.pk, "It was the left ear")
    assert "It was the left ear" in response.content.decode()


def test_entries_that_only_a_doctor_changes_lead_to_the_form(
    patient, practitioner, patient_client, practitioner_client
):
    AppointmentFactory(patient=patient, practitioner=practitioner)
    entry = ConditionFactory(patient=patient)
    note = NoteFactory(patient=patient, signed=True)
    medicine = MedicationFactory(patient=patient)
    pages = {
        url("history", patient.pk): ("condition", entry.pk),
        url("note_detail", patient.pk, note.pk): ("note", note.pk),
        url("medication_detail", patient.pk, medicine.pk): ("medication", medicine.pk),
    }

    for page, (kind, entry_id) in pages.items():
        address = url("correction_about", patient.pk, kind, entry_id)
        assert address in patient_client.get(page).content.decode()
        assert address not in practitioner_client.get(page).content.decode()
        assert patient_client.get(address).status_code == 200


def test_too_short_a_request_is_given_back(patient, patient_client):
    response = patient_client.post(url("correction_new", patient.pk), {"text": "no"})

    assert response.status_code == 422
    assert "Write a few words" in response.content.decode()


def test_doctor_answers_and_the_patient_reads_it(
    patient, practitioner, practitioner_client, patient_client, filed
):
    AppointmentFactory(patient=patient, practitioner=practitioner)
    page = practitioner_client.get(url("correction_list", patient.pk)).content.decode()
    assert "It was the left ear" in page

    refused = practitioner_client.post(
        url("correction_answer", patient.pk, filed.pk), {"answer": "Now it says left"}
    )
    practitioner_client.post(
        url("correction_answer", patient.pk, filed.pk),
        {"outcome": "accepted", "answer": "Now it says left"},
    )

    assert refused.status_code == 422
    assert "Now it says left" in refused.content.decode()
    told = patient_client.get(url("correction_list", patient.pk)).content.decode()
    assert "Now it says left" in told
    assert "Corrected" in told


def test_second_answer_is_not_taken(patient, practitioner, practitioner_client, filed):
    AppointmentFactory(patient=patient, practitioner=practitioner)
    address = url("correction_answer", patient.pk, filed.pk)
    practitioner_client.post(address, {"outcome": "accepted", "answer": "The first one"})

    response = practitioner_client.post(
        address, {"outcome": "declined", "answer": "The second one"}, follow=True
    )

    assert "answered this already" in response.content.decode()
    assert CorrectionRequest.objects.get().answer == "The first one"


# --- Erasures ------------------------------------------------------------------------------------


@pytest.fixture
def old():
    return PatientFactory(created_at=LONG_AGO, given_name="Ottilie", family_name="Brandt")


@pytest.fixture
def second_client(sign_in, clock):
    """The browser of a second administrator who has just confirmed who they are."""
    user = UserFactory(email="second@example.org", roles=[Role.ADMINISTRATOR])
    browser = sign_in(user)
    session = browser.session
    session[stepup.SESSION_KEY] = {
        "user": str(user.pk),
        "factor": "password",
        "at": clock.now.timestamp(),
    }
    session.save()
    return browser


def test_two_administrators_destroy_a_record(old, administrator_client, second_client):
    asked = {"record_number": old.record_number.lower(), "legal_basis": "request"}
    administrator_client.post(url("erasure_list"), asked)

    own = administrator_client.get(url("erasure_list")).content.decode()
    assert "Another administrator decides." in own
    assert "Ottilie Brandt" in second_client.get(url("erasure_list")).content.decode()
    response = second_client.post(url("erasure_execute", old.pk), follow=True)

    assert Erasure.objects.get().status == ErasureStatus.EXECUTED
    assert "Backups may hold the key until 7 April 2026" in response.content.decode()


def test_second_person_confirms_first_who_they_are(old, administrator, sign_in, now):
    request_erasure(
        patient_id=old.pk, basis=ErasureBasis.REQUEST, by=viewer(administrator), now=now
    )
    browser = sign_in(UserFactory(email="second@example.org", roles=[Role.ADMINISTRATOR]))

    response = browser.post(url("erasure_execute", old.pk))

    assert response.status_code == 422
    assert Erasure.objects.get().status == ErasureStatus.REQUESTED


def test_second_person_can_refuse(old, administrator, second_client, now):
    request_erasure(
        patient_id=old.pk, basis=ErasureBasis.REQUEST, by=viewer(administrator), now=now
    )

    response = second_client.post(url("erasure_refuse", old.pk), follow=True)

    assert "Refused" in response.content.decode()
    assert Erasure.objects.get().status == ErasureStatus.REFUSED


def test_own_request_cannot_be_decided(old, administrator, administrator_client, now):
    request_erasure(
        patient_id=old.pk, basis=ErasureBasis.REQUEST, by=viewer(administrator), now=now
    )

    response = administrator_client.post(url("erasure_refuse", old.pk), follow=True)

    assert "A second administrator decides." in response.content.decode()


@pytest.mark.parametrize(
    ("number", "told"),
    [("BT 000 000", "There is no patient with this number."), ("", "This field is required.")],
)
def test_unknown_number_is_said_beside_the_field(administrator_client, number, told):
    response = administrator_client.post(
        url("erasure_list"), {"record_number": number, "legal_basis": "request"}
    )

    assert response.status_code == 422
    assert told in response.content.decode()


def test_why_not_is_said_with_the_date(patient, practitioner, administrator_client):
    asked = {"record_number": patient.record_number, "legal_basis": "request"}

    kept = administrator_client.post(url("erasure_list"), asked)
    AppointmentFactory(patient=patient, practitioner=practitioner)
    ahead = administrator_client.post(url("erasure_list"), asked | {"legal_basis": "court-order"})

    assert (kept.status_code, ahead.status_code) == (422, 422)
    assert "must be kept until" in kept.content.decode()
    assert "Cancel them first." in ahead.content.decode()


def test_deciding_on_nothing_says_so(old, second_client):
    for address in (
        url("erasure_refuse", old.pk),
        url("erasure_execute", "00000000-0000-0000-0000-000000000007"),
    ):
        response = second_client.post(address, follow=True)
        assert "decided already" in response.content.decode()

"""The paper of a visit: who gets it, how it is handed out, what stands on it."""

from __future__ import annotations

import io

import pikepdf
import pytest
from django.urls import reverse

from clinic.audit.models import AuditEvent
from clinic.records import pdf
from clinic.records.models import ClinicalNote
from tests.factories.records import (
    AllergyFactory,
    EncounterFactory,
    FollowUpFactory,
    NoteFactory,
    ObservationFactory,
    PrescriptionFactory,
)
from tests.factories.scheduling import AppointmentFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

NAMES = ("after_visit", "prescription_pdf")


@pytest.fixture
def note(patient, practitioner) -> ClinicalNote:
    visit = AppointmentFactory(patient=patient, practitioner=practitioner)
    encounter = EncounterFactory(
        patient=patient, practitioner=practitioner, appointment=visit, starts_at=visit.starts_at
    )
    AllergyFactory(patient=patient)
    ObservationFactory(patient=patient, encounter=encounter)
    FollowUpFactory(patient=patient, practitioner=practitioner, encounter=encounter)
    PrescriptionFactory(
        patient=patient, encounter=encounter, requester=practitioner, text="Amoxicillin 500 mg"
    )
    return NoteFactory(patient=patient, author=practitioner, encounter=encounter, signed=True)


@pytest.fixture
def set_values(monkeypatch) -> dict[str, dict]:
    """What the typesetter was given, by layout."""
    given, render = {}, pdf.render

    def noted(name, values):
        given[name] = values
        return render(name, values)

    monkeypatch.setattr(pdf, "render", noted)
    return given


def at(name: str, note: ClinicalNote) -> str:
    return reverse(f"records:{name}", args=[note.patient_id, note.pk])


@pytest.mark.parametrize("name", NAMES)
def test_paper_is_a_file_that_nothing_keeps(patient_client, note, name):
    answer = patient_client.get(at(name, note))

    assert answer["Content-Disposition"].startswith("attachment; filename=")
    assert (answer["Cache-Control"], answer["X-Content-Type-Options"]) == ("no-store", "nosniff")
    made = pikepdf.open(io.BytesIO(answer.content))
    assert made.Root.MarkInfo.Marked
    assert AuditEvent.objects.filter(action="note.downloaded", object_id=note.pk).count() == 1


def test_summary_says_what_the_patient_takes_home(patient_client, note, set_values):
    patient_client.get(at("after_visit", note))

    values = set_values["after_visit"]
    assert values["instructions"]["text"] == "Drink two litres a day."
    assert [one["title"] for one in values["passages"]] == ["What you told us", "What happens next"]
    assert [one["name"] for one in values["orders"]["rows"]] == ["Amoxicillin 500 mg"]
    assert len(values["measured"]["rows"]) == len(values["follow_ups"]["rows"]) == 1
    assert values["allergies"]["text"] != "Nobody has asked yet"
    assert values["address"] == "14 Harbour Street"


def test_prescription_names_the_doctor_and_what_is_ordered(
    practitioner, practitioner_client, note, set_values
):
    practitioner.license_number = "A-123"
    practitioner.save()

    practitioner_client.get(at("prescription_pdf", note))

    values = set_values["prescription"]
    assert values["signature"]["about"] == "General practice, Licence A-123"
    assert [one["name"] for one in values["orders"]] == ["Amoxicillin 500 mg"]


def test_note_of_an_imported_visit_has_paper_too(patient, practitioner, patient_client, set_values):
    note = NoteFactory(patient=patient, author=practitioner, signed=True)

    patient_client.get(at("after_visit", note))

    assert set_values["after_visit"]["address"] == ""
    assert patient_client.get(at("prescription_pdf", note)).status_code == 404


@pytest.mark.parametrize("name", NAMES)
def test_draft_has_no_paper_and_a_held_back_note_none_for_the_patient(
    patient_client, practitioner_client, note, name
):
    ClinicalNote.objects.filter(pk=note.pk).update(released_at=None)
    assert patient_client.get(at(name, note)).status_code == 404
    assert practitioner_client.get(at(name, note)).status_code == 200

    draft = NoteFactory(patient=note.patient, author=note.author)

    assert practitioner_client.get(at(name, draft)).status_code == 404


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "stranger", ["other_patient", "outsider", "other_practitioner", "receptionist"]
)
def test_nobody_else_gets_the_paper(request, stranger, note, name):
    browser = request.getfixturevalue(f"{stranger}_client")

    assert browser.get(at(name, note)).status_code == 404

"""Notes as they are read: by the patient what was released, by doctors what is theirs."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.urls import reverse

from clinic.audit.models import AuditEvent
from clinic.records.choices import EncounterStatus
from clinic.records.models import ClinicalNote, NoteAddendum
from clinic.records.selectors.notes import PAGE_SIZE
from clinic.records.services import notes
from tests.factories.people import viewer
from tests.factories.records import (
    EncounterFactory,
    FollowUpFactory,
    NoteFactory,
    ObservationFactory,
    PrescriptionFactory,
)
from tests.factories.scheduling import AppointmentFactory, SiteFactory, open_practice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

DAY = dt.timedelta(days=1)


@pytest.fixture
def treats(patient, practitioner) -> None:
    AppointmentFactory(patient=patient, practitioner=practitioner)


@pytest.fixture
def note(patient, practitioner, treats) -> ClinicalNote:
    return NoteFactory(patient=patient, author=practitioner, signed=True)


@pytest.fixture
def draft(patient, practitioner, treats) -> ClinicalNote:
    return NoteFactory(patient=patient, author=practitioner)


def at(name: str, note: ClinicalNote, *more: object) -> str:
    return reverse(f"records:{name}", args=[note.patient_id, note.pk, *more])


def notes_of(patient) -> str:
    return reverse("records:note_list", args=[patient.pk])


def test_patient_reads_a_released_note_instructions_first(patient_client, note):
    html = patient_client.get(at("note_detail", note)).content.decode()

    assert html.index("Drink two litres a day.") < html.index("Rest and tea")
    assert "What you can do now" in html and "Subjective" not in html
    event = AuditEvent.objects.get(action="note.read")
    assert (event.object_id, event.patient) == (note.pk, note.patient_id)


@pytest.mark.parametrize("how", ["draft", "held_back", "set_aside"])
def test_patient_sees_nothing_of_what_was_not_released(
    patient, patient_client, practitioner, treats, how
):
    traits = {"draft": {}, "held_back": {"held_back": True}}
    note = NoteFactory(
        patient=patient,
        author=practitioner,
        **traits.get(how, {"status": "entered-in-error"}),
    )

    listed = patient_client.get(notes_of(patient)).content.decode()

    assert patient_client.get(at("note_detail", note)).status_code == 404
    assert "Drink two litres" not in listed and "No note" in listed


@pytest.mark.parametrize(
    "stranger",
    ["other_patient", "outsider", "other_practitioner", "receptionist", "administrator"],
)
def test_nobody_else_finds_a_note(request, stranger, note, patient):
    browser = request.getfixturevalue(f"{stranger}_client")

    assert browser.get(at("note_detail", note)).status_code == 404
    assert browser.get(notes_of(patient)).status_code == 404


def test_another_treating_doctor_reads_what_is_signed_and_no_draft(
    patient, practitioner, other_practitioner, other_practitioner_client, draft
):
    AppointmentFactory(
        patient=patient,
        practitioner=other_practitioner,
        starts_at=dt.datetime(2026, 3, 4, 8, 0, tzinfo=dt.UTC),
    )
    signed = NoteFactory(patient=patient, author=practitioner, signed=True)

    assert other_practitioner_client.get(at("note_detail", signed)).status_code == 200
    for name in ("note_detail", "note_edit", "note_sign", "note_discard", "note_compare"):
        assert other_practitioner_client.get(at(name, draft)).status_code == 404, name


def test_note_of_one_record_is_not_found_under_another(practitioner_client, practitioner, note):
    other = AppointmentFactory(
        practitioner=practitioner, starts_at=dt.datetime(2026, 3, 4, 8, 0, tzinfo=dt.UTC)
    ).patient
    path = reverse("records:note_detail", args=[other.pk, note.pk])

    assert practitioner_client.get(path).status_code == 404


def test_list_marks_what_is_new_and_what_waits_to_be_signed(
    patient, patient_client, practitioner, practitioner_client, now, note
):
    recent = EncounterFactory(patient=patient, practitioner=practitioner, starts_at=now - DAY)
    NoteFactory(
        patient=patient,
        author=practitioner,
        encounter=recent,
        status="final",
        signed_at=now - DAY,
        released_at=now - DAY,
    )
    older = EncounterFactory(patient=patient, practitioner=practitioner, starts_at=now - 2 * DAY)
    NoteFactory(patient=patient, author=practitioner, encounter=older)

    own = patient_client.get(notes_of(patient)).content.decode()
    doctors = practitioner_client.get(notes_of(patient)).content.decode()

    assert own.count("New</span>") == 1
    assert doctors.count("Not signed yet") == 1 and "New</span>" not in doctors


def test_list_goes_on_page_by_page(patient, patient_client, now, django_assert_max_num_queries):
    for days in range(PAGE_SIZE + 2):
        encounter = EncounterFactory(patient=patient, starts_at=now - DAY * days)
        NoteFactory(patient=patient, encounter=encounter, signed=True)
    path = notes_of(patient)

    with django_assert_max_num_queries(16):
        first = patient_client.get(path).content.decode()
    before = first.split("?before=")[1].split('"')[0]
    second = patient_client.get(f"{path}?before={before}").content.decode()

    assert first.count('class="row"') == PAGE_SIZE
    assert second.count('class="row"') == 2
    assert "Older visits" not in second and "Newest visits" in second
    assert patient_client.get(f"{path}?before=x").status_code == 404


def test_list_of_a_new_patient_is_a_good_empty(patient, patient_client):
    assert "No visits yet" in patient_client.get(notes_of(patient)).content.decode()


def test_list_names_visits_that_were_imported(patient, patient_client):
    EncounterFactory(
        patient=patient, practitioner=None, participant_text="Dr. Corwin", kind={}, source="import"
    )

    html = patient_client.get(notes_of(patient)).content.decode()

    assert "Visit, Dr. Corwin" in html


def test_cancelled_visit_without_a_note_is_not_listed(patient, patient_client):
    EncounterFactory(patient=patient, status=EncounterStatus.CANCELLED)

    assert "No visits yet" in patient_client.get(notes_of(patient)).content.decode()


def test_detail_shows_what_belongs_to_the_visit(
    patient, practitioner, patient_client, note, django_assert_max_num_queries
):
    SiteFactory()
    ObservationFactory(patient=patient, encounter=note.encounter)
    PrescriptionFactory(patient=patient, encounter=note.encounter, text="Amoxicillin 500 mg")
    follow_up = FollowUpFactory(
        patient=patient, practitioner=practitioner, encounter=note.encounter
    )

    with django_assert_max_num_queries(18):
        html = patient_client.get(at("note_detail", note)).content.decode()

    assert "Amoxicillin 500 mg" in html and "Measured" in html
    assert f"?type={follow_up.visit_type_id}&amp;since=2026-03-26" in html
    listed = patient_client.get(notes_of(patient)).content.decode()
    assert "Book your follow-up" in listed


def test_own_draft_opens_in_the_editor(practitioner_client, draft):
    answer = practitioner_client.get(at("note_detail", draft))

    assert (answer.status_code, answer.url) == (302, at("note_edit", draft))


def test_doctor_releases_a_note_that_was_held_back(
    patient, practitioner, patient_client, practitioner_client, treats
):
    note = NoteFactory(patient=patient, author=practitioner, held_back=True)
    assert "Release it" in practitioner_client.get(at("note_detail", note)).content.decode()

    practitioner_client.post(at("note_release", note))

    assert patient_client.get(at("note_detail", note)).status_code == 200


def test_addition_stands_below_the_note(practitioner_client, patient_client, note):
    path = at("note_addition", note)

    refused = practitioner_client.post(path, {"text": ""})
    blank = practitioner_client.post(path, {"text": " \n "})
    practitioner_client.post(path, {"text": "The X-ray is normal."})

    assert (refused.status_code, blank.status_code) == (422, 422)
    assert "Write what is to be added." in blank.content.decode()
    assert NoteAddendum.objects.count() == 1
    assert "The X-ray is normal." in patient_client.get(at("note_detail", note)).content.decode()


def test_text_that_came_after_signing_is_added_or_left_out(practitioner, practitioner_client, note):
    for tab, text in ((1, "Call on Friday"), (2, "Call never")):
        lost = notes.Draft(texts={"plan": text}, base_version=9, tab=uuid.UUID(int=tab))
        notes.save_note(
            by=viewer(practitioner),
            patient_id=note.patient_id,
            note_id=note.pk,
            draft=lost,
            now=dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC),
        )
    first, second = note.revisions.order_by("saved_at", "pk")
    shown = practitioner_client.get(at("note_detail", note)).content.decode()
    assert "Plan: Call on Friday" in shown and "Plan: Call never" in shown
    path = at("note_addition", note)

    practitioner_client.post(path, {"text": "Plan: Call on Friday", "revision": str(first.pk)})
    practitioner_client.post(path, {"leave-out": "1", "revision": str(second.pk)})

    assert not note.revisions.filter(settled_at__isnull=True).exists()
    assert practitioner_client.post(path, {"leave-out": "1"}).status_code == 404


def test_draft_is_set_aside_and_taken_up_again(practitioner_client, draft):
    asked = practitioner_client.get(at("note_discard", draft)).content.decode()

    practitioner_client.post(at("note_discard", draft))
    shown = practitioner_client.get(at("note_detail", draft)).content.decode()
    back = practitioner_client.post(at("note_restore", draft))

    assert "Was this note entered by mistake?" in asked
    assert "Take it up again" in shown
    assert back.url == at("note_edit", draft)


@pytest.fixture
def visit(patient, practitioner):
    return AppointmentFactory(
        patient=patient, practitioner=practitioner, visit_type=open_practice(practitioner)
    )


def test_visit_panel_leads_to_the_note(practitioner_client, visit):
    path = reverse("records:visit_note", args=[visit.pk])
    board = reverse("scheduling:day_board", args=[visit.practitioner_id, visit.local_date])

    assert path in practitioner_client.get(f"{board}?visit={visit.pk}").content.decode()
    assert "Write note" in practitioner_client.get(path).content.decode()
    begun = practitioner_client.post(path, follow=True)
    piece = practitioner_client.get(path, headers={"HX-Request": "true"}).content.decode()

    assert "Save, finish later" in begun.content.decode()
    assert "Go on with the note" in piece and "<html" not in piece


def test_note_is_begun_from_the_list_too(practitioner_client, patient, practitioner, treats):
    encounter = EncounterFactory(patient=patient, practitioner=practitioner)
    path = reverse("records:note_start", args=[patient.pk, encounter.pk])
    assert path in practitioner_client.get(notes_of(patient)).content.decode()

    begun = practitioner_client.post(path, follow=True)

    assert "Save, finish later" in begun.content.decode()


def test_missed_visit_has_nothing_to_write(practitioner_client, patient, practitioner, treats):
    missed = AppointmentFactory(
        patient=patient,
        practitioner=practitioner,
        status="noshow",
        starts_at=dt.datetime(2026, 2, 3, 8, 0, tzinfo=dt.UTC),
    )
    path = reverse("records:visit_note", args=[missed.pk])

    said = practitioner_client.post(path, follow=True).content.decode()

    assert "there is nothing to write" in said and "Write note" not in said


def test_desk_sees_no_way_to_the_note(receptionist_client, visit):
    board = reverse("scheduling:day_board", args=[visit.practitioner_id, visit.local_date])
    path = reverse("records:visit_note", args=[visit.pk])

    assert path not in receptionist_client.get(f"{board}?visit={visit.pk}").content.decode()
    assert receptionist_client.get(path).status_code == 404

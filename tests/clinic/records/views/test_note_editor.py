"""The editor of a note: its saves, its small forms, comparing, signing."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.urls import reverse

from clinic.records.choices import NoteStatus
from clinic.records.models import ClinicalNote, FollowUp, NoteRevision, Observation
from clinic.scheduling.models import Appointment
from tests.factories.records import EncounterFactory, FollowUpFactory, NoteFactory
from tests.factories.scheduling import AppointmentFactory, VisitTypeFactory, open_practice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

TAB, OTHER_TAB = uuid.UUID(int=1), uuid.UUID(int=2)


@pytest.fixture
def visit(patient, practitioner) -> Appointment:
    return AppointmentFactory(
        patient=patient,
        practitioner=practitioner,
        visit_type=open_practice(practitioner),
        status="checked-in",
        starts_at=dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC),
    )


@pytest.fixture
def draft(visit) -> ClinicalNote:
    encounter = EncounterFactory(
        patient=visit.patient,
        practitioner=visit.practitioner,
        appointment=visit,
        starts_at=visit.starts_at,
        reason="Cough",
    )
    return NoteFactory(patient=visit.patient, author=visit.practitioner, encounter=encounter)


def at(name: str, note: ClinicalNote, *more: object) -> str:
    return reverse(f"records:{name}", args=[note.patient_id, note.pk, *more])


def typed(*, version: int = 1, tab: uuid.UUID = TAB, **texts: str) -> dict[str, str]:
    return {"version": str(version), "tab": str(tab), "template": "general"} | texts


def test_editor_holds_the_text_and_what_is_known(
    practitioner_client, draft, patient, practitioner, django_assert_max_num_queries
):
    earlier = EncounterFactory(
        patient=patient, starts_at=draft.encounter.starts_at - dt.timedelta(days=30)
    )
    NoteFactory(
        patient=patient, encounter=earlier, sections={"assessment": "Asthma, stable"}, signed=True
    )

    with django_assert_max_num_queries(26):
        html = practitioner_client.get(at("note_edit", draft)).content.decode()

    assert "Cough for a week</textarea>" in html
    assert "Copy the assessment" in html and "Asthma, stable" in html
    assert 'data-template="vaccination" hidden' in html


def test_visit_leads_to_its_note_if_there_is_one(practitioner_client, patient, draft):
    empty = EncounterFactory(patient=patient)

    found, none = (
        practitioner_client.get(reverse("records:note_start", args=[patient.pk, encounter]))
        for encounter in (draft.encounter_id, empty.pk)
    )

    assert found.url == at("note_detail", draft)
    assert none.url == reverse("records:note_list", args=[patient.pk])


def test_patient_opens_no_page_of_the_editor(patient_client, draft):
    for name in ("note_edit", "note_save", "note_compare", "note_sign", "note_discard"):
        assert patient_client.get(at(name, draft)).status_code == 404, name
        assert patient_client.post(at(name, draft), typed()).status_code == 404, name


def test_save_answers_with_version_and_time(practitioner_client, draft, now):
    answer = practitioner_client.post(at("note_save", draft), typed(plan="Rest\r\nand tea"))

    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert answer.json() == {"version": 2, "saved": int(now.timestamp() * 1000)}
    assert ClinicalNote.objects.get().sections == {"plan": "Rest\nand tea"}


def test_save_leaves_out_what_nobody_sees(practitioner_client, draft):
    practitioner_client.post(at("note_save", draft), typed(plan="  Rest\u200b\u00ad \ufeffnow "))

    assert ClinicalNote.objects.get().sections == {"plan": "  Rest now "}


def test_save_of_a_late_tab_is_kept_apart(practitioner_client, draft):
    practitioner_client.post(at("note_save", draft), typed(plan="Rest"))

    answer = practitioner_client.post(at("note_save", draft), typed(tab=OTHER_TAB, plan="Tea"))

    assert answer.status_code == 409
    assert ClinicalNote.objects.get().sections == {"plan": "Rest"}
    assert NoteRevision.objects.get().sections["plan"] == "Tea"


def test_save_says_what_is_too_long(practitioner_client, draft):
    answer = practitioner_client.post(at("note_save", draft), typed(plan="x" * 20_001))

    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == ["plan"]


def test_tab_without_a_session_is_asked_to_sign_in_and_gets_a_new_token(
    client, practitioner_client, draft
):
    from_htmx = {"HX-Request": "true"}

    gone = client.post(at("note_save", draft), typed(), headers=from_htmx)
    back = practitioner_client.get(at("note_save", draft), headers=from_htmx)

    assert gone.status_code == 401
    assert len(back.json()["token"]) == 64


@pytest.mark.parametrize(
    ("go", "onward"),
    [
        ("save", "note_edit"),
        ("sign", "note_sign"),
        ("discard", "note_discard"),
        ("measure", "note_edit"),
        ("follow_up", "note_edit"),
    ],
)
def test_buttons_save_and_go_on_without_script(practitioner_client, draft, visit, go, onward):
    more = {"vitals-pulse": "71", "next-visit_type": str(visit.visit_type_id), "next-weeks": "4"}

    answer = practitioner_client.post(at("note_edit", draft), typed(plan="Tea", go=go) | more)

    assert (answer.status_code, answer.url) == (302, at(onward, draft))
    assert ClinicalNote.objects.get().sections == {"plan": "Tea"}
    assert Observation.objects.count() == (go == "measure")
    assert FollowUp.objects.count() == (go == "follow_up")


def test_finishing_later_goes_back_to_the_visits(practitioner_client, draft):
    answer = practitioner_client.post(at("note_edit", draft), typed(go="close"))

    assert answer.url == reverse("records:note_list", args=[draft.patient_id])


def test_refused_forms_come_back_with_what_was_typed(practitioner_client, draft):
    path = at("note_edit", draft)

    long = practitioner_client.post(path, typed(plan="x" * 20_001, assessment="Asthma"))
    numbers = practitioner_client.post(
        path, typed(plan="Tea", go="measure") | {"vitals-pulse": "quick"}
    )
    kind = practitioner_client.post(
        path, typed(version=2, plan="Tea", go="follow_up") | {"next-weeks": "4"}
    )

    assert [long.status_code, numbers.status_code, kind.status_code] == [422, 422, 422]
    assert "Asthma</textarea>" in long.content.decode() and "data-unsaved" in long.content.decode()
    assert "quick" in numbers.content.decode() and "Tea</textarea>" in numbers.content.decode()


def test_late_save_without_script_leads_to_comparing(practitioner_client, draft):
    practitioner_client.post(at("note_save", draft), typed(plan="Rest"))

    answer = practitioner_client.post(at("note_edit", draft), typed(tab=OTHER_TAB, plan="Tea"))

    assert answer.url == at("note_compare", draft)


def test_comparing_shows_both_and_puts_them_together(practitioner_client, draft):
    practitioner_client.post(at("note_save", draft), typed(plan="Rest"))
    practitioner_client.post(at("note_save", draft), typed(tab=OTHER_TAB, plan="Tea"))
    path, revision = at("note_compare", draft), NoteRevision.objects.get()
    chosen = {"revision": str(revision.pk), "version": "2", "plan": "other"}

    shown = practitioner_client.get(path).content.decode()
    late = practitioner_client.post(path, chosen | {"version": "1"})
    done = practitioner_client.post(path, chosen)

    assert "Rest" in shown and "Tea" in shown
    assert late.status_code == 409 and "Choose again" in late.content.decode()
    assert done.url == at("note_edit", draft)
    assert ClinicalNote.objects.get().sections == {"plan": "Tea"}
    assert practitioner_client.post(path, {"revision": "x"}).status_code == 404
    assert practitioner_client.get(path).url == at("note_edit", draft)


HTMX = {"HX-Request": "true"}


def test_measurements_are_recorded_inside_the_note(practitioner_client, draft):
    path = at("note_vitals", draft)
    numbers = {"vitals-upper": "138", "vitals-lower": "86", "vitals-temperature": "36,7"}

    piece = practitioner_client.post(path, numbers, headers=HTMX).content.decode()

    assert "138/86" in piece and "36.7" in piece and "<html" not in piece
    assert {row.encounter_id for row in Observation.objects.all()} == {draft.encounter_id}
    assert practitioner_client.post(path, numbers).url == at("note_edit", draft)


def test_unlikely_measurement_is_asked_about_and_the_others_are_kept(practitioner_client, draft):
    path = at("note_vitals", draft)
    numbers = {"vitals-pulse": "71", "vitals-temperature": "42"}

    doubted = practitioner_client.post(path, numbers, headers=HTMX)
    html = doubted.content.decode()
    sure = practitioner_client.post(
        path, {"vitals-temperature": "42", "vitals-sure": "on"}, headers=HTMX
    )

    assert doubted.status_code == 422 and "This is unusual" in html and 'value="42"' in html
    assert 'value="71"' not in html
    assert sure.status_code == 200
    assert Observation.objects.count() == 2


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({}, "at least one number"),
        ({"upper": "120"}, "belong together"),
        ({"upper": "80", "lower": "120"}, "smaller than the upper"),
        ({"oxygen": "130"}, "it must lie between 30% and 100%"),
    ],
)
def test_impossible_measurements_are_refused(practitioner_client, draft, numbers, message):
    posted = {f"vitals-{name}": value for name, value in numbers.items()}

    answer = practitioner_client.post(at("note_vitals", draft), posted, headers=HTMX)

    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert not Observation.objects.exists()


def test_follow_up_is_asked_for_and_withdrawn_in_place(practitioner_client, draft, visit):
    path = at("follow_up_add", draft)
    asked = {"next-visit_type": str(visit.visit_type_id), "next-weeks": "4", "next-note": "Again"}

    piece = practitioner_client.post(path, asked, headers=HTMX).content.decode()
    withdraw = at("follow_up_withdraw", draft, FollowUp.objects.get().pk)
    gone = practitioner_client.post(withdraw, headers=HTMX).content.decode()

    assert "To be booked" in piece and "Again" in piece
    assert "To be booked" not in gone
    assert practitioner_client.post(path, asked).url == at("note_detail", draft)


def test_follow_up_of_another_kind_is_refused(practitioner_client, draft, visit, monkeypatch):
    path = at("follow_up_add", draft)
    other = VisitTypeFactory(slug="operation", name="Operation")

    unknown = practitioner_client.post(
        path, {"next-visit_type": str(other.pk), "next-weeks": "4"}, headers=HTMX
    )
    monkeypatch.setattr("clinic.records.services.follow_ups._offers", lambda *_: False)
    ended = practitioner_client.post(
        path, {"next-visit_type": str(visit.visit_type_id), "next-weeks": "4"}, headers=HTMX
    )

    assert (unknown.status_code, ended.status_code) == (422, 422)
    assert "does not offer this kind" in ended.content.decode()
    assert not FollowUp.objects.exists()


def test_signing_shows_the_note_locks_it_and_finishes_the_visit(
    practitioner_client, draft, visit, patient, practitioner
):
    FollowUpFactory(patient=patient, practitioner=practitioner, encounter=draft.encounter)
    path = at("note_sign", draft)

    shown = practitioner_client.get(path).content.decode()
    signed = practitioner_client.post(path, {"version": "1", "release": "at-once", "finish": "on"})

    assert "Rest and tea" in shown and "1 follow-up asked for" in shown
    assert signed.url == at("note_detail", draft)
    assert ClinicalNote.objects.get().status == NoteStatus.FINAL
    visit.refresh_from_db()
    assert visit.status == "fulfilled"
    assert practitioner_client.get(at("note_edit", draft)).status_code == 404


def test_signature_stands_when_the_visit_cannot_be_finished(practitioner_client, draft, visit):
    Appointment.objects.update(status="fulfilled")

    answer = practitioner_client.post(
        at("note_sign", draft), {"version": "1", "release": "after-review", "finish": "on"}
    )

    assert answer.status_code == 302
    assert ClinicalNote.objects.get().status == NoteStatus.FINAL


def test_imported_visit_has_no_appointment_to_finish(practitioner_client, patient, visit):
    note = NoteFactory(patient=patient, author=visit.practitioner)

    practitioner_client.post(
        at("note_sign", note), {"version": "1", "release": "at-once", "finish": "on"}
    )

    visit.refresh_from_db()
    assert visit.status == "checked-in"


def test_note_that_cannot_be_signed_says_why(practitioner_client, draft):
    path, signature = at("note_sign", draft), {"version": "1", "release": "at-once"}

    odd = practitioner_client.post(path, {"version": "1", "release": "never"})
    practitioner_client.post(at("note_save", draft), typed(plan=" "))
    changed = practitioner_client.post(path, signature)
    empty = practitioner_client.post(path, signature | {"version": "2"})
    practitioner_client.post(at("note_save", draft), typed(version=2, plan="Rest"))
    practitioner_client.post(at("note_save", draft), typed(tab=OTHER_TAB, plan="Tea"))
    apart = practitioner_client.post(path, signature | {"version": "3"})

    assert odd.status_code == 422
    assert "changed in another tab" in changed.content.decode()
    assert "says nothing yet" in empty.content.decode()
    assert "Compare the two first" in apart.content.decode()
    assert [one.status_code for one in (changed, empty, apart)] == [409, 409, 409]

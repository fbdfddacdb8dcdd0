"""Writing a note: nothing typed is lost, whatever the connection and other tabs do."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from clinic.audit.models import AuditEvent
from clinic.records.choices import NoteStatus, Release
from clinic.records.models import ClinicalNote, Encounter, NoteRevision
from clinic.records.permissions import NotAllowed
from clinic.records.services import encounters, note_signing, notes
from clinic.records.services.writing import ChangedMeanwhile
from tests.factories.people import viewer
from tests.factories.scheduling import AppointmentFactory

pytestmark = pytest.mark.django_db

ONE, TWO = uuid.UUID(int=1), uuid.UUID(int=2)


@pytest.fixture
def note(patient, practitioner, now) -> ClinicalNote:
    visit = AppointmentFactory(
        patient=patient, practitioner=practitioner, reason="Cough", notes="Worse at night"
    )
    by = viewer(practitioner)
    encounter = encounters.open_encounter(by=by, appointment_id=visit.pk, now=now)
    return notes.start_note(by=by, patient_id=patient.pk, encounter_id=encounter.pk, now=now)


def save(note: ClinicalNote, *, tab=ONE, base=1, by=None, now, **texts: str) -> notes.Saved:
    draft = notes.Draft(texts=texts, base_version=base, tab=tab, template_slug="general")
    by = by or viewer(note.author)
    return notes.save_note(by=by, patient_id=note.patient_id, note_id=note.pk, draft=draft, now=now)


def test_note_begins_with_what_the_patient_said(note):
    found = ClinicalNote.objects.get()

    assert found.sections == {"subjective": "Cough\nWorse at night"}
    assert (found.status, found.version, found.template_slug) == ("preliminary", 1, "follow-up")


def test_starting_twice_returns_the_same_note(note, practitioner, now):
    again = notes.start_note(
        by=viewer(practitioner),
        patient_id=note.patient_id,
        encounter_id=note.encounter_id,
        now=now,
    )

    assert again == note
    assert AuditEvent.objects.filter(action="note.started").count() == 1


def test_visit_that_was_not_booked_here_has_a_note_without_a_reason(
    patient, note, practitioner, now
):
    imported = Encounter.objects.create(
        patient=patient, source="import", starts_at=now, recorded_at=now
    )

    begun = notes.start_note(
        by=viewer(practitioner), patient_id=patient.pk, encounter_id=imported.pk, now=now
    )

    assert (begun.sections, begun.template_slug) == ({}, "general")


def test_another_doctor_cannot_write_a_begun_note(note, patient, other_practitioner, now):
    AppointmentFactory(
        patient=patient, practitioner=other_practitioner, starts_at=now + dt.timedelta(days=2)
    )
    by = viewer(other_practitioner)

    with pytest.raises(NotAllowed):
        notes.start_note(by=by, patient_id=patient.pk, encounter_id=note.encounter_id, now=now)
    with pytest.raises(NotAllowed):
        save(note, by=by, now=now, plan="Mine now")


def test_note_of_another_record_cannot_be_reached_through_this_one(
    note, other_patient, practitioner, now
):
    AppointmentFactory(
        patient=other_patient, practitioner=practitioner, starts_at=now + dt.timedelta(days=2)
    )
    by = viewer(practitioner)

    with pytest.raises(NotAllowed):
        notes.discard_note(by=by, patient_id=other_patient.pk, note_id=note.pk, now=now)
    with pytest.raises(NotAllowed):
        notes.start_note(
            by=by, patient_id=other_patient.pk, encounter_id=note.encounter_id, now=now
        )


def test_patient_cannot_write_into_a_note(note, patient, now):
    with pytest.raises(NotAllowed):
        save(note, by=viewer(patient), now=now, plan="Rest")


def test_saving_raises_the_version_and_names_the_sections(note, now):
    saved = save(
        note, now=now, subjective="Cough\nWorse at night", plan="Rest", instructions="Rest"
    )

    assert saved == notes.Saved(version=2, at=now)
    found = ClinicalNote.objects.get()
    assert notes.texts_of(found) == {
        "subjective": "Cough\nWorse at night",
        "objective": "",
        "assessment": "",
        "plan": "Rest",
        "instructions": "Rest",
    }
    [event] = AuditEvent.objects.filter(action="note.saved")
    assert "instructions" in event.detail
    assert "Rest" not in event.detail


def test_saving_what_is_saved_already_writes_nothing(note, now):
    save(note, now=now, plan="Rest")

    saved = save(note, tab=TWO, base=1, now=now, plan="Rest")

    assert saved == notes.Saved(version=2, at=now)
    assert not NoteRevision.objects.exists()


def test_lost_answer_is_no_conflict_for_the_tab_that_saved_last(note, now):
    save(note, base=1, now=now, plan="Re")

    saved = save(note, base=1, now=now, plan="Rest")

    assert saved == notes.Saved(version=3, at=now)
    assert ClinicalNote.objects.get().sections["plan"] == "Rest"


def test_second_tab_keeps_its_text_beside_the_note(note, now):
    save(note, tab=ONE, base=1, now=now, plan="Rest")

    saved = save(note, tab=TWO, base=1, now=now, plan="Antibiotic")

    assert (saved.version, saved.apart) == (2, True)
    assert ClinicalNote.objects.get().sections["plan"] == "Rest"
    revision = NoteRevision.objects.get()
    assert (revision.tab, revision.base_version) == (TWO, 1)
    assert revision.sections["plan"] == "Antibiotic"


def test_second_tab_goes_on_with_its_own_row(note, now):
    save(note, tab=ONE, base=1, now=now, plan="Rest")
    save(note, tab=TWO, base=1, now=now, plan="Anti")

    save(note, tab=TWO, base=1, now=now, plan="Antibiotic")

    assert NoteRevision.objects.get().sections["plan"] == "Antibiotic"


def test_settling_puts_both_together_as_chosen(note, practitioner, now):
    save(note, tab=ONE, base=1, now=now, plan="Rest", assessment="Cold")
    save(note, tab=TWO, base=1, now=now, plan="Antibiotic", assessment="Pneumonia")
    revision = NoteRevision.objects.get()

    notes.settle_revision(
        by=viewer(practitioner),
        patient_id=note.patient_id,
        revision_id=revision.pk,
        choices={"assessment": "other", "plan": "both"},
        version=2,
        now=now,
    )

    found = ClinicalNote.objects.get()
    assert found.sections == {"assessment": "Pneumonia", "plan": "Rest\n\nAntibiotic"}
    kept = NoteRevision.objects.filter(settled_at=now)
    assert sorted(one.sections["plan"] for one in kept) == ["Antibiotic", "Rest"]
    assert save(note, tab=ONE, base=2, now=now, plan="Rest more").apart


def test_settling_is_refused_when_the_note_has_gone_on(note, practitioner, now):
    save(note, tab=ONE, base=1, now=now, plan="Rest")
    save(note, tab=TWO, base=1, now=now, plan="Antibiotic")
    save(note, tab=ONE, base=2, now=now, plan="Rest and tea")
    settled = {
        "by": viewer(practitioner),
        "patient_id": note.patient_id,
        "revision_id": NoteRevision.objects.get().pk,
        "choices": {},
        "now": now,
    }

    with pytest.raises(ChangedMeanwhile):
        notes.settle_revision(**settled, version=2)
    notes.settle_revision(**settled, version=3)
    with pytest.raises(NotAllowed):
        notes.settle_revision(**settled, version=4)


def test_text_typed_after_signing_in_another_tab_is_kept(note, practitioner, now):
    save(note, now=now, plan="Rest")
    note_signing.sign_note(
        by=viewer(practitioner),
        patient_id=note.patient_id,
        note_id=note.pk,
        version=2,
        release=Release.AT_ONCE,
        now=now,
    )

    saved = save(note, tab=ONE, base=2, now=now, plan="Rest, and call on Friday")

    assert saved.apart
    assert ClinicalNote.objects.get().sections == {"plan": "Rest"}
    with pytest.raises(NotAllowed):
        notes.settle_revision(
            by=viewer(practitioner),
            patient_id=note.patient_id,
            revision_id=NoteRevision.objects.get().pk,
            choices={},
            version=2,
            now=now,
        )


def test_draft_is_set_aside_and_taken_up_again(note, practitioner, now):
    who = {"by": viewer(practitioner), "patient_id": note.patient_id, "note_id": note.pk}

    aside = notes.discard_note(**who, now=now)
    assert aside.status == NoteStatus.ENTERED_IN_ERROR
    back = notes.restore_note(**who, now=now)

    assert back.status == NoteStatus.PRELIMINARY
    with pytest.raises(NotAllowed):
        notes.restore_note(**who, now=now)


def test_withdrawn_signed_note_does_not_become_a_draft(note, practitioner, now):
    who = {"by": viewer(practitioner), "patient_id": note.patient_id, "note_id": note.pk}
    note_signing.sign_note(**who, version=1, release=Release.AFTER_REVIEW, now=now)
    notes.discard_note(**who, now=now)

    with pytest.raises(NotAllowed):
        notes.restore_note(**who, now=now)

"""A signed note is locked; what comes later is an addition; the patient reads what is released."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from clinic.audit.models import AuditEvent
from clinic.records.choices import NoteStatus, Release
from clinic.records.models import ClinicalNote, NoteAddendum, NoteRevision
from clinic.records.permissions import NotAllowed
from clinic.records.services import encounters, note_signing, notes
from clinic.records.services.writing import ChangedMeanwhile
from tests.factories.people import viewer
from tests.factories.scheduling import AppointmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def note(patient, practitioner, now) -> ClinicalNote:
    visit = AppointmentFactory(patient=patient, practitioner=practitioner, reason="Cough")
    by = viewer(practitioner)
    encounter = encounters.open_encounter(by=by, appointment_id=visit.pk, now=now)
    return notes.start_note(by=by, patient_id=patient.pk, encounter_id=encounter.pk, now=now)


def sign(note, now, *, version=1, release=Release.AT_ONCE) -> ClinicalNote:
    return note_signing.sign_note(
        by=viewer(note.author),
        patient_id=note.patient_id,
        note_id=note.pk,
        version=version,
        release=release,
        now=now,
    )


def of(note, now) -> dict[str, object]:
    return {
        "by": viewer(note.author),
        "patient_id": note.patient_id,
        "note_id": note.pk,
        "now": now,
    }


@pytest.mark.parametrize("release", Release)
def test_signing_locks_and_releases_as_chosen(note, now, release):
    sign(note, now, release=release)

    found = ClinicalNote.objects.get()
    assert (found.status, found.signed_at, found.signed_by) == ("final", now, note.author.user)
    assert found.released_at == (now if release == Release.AT_ONCE else None)
    assert AuditEvent.objects.filter(action="note.signed", object_id=note.pk).count() == 1


def test_note_is_signed_at_the_version_that_was_read(note, now):
    with pytest.raises(ChangedMeanwhile):
        sign(note, now, version=7)


def test_signed_note_is_not_signed_again(note, now):
    sign(note, now)

    with pytest.raises(NotAllowed):
        sign(note, now)


def test_note_without_words_is_not_signed(note, now):
    draft = notes.Draft(
        texts={"instructions": "Rest", "plan": " \n"}, base_version=1, tab=uuid.uuid4()
    )
    notes.save_note(**of(note, now), draft=draft)

    with pytest.raises(note_signing.NothingToSign):
        sign(note, now, version=2)


def test_note_is_not_signed_while_another_tab_holds_text(note, now):
    for tab, text in ((uuid.uuid4(), "Rest"), (uuid.uuid4(), "Tea")):
        draft = notes.Draft(texts={"plan": text}, base_version=1, tab=tab)
        notes.save_note(**of(note, now), draft=draft)

    with pytest.raises(note_signing.UnsettledText):
        sign(note, now, version=2)


def test_releasing_later_is_said_once(note, now):
    sign(note, now, release=Release.AFTER_REVIEW)
    later = now + dt.timedelta(days=1)

    note_signing.release_note(**of(note, later))
    note_signing.release_note(**of(note, later + dt.timedelta(days=1)))

    assert ClinicalNote.objects.get().released_at == later
    assert AuditEvent.objects.filter(action="note.released").count() == 1


def test_draft_is_not_released(note, now):
    with pytest.raises(NotAllowed):
        note_signing.release_note(**of(note, now))


def test_addition_is_signed_and_marks_the_note(note, now):
    sign(note, now)

    addendum = note_signing.add_addendum(**of(note, now), text="X-ray normal.")

    found = NoteAddendum.objects.get()
    assert (found, found.text, found.author) == (addendum, "X-ray normal.", note.author)
    assert ClinicalNote.objects.get().status == NoteStatus.AMENDED


def test_addition_needs_words_and_a_doctor(note, patient, now):
    sign(note, now)

    with pytest.raises(note_signing.NothingToAdd):
        note_signing.add_addendum(**of(note, now), text=" \n")
    with pytest.raises(NotAllowed):
        note_signing.add_addendum(**of(note, now) | {"by": viewer(patient)}, text="Wrong")

    assert not NoteAddendum.objects.exists()


@pytest.fixture
def late_text(note, now) -> NoteRevision:
    """What a second tab held when the first one had signed."""
    sign(note, now)
    draft = notes.Draft(texts={"plan": "Call on Friday"}, base_version=1, tab=uuid.uuid4())
    notes.save_note(**of(note, now), draft=draft)
    return NoteRevision.objects.get()


def test_text_typed_after_signing_becomes_an_addition(note, late_text, now):
    note_signing.add_addendum(**of(note, now), text="Call on Friday", revision_id=late_text.pk)

    late_text.refresh_from_db()
    assert late_text.settled_at == now


def test_text_typed_after_signing_is_left_out(note, late_text, now):
    note_signing.leave_out(**of(note, now), revision_id=late_text.pk)

    late_text.refresh_from_db()
    assert late_text.settled_at == now
    assert not NoteAddendum.objects.exists()


def test_kept_text_of_one_author_is_settled_by_nobody_else(
    note, late_text, patient, other_practitioner, now
):
    AppointmentFactory(
        patient=patient, practitioner=other_practitioner, starts_at=now + dt.timedelta(days=2)
    )
    by = viewer(other_practitioner)

    with pytest.raises(NotAllowed):
        note_signing.add_addendum(
            **of(note, now) | {"by": by}, text="Mine", revision_id=late_text.pk
        )

    assert not NoteAddendum.objects.exists()

"""The database itself refuses to change what was signed."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from clinic.records.models import ClinicalNote, NoteAddendum
from tests.factories.records import NoteFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def note(patient, practitioner) -> ClinicalNote:
    return NoteFactory(patient=patient, author=practitioner, signed=True)


@pytest.fixture
def addendum(note, now) -> NoteAddendum:
    return NoteAddendum.objects.create(
        patient_id=note.patient_id,
        note=note,
        author=note.author,
        text="The X-ray is normal.",
        signed_at=now,
    )


def refused(row: Any, **changed: object) -> bool:
    """Say whether the database refuses to save these columns."""
    for name, value in changed.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save(update_fields=list(changed))
    except DatabaseError as error:
        return "is locked" in str(error)
    return False


@pytest.mark.parametrize(
    "changed",
    [
        {"sections": {"plan": "Another plan"}},
        {"sections": {}},
        {"instructions": "Do something else."},
        {"instructions": ""},
        {"version": 9},
        {"template_slug": "child"},
        {"signed_at": None, "status": "preliminary", "released_at": None},
        {"status": "preliminary"},
    ],
    ids=str,
)
def test_signed_note_keeps_its_words(note, changed):
    assert refused(note, **changed)


def test_note_of_another_visit_or_author_is_not_made_of_it(note, other_practitioner):
    assert refused(note, author=other_practitioner)
    note.refresh_from_db()
    assert refused(note, encounter=NoteFactory(patient=note.patient).encounter)


def test_release_and_withdrawal_go_on_after_signing(note, now):
    assert not refused(note, released_at=now, release="after-review")
    assert not refused(note, status="amended")
    assert not refused(note, status="entered-in-error")
    assert refused(note, status="final")


def test_signed_note_is_not_deleted(note):
    with pytest.raises(DatabaseError, match="is locked"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM records_clinicalnote WHERE id = %s", [note.pk])


def test_draft_is_written_as_often_as_one_likes(patient, practitioner):
    draft = NoteFactory(patient=patient, author=practitioner)

    assert not refused(draft, sections={"plan": "Tea"}, instructions="", version=2)


@pytest.mark.parametrize("statement", ["UPDATE {} SET text = NULL", "DELETE FROM {}"])
def test_addition_is_never_changed(addendum, statement):
    sql = statement.format(NoteAddendum._meta.db_table)

    with pytest.raises(DatabaseError, match="is locked"), connection.cursor() as cursor:
        cursor.execute(sql)


def test_new_data_key_seals_signed_words_anew(note, addendum):
    call_command("reseal", scope="patient", owner=note.patient_id, stdout=io.StringIO())

    assert ClinicalNote.objects.get().sections == note.sections
    assert NoteAddendum.objects.get().text == "The X-ray is normal."

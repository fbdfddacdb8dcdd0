"""Notes and visits as other parts read them."""

from __future__ import annotations

import datetime as dt

import pytest

from clinic.people.viewer import SYSTEM
from clinic.records.permissions import NotAllowed, check_may_open
from clinic.records.selectors import notes
from tests.factories.people import viewer
from tests.factories.records import EncounterFactory, NoteFactory

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def access(patient, now):
    return check_may_open(viewer=viewer(patient), patient_id=patient.pk, now=now)


@pytest.fixture
def opened(patient, doctor, now):
    return check_may_open(viewer=doctor, patient_id=patient.pk, now=now)


def written(patient, practitioner, at, **traits):
    visit = EncounterFactory(patient=patient, practitioner=practitioner, starts_at=at)
    return NoteFactory(patient=patient, author=practitioner, encounter=visit, **traits)


def test_recent_notes_are_the_newest_signed_ones(
    patient, practitioner, opened, access, now, django_assert_num_queries
):
    signed = [written(patient, practitioner, now - DAY * days, signed=True) for days in (9, 5, 7)]
    held_back = written(patient, practitioner, now - DAY, held_back=True)
    written(patient, practitioner, now)

    with django_assert_num_queries(1):
        found = notes.recent_notes(access=opened)
        assert found[0].encounter.starts_at and found[0].author.full_name

    assert found == [held_back, signed[1], signed[2]]
    assert notes.recent_notes(access=access, limit=2) == [signed[1], signed[2]]


def test_encounters_know_the_note_that_the_viewer_may_read(
    patient, practitioner, opened, access, now, django_assert_num_queries
):
    draft = written(patient, practitioner, now - DAY)
    signed = written(patient, practitioner, now - 2 * DAY, signed=True)
    EncounterFactory(patient=patient, starts_at=now - 3 * DAY, status="cancelled")

    with django_assert_num_queries(2):
        found = notes.encounters(access=opened)
        seen = [one.seen_note for one in found]

    assert seen == [draft, signed]
    assert [one.seen_note for one in notes.encounters(access=access)] == [None, signed]


def test_visits_by_name_are_of_this_record_only(patient, opened, now):
    own, other = EncounterFactory(patient=patient), EncounterFactory()

    assert notes.encounters_with_notes(access=opened, ids=[own.pk, other.pk]) == [own]


def test_the_system_sees_every_note_and_owns_none(patient, practitioner, now):
    draft = written(patient, practitioner, now)
    system = check_may_open(viewer=SYSTEM, patient_id=patient.pk, now=now)

    assert notes.note_for(access=system, note_id=draft.pk) == draft
    with pytest.raises(NotAllowed):
        notes.draft_for(access=system, note_id=draft.pk)

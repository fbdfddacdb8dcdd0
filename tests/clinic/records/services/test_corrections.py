"""A patient says what is wrong, a doctor of theirs answers, and both stay on file."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection

from clinic.people.choices import ProxyScope
from clinic.people.permissions import NotAllowed
from clinic.records.choices import CorrectionStatus
from clinic.records.models import CorrectionRequest
from clinic.records.permissions import check_may_open
from clinic.records.selectors.corrections import corrections, open_corrections
from clinic.records.services.corrections import Entry, answer_correction, file_correction
from clinic.records.services.writing import ChangedMeanwhile
from tests.factories.people import ProxyGrantFactory, acting_for, viewer
from tests.factories.records import ConditionFactory, NoteFactory

pytestmark = pytest.mark.django_db


def file(by, patient, now, about=None):
    return file_correction(
        by=by, patient_id=patient.pk, about=about, text="It was the left ear", now=now
    )


def answer(by, row, now, outcome=CorrectionStatus.ACCEPTED):
    return answer_correction(
        by=by,
        patient_id=row.patient_id,
        correction_id=row.pk,
        outcome=outcome,
        answer="Now it says left",
        now=now,
    )


def test_request_and_answer_are_sealed_and_on_the_trail(patient, own, doctor, now, trail):
    entry = ConditionFactory(patient=patient)

    row = file(own, patient, now, Entry("condition", entry.pk))
    answer(doctor, row, now)

    assert trail()[-2:] == ["correction.filed", "correction.accepted"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, answer FROM records_correctionrequest")
        [stored] = cursor.fetchall()
    assert b"left" not in bytes(stored[0]) + bytes(stored[1])
    row.refresh_from_db()
    assert (row.status, row.answer) == (CorrectionStatus.ACCEPTED, "Now it says left")


def test_both_see_it_with_what_it_is_about(patient, own, doctor, now):
    entry = ConditionFactory(patient=patient, text="Otitis")
    file(own, patient, now)
    answered = file(own, patient, now, Entry("condition", entry.pk))
    answer(doctor, answered, now, CorrectionStatus.DECLINED)

    for by in (own, doctor):
        opened = check_may_open(viewer=by, patient_id=patient.pk, now=now)
        first, second = corrections(access=opened)
        assert (first.row.status, first.target) == (CorrectionStatus.OPEN, None)
        assert second.target == entry
        assert open_corrections(access=opened) == 1


def test_entry_of_somebody_else_is_no_target(patient, other_patient, own, now):
    foreign = ConditionFactory(patient=other_patient)
    draft = NoteFactory(patient=patient)

    for about in (
        Entry("condition", foreign.pk),
        Entry("note", draft.pk),
        Entry("unheard-of", foreign.pk),
    ):
        with pytest.raises(NotAllowed):
            file(own, patient, now, about)
    assert not CorrectionRequest.objects.exists()


def test_released_note_can_be_wrong(patient, own, now):
    note = NoteFactory(patient=patient, signed=True)

    assert file(own, patient, now, Entry("note", note.pk)).target_id == note.pk


def test_only_the_patients_side_files_and_only_a_doctor_answers(patient, own, doctor, now):
    row = file(own, patient, now)

    with pytest.raises(NotAllowed):
        file(doctor, patient, now)
    with pytest.raises(NotAllowed):
        answer(own, row, now)


def test_strangers_do_neither(patient, other_patient, outsider, other_practitioner, own, now):
    row = file(own, patient, now)

    for person in (other_patient, outsider, other_practitioner):
        with pytest.raises(NotAllowed):
            file(viewer(person), patient, now)
        with pytest.raises(NotAllowed):
            answer(viewer(person), row, now)


def test_carer_who_only_reads_does_not_file(patient, other_patient, now):
    grant = ProxyGrantFactory(
        patient=patient, user=other_patient.user, scopes=[ProxyScope.RECORD_READ]
    )

    with pytest.raises(NotAllowed):
        file(acting_for(grant, now=now), patient, now)


def test_one_answer_is_given_once(patient, own, doctor, now):
    row = file(own, patient, now)
    answer(doctor, row, now)

    with pytest.raises(ChangedMeanwhile):
        answer(doctor, row, now)
    row.pk = uuid.UUID(int=4)
    with pytest.raises(NotAllowed):
        answer(doctor, row, now)

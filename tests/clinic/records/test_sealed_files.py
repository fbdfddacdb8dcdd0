"""A patient's new key reaches the documents; the old one goes without taking a file with it."""

from __future__ import annotations

import datetime as dt

import pytest

from clinic.crypto import places, resealing, storage
from clinic.records.choices import DocumentCategory
from clinic.records.services.documents import (
    About,
    add_document,
    place_of,
    preview_place_of,
    remove_document,
)
from clinic.records.uploads.checking import Checked

pytestmark = pytest.mark.django_db


def add(own, patient, now, *, preview=b""):
    file = Checked(b"a letter" * 9000, "application/pdf", 2, preview)
    return add_document(
        by=own,
        patient_id=patient.pk,
        file=file,
        file_name="letter.pdf",
        about=About("Letter", DocumentCategory.LETTER),
        now=now,
    )


def sealed_for(patient, row):
    ids = {"document_id": row.pk, "patient_id": patient.pk}
    return place_of(**ids), preview_place_of(**ids)


def test_documents_previews_and_removed_ones_are_named(patient, other_patient, own, now):
    plain, pictured = add(own, patient, now), add(own, patient, now, preview=b"small")
    remove_document(by=own, patient_id=patient.pk, document_id=plain.pk, now=now)

    found = list(places.files("patient", patient.pk))

    document, _ = sealed_for(patient, plain)
    assert found == [document, *sealed_for(patient, pictured)]
    assert list(places.files("patient", other_patient.pk)) == []
    assert list(places.files("clinic", None)) == []


def test_a_document_opens_after_its_first_key_is_destroyed(patient, own, now):
    row = add(own, patient, now, preview=b"small")
    run = resealing.begin(scope="patient", owner=patient.pk)

    refused = list(resealing.reseal(run, progress=lambda what, done, whole: None))
    gone = resealing.destroy_older(run, now=run.destroys_from + dt.timedelta(seconds=1))

    assert (refused, gone) == ([], True)
    document, preview = sealed_for(patient, row)
    assert b"".join(storage.Content(document)) == b"a letter" * 9000
    assert b"".join(storage.Content(preview)) == b"small"

"""Who steals the database, the files, the cache or the logs reads nothing of a record."""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path

import pytest
from django.conf import settings

from clinic.records.models import ImportedResource, NoteRevision
from tests.clinic.fhir import rich
from tests.conftest import NOW
from tests.factories.people import PatientFactory, viewer
from tests.factories.records import EmergencyAccessFactory, NoteFactory
from tests.factories.scheduling import AppointmentFactory
from tests.security import canaries

pytestmark = pytest.mark.django_db

PHONE = "+49305550177"


@pytest.fixture
def visit(patient, practitioner, clock):
    patient.phone = PHONE
    patient.save(update_fields=["phone"])
    return AppointmentFactory(
        patient=patient,
        practitioner=practitioner,
        reason=canaries.SECRET,
        starts_at=NOW - dt.timedelta(minutes=10),
    )


def test_nothing_typed_into_a_record_lies_anywhere_in_clear(
    visit, patient, practitioner, other_practitioner, caplog, tmp_path, monkeypatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    store = Path(settings.FILE_STORE)

    with caplog.at_level(logging.DEBUG):
        canaries.write_through_services(
            patient_id=patient.pk,
            own=viewer(patient),
            doctor=viewer(practitioner),
            appointment_id=visit.pk,
            now=NOW,
        )
        canaries.break_glass(patient_id=patient.pk, by=viewer(other_practitioner), now=NOW)

    stored = canaries.dump().encode()
    assert b"fenwick" in stored, "the dump holds the rows; names are documented as clear"
    assert any(store.rglob("*")), "the file is in the store"
    places = {
        "database": [stored],
        "file store": canaries.files(store),
        "temporary files": canaries.files(tmp_path),
        "Valkey": canaries.valkey(),
        "logs": [record.getMessage().encode() for record in caplog.records],
    }
    for place, contents in places.items():
        for content in contents:
            for form in (*canaries.as_stored(canaries.SECRET), *canaries.as_stored(PHONE)):
                assert form not in content.lower(), place


def test_every_sealed_column_keeps_its_secret(patient, practitioner, clock):
    """A column that is new and forgotten in the services above is found here."""
    rich.fill(patient, practitioner)
    rich.keep_imported(patient, resourceType="CarePlan", id="1")
    EmergencyAccessFactory(patient=patient)
    NoteRevision(
        patient=patient,
        note=NoteFactory(patient=patient, author=practitioner),
        tab=patient.pk,
        base_version=1,
        saved_at=NOW,
    ).save()

    written = canaries.write_into_every_column("canaryeverywhere")

    assert canaries.sealed_columns() - written == {"records_noteaddendum.text"}  # locked, see above
    stored = canaries.dump()
    assert "canaryeverywhere" not in stored
    assert b"canaryeverywhere".hex() not in stored


def test_length_of_a_short_code_says_nothing(patient):
    """A padded column is as long for "mild" as for "severe", with a coat of 32 bytes."""
    other = PatientFactory()
    rows = [
        rich.ConditionFactory(patient=patient, severity="mild"),
        rich.ConditionFactory(patient=other, severity="severe"),
    ]

    sizes = {
        len(type(row).objects.values_list("severity", flat=True).get(pk=row.pk).blob)
        for row in rows
    }

    assert len(sizes) == 1
    assert ImportedResource.objects.count() == 0

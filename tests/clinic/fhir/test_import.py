"""A bundle becomes a record: once, whole, and nothing without being counted."""

from __future__ import annotations

import datetime as dt
import json
import tarfile
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from clinic.audit.models import AuditEvent
from clinic.fhir.importing.elements import NotReadable
from clinic.fhir.importing.loading import import_bundle
from clinic.people.models import Patient
from clinic.records import models
from clinic.records.choices import Source
from clinic.records.dosage_choices import Frequency
from tests.clinic.fhir.bundles import (
    about,
    bundle,
    concept,
    encounter,
    observation,
    person,
)

pytestmark = pytest.mark.django_db

ARCHIVE = Path(__file__).parents[4] / "shared/data/fhir/synthea_r4_patients.tar.xz"


@pytest.fixture
def load(now):
    return lambda *resources: import_bundle(bundle=bundle(person(), *resources), now=now)


def test_patient_comes_in_sealed_and_without_an_account(load):
    load()

    patient = Patient.objects.get()
    assert (patient.full_name, patient.birth_date) == ("Ines M. Quell", dt.date(1961, 2, 28))
    assert (patient.phone, patient.address) == ("+49 30 1234567", "Lindenweg 4, 10115 Berlin")
    assert (patient.user_id, patient.reminders_by_email) == (None, False)


def test_every_kind_of_entry_comes_in(load):
    report = load(
        encounter(),
        about("Condition", "c1", code=concept("Asthma"), onsetDateTime="1999", severity={}),
        about("AllergyIntolerance", "a1", code=concept("Latex"), category=["environment"]),
        about("Procedure", "p1", code=concept("Suture"), performedDateTime="2001-05"),
        about("Immunization", "i1", vaccineCode=concept("Flu"), occurrenceDateTime="2020-10-02"),
        about(
            "FamilyMemberHistory",
            "f1",
            relationship=concept("Mother"),
            condition=[{"code": concept("Diabetes")}],
        ),
        observation(),
    )

    assert report.written == report.read
    assert models.Condition.objects.get().label == "Asthma"
    assert models.AllergyIntolerance.objects.get().category == "environment"
    assert models.Procedure.objects.get().performed_date == dt.date(2001, 5, 1)
    assert models.Immunization.objects.get().occurrence_date == dt.date(2020, 10, 2)
    assert models.FamilyMemberHistory.objects.get().relationship == "Mother"
    row = models.Encounter.objects.get()
    assert (row.reason, row.kind["text"], row.source) == ("Cough", "Check-up", Source.IMPORT)
    assert row.starts_at == dt.datetime(1999, 3, 28, 7, tzinfo=dt.UTC)
    assert models.Condition.objects.get().encounter_id == row.pk


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ({"valueQuantity": {"value": 80.5, "code": "kg"}}, {"number": "80.5", "unit": "kg"}),
        ({"valueString": "clear"}, {"text": "clear"}),
        ({"valueCodeableConcept": {"text": "Never smoker"}}, {"coded": {"text": "Never smoker"}}),
        (
            {
                "component": [
                    {
                        "code": concept("Systolic", "8480-6"),
                        "valueQuantity": {"value": 128, "code": "mm[Hg]"},
                    }
                ]
            },
            {"parts": {"8480-6": {"number": "128", "unit": "mm[Hg]"}}},
        ),
    ],
)
def test_observation_keeps_its_value(load, value, stored):
    load(encounter(), observation(**value))

    assert models.Observation.objects.get().value == stored


def test_prescription_becomes_an_order_and_a_medicine_taken(load):
    load(
        encounter(),
        about(
            "MedicationRequest",
            "m1",
            status="active",
            intent="order",
            authoredOn="2020-01-02T10:00:00Z",
            medicationCodeableConcept=concept("Ramipril 5 MG Oral Tablet"),
            requester={"display": "Dr. Llorente"},
            reasonReference=[{"display": "Hypertension"}, {"display": "Hypertension"}],
            dosageInstruction=[
                {
                    "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
                    "doseAndRate": [{"doseQuantity": {"value": 1}}],
                    "additionalInstruction": [{"text": "Take with water."}],
                }
            ],
        ),
    )

    taken = models.MedicationStatement.objects.get()
    assert taken.dosage == {"amount": "1", "frequency": Frequency.TWICE, "text": "Take with water."}
    assert (taken.reason, taken.prescriber_text) == ("Hypertension", "Dr. Llorente")
    assert taken.request == models.MedicationRequest.objects.get()


@pytest.mark.parametrize(
    ("repeat", "stored"),
    [
        (
            {"frequency": 1, "period": 8, "periodUnit": "h"},
            {"frequency": Frequency.EVERY_HOURS, "hours": 8},
        ),
        (
            {"frequency": 1, "period": 1, "periodUnit": "wk"},
            {"frequency": Frequency.EVERY_HOURS, "hours": 168},
        ),
        (
            {"frequency": 5, "period": 1, "periodUnit": "d"},
            {"frequency": Frequency.WORDS, "text": "5x / 1 d"},
        ),
        ({"frequency": 1, "period": 1, "periodUnit": "mo"}, {"frequency": Frequency.WORDS}),
        (
            {"frequency": 0, "period": 1, "periodUnit": "d"},
            {"frequency": Frequency.WORDS, "text": "0x / 1 d"},
        ),
    ],
)
def test_frequency_without_a_name_is_said_otherwise(load, repeat, stored):
    load(
        encounter(),
        about(
            "MedicationRequest",
            "m1",
            status="draft",
            authoredOn="2020-01-02",
            medicationCodeableConcept=concept("X"),
            dosageInstruction=[{"timing": {"repeat": repeat}}],
        ),
    )

    assert models.MedicationRequest.objects.get().dosage == stored
    assert not models.MedicationStatement.objects.exists()  # a draft is not taken


def test_what_has_no_column_is_kept_and_counted(load):
    report = load(
        encounter(hospitalization={"dischargeDisposition": concept("Home")}),
        about("CarePlan", "k1", category=[concept("Diet")], period={"start": "2020-01-01"}),
    )

    assert report.not_understood == {"Encounter.hospitalization": 1}
    assert report.kept_whole == {"CarePlan": 1}
    plan = models.ImportedResource.objects.get(resource_type="CarePlan")
    assert (plan.label, plan.content["id"]) == ("Diet", "k1")
    rest = models.ImportedResource.objects.get(resource_type="Encounter")
    assert set(rest.content) == {"hospitalization"}


def test_entry_without_what_it_needs_is_kept_whole(load):
    report = load(encounter(), about("Condition", "c1", code={}), {"resourceType": "Condition"})

    assert report.problems == {"Condition: no code": 1, "Condition: no id": 1}
    assert models.ImportedResource.objects.get().content["id"] == "c1"


def test_resource_about_somebody_else_stays_out(load):
    stray = about("Condition", "c1", code=concept("Asthma"))
    stray["subject"] = {"reference": "urn:uuid:another"}

    report = load(stray)

    assert report.problems == {"Condition: of another patient": 1}
    assert not models.Condition.objects.exists()
    assert not models.ImportedResource.objects.exists()


def test_importing_twice_changes_nothing(load):
    load(encounter(), observation())
    version = models.PatientRecord.objects.get().version
    events = AuditEvent.objects.count()

    report = load(encounter(), observation())

    assert not report.written
    assert models.PatientRecord.objects.get().version == version
    assert AuditEvent.objects.count() == events
    assert models.Observation.objects.count() == 1


def test_an_interrupted_import_goes_on_where_it_stopped(load):
    load(encounter())

    report = load(encounter(), observation())

    assert report.written == {"Observation": 1}


def test_import_is_written_into_the_trail_by_the_system(load):
    load(encounter())

    event = AuditEvent.objects.get(action="record.imported")
    assert (event.actor, event.actor_roles) == (None, "system")
    assert json.loads(event.detail)["fields"] == ["Encounter", "Patient"]


@pytest.mark.parametrize("people", [[], [person(), person(id="b")], [person(id="")]])
def test_bundle_is_of_exactly_one_patient(people, now):
    with pytest.raises(NotReadable):
        import_bundle(bundle=bundle(*people), now=now)

    assert not Patient.objects.exists()


def test_command_reports_what_it_could_not_read(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(bundle(person(), encounter())))
    (tmp_path / "b.json").write_text("{")
    (tmp_path / "c.json").write_text("[]")
    (tmp_path / "d.json").write_text(json.dumps(bundle()))
    out = StringIO()

    call_command("import_fhir", tmp_path, stdout=out)

    said = out.getvalue()
    assert "4/4 files" in said
    assert "1  bundle: 0 patients in one bundle" in said
    assert "1  file: not JSON" in said
    assert "1  file: not a FHIR bundle" in said
    assert "Quell" not in said


def test_command_reads_archives(tmp_path):
    source = tmp_path / "ines.json"
    source.write_text(json.dumps(bundle(person())))
    with tarfile.open(tmp_path / "all.tar.xz", "w:xz") as archive:
        archive.add(source, "folder/ines.json")

    call_command("import_fhir", tmp_path / "all.tar.xz", stdout=StringIO())

    assert Patient.objects.get().family_name == "Quell"


def test_command_says_what_is_no_archive(tmp_path):
    (tmp_path / "x.txt").write_text("x")

    for path in (tmp_path / "x.txt", tmp_path / "missing"):
        with pytest.raises(CommandError):
            call_command("import_fhir", path)


@pytest.mark.slow
@pytest.mark.skipif(not ARCHIVE.exists(), reason="the 108 Synthea bundles are not on this machine")
def test_the_108_bundles_come_in_to_the_last_resource(tmp_path):
    """Nothing of real bundles is dropped: a few of them, read whole."""
    found = {}
    with tarfile.open(ARCHIVE) as archive:
        for info in archive:
            if info.name.endswith(".json") and 700_000 < info.size < 1_500_000 and len(found) < 3:
                stream = archive.extractfile(info)
                found[info.name] = json.load(stream)
    read = sum(len(one["entry"]) for one in found.values())

    written = 0
    for one in found.values():
        report = import_bundle(bundle=one, now=dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC))
        assert not report.problems
        assert report.written == report.read
        written += report.written.total()

    assert written == read > 1_000

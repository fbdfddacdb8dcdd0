"""A record goes out as valid FHIR R4, whole, and comes in again as the same record."""

from __future__ import annotations

import datetime as dt
import json
import tarfile
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from clinic.fhir.exporting.bundle import to_bundle
from clinic.fhir.exporting.gathering import gather
from clinic.fhir.importing.loading import import_bundle
from clinic.people.models import Patient
from clinic.people.viewer import SYSTEM, Viewer
from clinic.records import models
from clinic.records.permissions import check_may_open
from clinic.records.services.reading import opened_record
from tests.clinic.fhir import rich
from tests.clinic.fhir.bundles import about, bundle, concept, encounter, observation, person
from tests.factories.people import viewer

pytestmark = pytest.mark.django_db

ARCHIVE = Path(__file__).parents[4] / "shared/data/fhir/synthea_r4_patients.tar.xz"
MODELS = (
    models.Encounter,
    models.Condition,
    models.AllergyIntolerance,
    models.Procedure,
    models.Immunization,
    models.FamilyMemberHistory,
    models.MedicationRequest,
    models.MedicationStatement,
    models.Observation,
)


def exported(patient_id: uuid.UUID, now: dt.datetime, *, by: Viewer = SYSTEM) -> dict[str, Any]:
    """Return the bundle of a record as it is read from the file again."""
    access = check_may_open(viewer=by, patient_id=patient_id, now=now)
    found = to_bundle(gathered=gather(access=access), now=now)
    return json.loads(json.dumps(found))


def resources(found: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [
        entry["resource"] for entry in found["entry"] if entry["resource"]["resourceType"] == kind
    ]


def check_valid(found: dict[str, Any]) -> None:
    """Let every resource be read by the published model of FHIR R4B, and the bundle as well."""
    for entry in found["entry"]:
        resource = entry["resource"]
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    get_fhir_model_class("Bundle").model_validate(found)


@pytest.fixture
def record(patient: Patient, practitioner, now) -> Patient:
    rich.fill(patient, practitioner)
    with opened_record(viewer=viewer(practitioner), patient_id=patient.pk, what="notes", now=now):
        pass
    return patient


def test_every_resource_of_a_rich_record_is_valid(record, now):
    found = exported(record.pk, now)

    check_valid(found)
    kinds = Counter(entry["resource"]["resourceType"] for entry in found["entry"])
    assert kinds == {
        "Patient": 1,
        "Practitioner": 1,
        "Appointment": 1,
        "Encounter": 3,
        "Condition": 2,
        "AllergyIntolerance": 2,
        "Procedure": 2,
        "Immunization": 2,
        "FamilyMemberHistory": 2,
        "MedicationRequest": 1,
        "MedicationStatement": 7,
        "MedicationAdministration": 1,
        "Observation": 6,
        "Composition": 1,
        "ServiceRequest": 1,
        "DocumentReference": 1,
        "Communication": 2,
        "AuditEvent": 1,
    }


def test_every_reference_of_a_record_leads_into_its_bundle(record, now):
    found = exported(record.pk, now)

    there = {entry["fullUrl"] for entry in found["entry"]}
    assert set(_references(found)) <= there
    assert len(there) == len(found["entry"])


def test_note_that_was_not_released_stays_inside(record, now):
    said = json.dumps(exported(record.pk, now))

    assert "a draft nobody may see" not in said
    assert "held back for review" not in said
    assert "X-ray was clear" in said


def test_narrative_of_a_note_holds_no_markup_of_its_own(record, now):
    [note] = resources(exported(record.pk, now), "Composition")

    assert "<p>Cough &lt;b&gt;for&lt;/b&gt; a week</p>" in note["section"][0]["text"]["div"]
    assert "<p>Rest<br/>&amp; tea</p>" in note["section"][1]["text"]["div"]


def test_nothing_known_is_stated_by_its_code(record, now):
    stated = resources(exported(record.pk, now), "AllergyIntolerance")[1]

    assert stated["code"]["coding"][0]["code"] == models.AllergyIntolerance.NO_KNOWN_ALLERGIES


def test_entry_entered_by_mistake_has_no_clinical_status(record, now):
    mistaken = resources(exported(record.pk, now), "Condition")[1]

    assert "clinicalStatus" not in mistaken
    assert mistaken["verificationStatus"]["coding"][0]["code"] == "entered-in-error"


def test_dates_are_as_exact_as_they_are_known(record, now):
    first, second = resources(exported(record.pk, now), "Condition")

    assert first["onsetDateTime"] == "1999-05"
    assert second["abatementDateTime"] == "2001"


def test_dosage_says_figures_and_words(record, now):
    said = [
        one["dosage"][0]
        for one in resources(exported(record.pk, now), "MedicationStatement")
        if "dosage" in one
    ]

    assert said[0]["timing"]["repeat"]["timeOfDay"] == ["08:00:00", "20:00:00"]
    assert said[0]["patientInstruction"] == "1 tablet in the morning and evening"
    assert said[1]["maxDosePerPeriod"]["numerator"]["value"] == 4
    assert said[2]["timing"]["repeat"] == {
        "frequency": 1,
        "period": 6,
        "periodUnit": "h",
        "when": ["AC"],
    }
    assert said[3]["timing"]["repeat"]["dayOfWeek"] == ["mon", "thu"]


def test_measurement_keeps_its_digits_and_its_unit(record, now):
    weight, pressure, *_rest = resources(exported(record.pk, now), "Observation")

    assert weight["valueQuantity"] == {
        "value": 71.4,
        "unit": "kg",
        "system": "http://unitsofmeasure.org",
        "code": "kg",
    }
    assert [part["valueQuantity"]["value"] for part in pressure["component"]] == [82, 128]


def test_record_comes_in_again_with_the_same_counts(record, now):
    before = {model: model.objects.filter(patient=record).count() for model in MODELS}
    found = exported(record.pk, now)
    moved = as_of_another_patient(found, record.pk)

    report = import_bundle(bundle=moved, now=now)

    assert not report.problems
    assert report.written == report.read
    again = Patient.objects.get(family_name=record.family_name, user=None)
    assert {model: model.objects.filter(patient=again).count() for model in MODELS} == before
    labels = {row.label for row in models.MedicationStatement.objects.filter(patient=again)}
    assert labels == {
        row.label for row in models.MedicationStatement.objects.filter(patient=record)
    }


def test_imported_bundle_goes_out_valid_and_comes_in_the_same(now):
    source = bundle(
        person(maritalStatus=concept("Married"), identifier=[{"value": "MRN 7"}]),
        encounter(hospitalization={"dischargeDisposition": concept("Home")}),
        observation(),
        about(
            "MedicationRequest",
            "m1",
            status="active",
            intent="order",
            authoredOn="2020-01-02T10:00:00Z",
            medicationCodeableConcept=concept("Ramipril"),
            insurance=[{"reference": "urn:uuid:cov1"}],
        ),
        about(
            "CarePlan",
            "k1",
            status="active",
            intent="plan",
            category=[concept("Diet")],
            period={"start": "2020-01-01"},
        ),
    )
    import_bundle(bundle=source, now=now)
    patient = Patient.objects.get()

    found = exported(patient.pk, now)

    check_valid(found)
    [visit] = resources(found, "Encounter")
    [plan] = resources(found, "CarePlan")
    [someone] = resources(found, "Patient")
    assert visit["hospitalization"] == {"dischargeDisposition": concept("Home")}
    assert plan["subject"] == {"reference": f"urn:uuid:{patient.pk}"}
    assert plan["encounter"] == {"reference": f"urn:uuid:{visit['id']}"}
    assert someone["maritalStatus"] == concept("Married")
    assert [one["value"] for one in someone["identifier"]] == [patient.record_number, "MRN 7"]
    report = import_bundle(bundle=as_of_another_patient(found, patient.pk), now=now)
    assert report.written == report.read
    assert not report.problems
    assert models.MedicationStatement.objects.count() == 2


def test_statement_without_an_order_and_a_visit_that_cannot_be_read(now):
    """What a row points at may have been kept whole: it comes in without pointing."""
    report = import_bundle(
        bundle=bundle(
            person(),
            encounter(period={}),
            about(
                "MedicationStatement",
                "s1",
                status="unheard-of",
                medicationCodeableConcept=concept("Iron"),
                effectiveDateTime="2019-04",
                note=[{"text": "With juice"}],
            ),
        ),
        now=now,
    )

    row = models.MedicationStatement.objects.get()
    assert (row.status, row.starts_precision, row.note) == ("completed", "month", "With juice")
    assert (row.encounter_id, row.request_id) == (None, None)
    assert report.problems == {"Encounter: no readable time": 1}


def test_copy_takes_few_queries(record, now, django_assert_max_num_queries):
    access = check_may_open(viewer=viewer(record), patient_id=record.pk, now=now)

    with django_assert_max_num_queries(25):
        to_bundle(gathered=gather(access=access), now=now)


@pytest.mark.slow
@pytest.mark.skipif(not ARCHIVE.exists(), reason="the 108 Synthea bundles are not on this machine")
def test_bundle_of_a_simulated_patient_goes_out_valid(now):
    with tarfile.open(ARCHIVE) as archive:
        info = next(one for one in archive if 300_000 < one.size < 900_000)
        stream = archive.extractfile(info)
        assert stream is not None
        source = json.load(stream)
    import_bundle(bundle=source, now=now)

    found = exported(Patient.objects.get().pk, now)

    check_valid(found)
    before = Counter(one["resource"]["resourceType"] for one in source["entry"])
    after = Counter(one["resource"]["resourceType"] for one in found["entry"])
    assert {kind: after[kind] for kind in before} == before


def as_of_another_patient(found: dict[str, Any], patient_id: uuid.UUID) -> dict[str, Any]:
    """Return the bundle with another id for its patient, as another clinic would have it."""
    return json.loads(json.dumps(found).replace(str(patient_id), str(uuid.UUID(int=99))))


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["reference"]] if isinstance(value.get("reference"), str) else []
        return own + [one for inner in value.values() for one in _references(inner)]
    return [one for inner in value for one in _references(inner)] if isinstance(value, list) else []

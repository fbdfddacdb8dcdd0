"""Turn FHIR resources into rows of the record: one reader for each type, named in `READERS`.

A reader returns rows that are not saved yet. Elements it has no column for are counted and kept
beside the row by `leftover`. NotReadable sends the whole resource to `ImportedResource`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from clinic.fhir.importing.bundles import ENVELOPE, PatientBundle
from clinic.fhir.importing.columns import (
    Resource,
    dated,
    entry_columns,
    required_concept,
    required_id,
    required_instant,
)
from clinic.fhir.importing.elements import (
    code,
    concept,
    first_concept,
    instant,
    items,
    mapping,
    quantity,
    text,
)
from clinic.fhir.importing.medications import read_medication_request, read_medication_statement
from clinic.records.choices import (
    ClinicalStatus,
    EncounterStatus,
    ObservationCategory,
    Relationship,
    Source,
)
from clinic.records.models import (
    AllergyIntolerance,
    Condition,
    Encounter,
    FamilyMemberHistory,
    Immunization,
    ImportedResource,
    Observation,
    Procedure,
)
from clinic.records.tokens import observation_token
from clinic.terminology.coded import Coded

BLOOD_PRESSURE = "85354-9"
# Synthea writes the panel under its older LOINC code.
_SAME_CODE = {"55284-4": BLOOD_PRESSURE}


@dataclass(frozen=True, slots=True)
class Reader:
    """How one resource type is read, and which of its elements end up in columns."""

    read: Callable[[Resource, PatientBundle], list[Model]]
    understood: frozenset[str]


def read_condition(resource: Resource, bundle: PatientBundle) -> list[Model]:
    status = code(resource.get("clinicalStatus"))
    return [
        Condition(
            **entry_columns(resource, bundle, "Condition"),
            concept=required_concept(resource.get("code")),
            clinical_status=status if status in ClinicalStatus.values else ClinicalStatus.ACTIVE,
            severity=code(resource.get("severity")),
            **dated("onset", resource.get("onsetDateTime")),
            **dated("abatement", resource.get("abatementDateTime")),
        )
    ]


def read_allergy(resource: Resource, bundle: PatientBundle) -> list[Model]:
    status = code(resource.get("clinicalStatus"))
    reaction = next(iter(items(resource.get("reaction"))), {})
    categories = resource.get("category")
    return [
        AllergyIntolerance(
            **entry_columns(resource, bundle, "AllergyIntolerance"),
            concept=required_concept(resource.get("code")),
            clinical_status=status if status in ClinicalStatus.values else ClinicalStatus.ACTIVE,
            kind=text(resource.get("type")),
            category=text(categories[0]) if isinstance(categories, list) and categories else "",
            criticality=text(resource.get("criticality")),
            reaction=first_concept(reaction.get("manifestation")).text,
            reaction_severity=text(reaction.get("severity")),
            **dated("onset", resource.get("onsetDateTime")),
        )
    ]


def read_procedure(resource: Resource, bundle: PatientBundle) -> list[Model]:
    period = mapping(resource.get("performedPeriod"))
    performed = resource.get("performedDateTime") or period.get("start")
    return [
        Procedure(
            **entry_columns(resource, bundle, "Procedure"),
            concept=required_concept(resource.get("code")),
            status=text(resource.get("status"))[:16] or "unknown",
            **dated("performed", performed),
        )
    ]


def read_immunization(resource: Resource, bundle: PatientBundle) -> list[Model]:
    return [
        Immunization(
            **entry_columns(resource, bundle, "Immunization"),
            concept=required_concept(resource.get("vaccineCode")),
            status=text(resource.get("status"))[:16] or "completed",
            lot_number=text(resource.get("lotNumber")),
            **dated("occurrence", resource.get("occurrenceDateTime")),
        )
    ]


def read_family_history(resource: Resource, bundle: PatientBundle) -> list[Model]:
    condition = next(iter(items(resource.get("condition"))), {})
    return [
        FamilyMemberHistory(
            **entry_columns(resource, bundle, "FamilyMemberHistory"),
            concept=required_concept(condition.get("code")),
            relationship=_relationship(resource.get("relationship")),
            onset_age=text(condition.get("onsetString")),
            deceased=resource.get("deceasedBoolean") is True,
        )
    ]


def _relationship(value: Any) -> str:
    """Return the code of a relative we know, the words for any other."""
    known = code(value) in Relationship.values
    return code(value) if known else required_concept(value)["text"]


def read_observation(resource: Resource, bundle: PatientBundle) -> list[Model]:
    said = required_concept(resource.get("code"))
    said["code"] = _SAME_CODE.get(said.get("code", ""), said.get("code", ""))
    category = first_concept(resource.get("category")).code
    known = category in ObservationCategory.values
    key = said["code"] or said["text"]
    return [
        Observation(
            **entry_columns(resource, bundle, "Observation"),
            concept=said,
            code_token=observation_token(patient_id=bundle.patient_id, code=key),
            category=category if known else ObservationCategory.EXAM,
            effective_at=required_instant(resource.get("effectiveDateTime")),
            status=text(resource.get("status"))[:16] or "final",
            value=_value(resource),
        )
    ]


def _value(resource: Resource) -> dict[str, Any]:
    if components := items(resource.get("component")):
        parts = {code(part.get("code")): quantity(part.get("valueQuantity")) for part in components}
        return {"parts": parts}
    if amount := quantity(resource.get("valueQuantity")):
        return amount
    if said := text(resource.get("valueString")):
        return {"text": said}
    coded = concept(resource.get("valueCodeableConcept"))
    return {"coded": coded.as_json()} if coded else {}


def read_encounter(resource: Resource, bundle: PatientBundle) -> list[Model]:
    period = mapping(resource.get("period"))
    status = text(resource.get("status"))
    return [
        Encounter(
            id=bundle.row_id("Encounter", required_id(resource)),
            patient_id=bundle.patient_id,
            source=Source.IMPORT,
            status=status if status in EncounterStatus.values else EncounterStatus.FINISHED,
            starts_at=required_instant(period.get("start")),
            ends_at=instant(period.get("end")),
            kind=_kind_of(resource).as_json(),
            reason=first_concept(resource.get("reasonCode")).text,
            participant_text=_who_and_where(resource, bundle),
            recorded_at=bundle.now,
        )
    ]


def _kind_of(resource: Resource) -> Coded:
    kind = first_concept(resource.get("type"))
    return kind or Coded(text(mapping(resource.get("class")).get("code")))


def _who_and_where(resource: Resource, bundle: PatientBundle) -> str:
    people = [bundle.name_of(p.get("individual")) for p in items(resource.get("participant"))]
    return ", ".join(filter(None, [*people, bundle.name_of(resource.get("serviceProvider"))]))


_ENTRY = frozenset(
    {"subject", "patient", "encounter", "recordedDate", "verificationStatus", "note"}
)

READERS: dict[str, Reader] = {
    "Encounter": Reader(
        read_encounter,
        frozenset({"subject", "status", "class", "type", "period"})
        | {"reasonCode", "participant", "serviceProvider"},
    ),
    "Condition": Reader(
        read_condition,
        _ENTRY | {"code", "clinicalStatus", "severity", "onsetDateTime", "abatementDateTime"},
    ),
    "AllergyIntolerance": Reader(
        read_allergy,
        _ENTRY
        | {
            "code",
            "clinicalStatus",
            "type",
            "category",
            "criticality",
            "reaction",
            "onsetDateTime",
        },
    ),
    "Procedure": Reader(
        read_procedure, _ENTRY | {"code", "status", "performedPeriod", "performedDateTime"}
    ),
    "Immunization": Reader(
        read_immunization,
        _ENTRY | {"vaccineCode", "status", "lotNumber", "occurrenceDateTime", "primarySource"},
    ),
    "FamilyMemberHistory": Reader(
        read_family_history, _ENTRY | {"relationship", "condition", "deceasedBoolean", "status"}
    ),
    "Observation": Reader(
        read_observation,
        _ENTRY
        | {"code", "category", "status", "effectiveDateTime", "issued", "component"}
        | {"valueQuantity", "valueString", "valueCodeableConcept"},
    ),
    "MedicationRequest": Reader(
        read_medication_request,
        _ENTRY
        | {"status", "intent", "medicationCodeableConcept", "authoredOn", "requester"}
        | {"dosageInstruction", "reasonReference", "reasonCode"},
    ),
    "MedicationStatement": Reader(
        read_medication_statement,
        _ENTRY
        | {"status", "statusReason", "medicationCodeableConcept", "context", "dateAsserted"}
        | {"effectivePeriod", "effectiveDateTime", "basedOn", "informationSource"}
        | {"reasonCode", "dosage"},
    ),
}


def leftover(resource: Resource, understood: frozenset[str]) -> dict[str, Any]:
    """Return the elements that found no column."""
    return {name: resource[name] for name in resource.keys() - understood - ENVELOPE}


def whole(resource: Resource, bundle: PatientBundle) -> ImportedResource:
    """Return the row that keeps a resource without a reader of its own."""
    kind = text(resource.get("resourceType"))
    said = concept(resource.get("code")) or first_concept(resource.get("category"))
    said = said or concept(resource.get("description"))
    return ImportedResource(
        id=bundle.row_id(kind, text(resource.get("id"))),
        patient_id=bundle.patient_id,
        resource_type=kind[:40],
        label=said.text,
        content=dict(resource),
        occurred_at=_occurred_at(resource),
        encounter_id=bundle.encounter_id(resource),
        recorded_at=bundle.now,
        changed_at=bundle.now,
    )


_TIMES = ("effectiveDateTime", "started", "date", "authoredOn", "occurrenceDateTime", "issued")


def _occurred_at(resource: Resource) -> dt.datetime | None:
    period = mapping(resource.get("period"))
    values = [period.get("start"), *(resource.get(name) for name in _TIMES)]
    return next((found for found in map(instant, values) if found), None)

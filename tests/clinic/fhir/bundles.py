"""A small bundle of one invented patient, in the shape that generators of FHIR R4 write."""

from __future__ import annotations

from typing import Any

PATIENT = "7a1e"


def concept(text: str, code: str = "1", system: str = "http://snomed.info/sct") -> dict[str, Any]:
    return {"text": text, "coding": [{"system": system, "code": code, "display": text}]}


def about(kind: str, source_id: str, **more: Any) -> dict[str, Any]:
    """Return a resource about the patient, during the one encounter."""
    reference = {"reference": f"urn:uuid:{PATIENT}"}
    subject = "patient" if kind in ("AllergyIntolerance", "Immunization") else "subject"
    encounter = {"reference": "urn:uuid:e1"}
    return {
        "resourceType": kind,
        "id": source_id,
        subject: reference,
        "encounter": encounter,
        **more,
    }


def person(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": PATIENT,
        "name": [{"use": "official", "given": ["Ines", "M."], "family": "Quell"}],
        "gender": "female",
        "birthDate": "1961-02-28",
        "telecom": [{"system": "phone", "value": "+49 30 1234567"}],
        "address": [{"line": ["Lindenweg 4"], "city": "Berlin", "postalCode": "10115"}],
        **more,
    }


def encounter(**more: Any) -> dict[str, Any]:
    said = about("Encounter", "e1", status="finished", type=[concept("Check-up")])
    said.pop("encounter")
    period = {"start": "1999-03-28T09:00:00+02:00", "end": "1999-03-28T09:20:00+02:00"}
    return said | {"period": period, "reasonCode": [concept("Cough")]} | more


def observation(source_id: str = "o1", **more: Any) -> dict[str, Any]:
    value = more or {"valueQuantity": {"value": 80.5, "code": "kg"}}
    return about(
        "Observation",
        source_id,
        status="final",
        category=[concept("vital-signs", "vital-signs")],
        code=concept("Body Weight", "29463-7", "http://loinc.org"),
        effectiveDateTime="2019-10-27T02:30:00+01:00",
        **value,
    )


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"resource": resource} for resource in resources],
    }

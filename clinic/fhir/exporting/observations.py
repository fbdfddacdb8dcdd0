"""Measurements and every other value, with their units."""

from __future__ import annotations

from typing import Any

from clinic.fhir.exporting.elements import (
    LOINC,
    Element,
    coded,
    concept,
    instant,
    known,
    quantity,
)
from clinic.fhir.exporting.history import head
from clinic.records.choices import Verification
from clinic.records.models import Observation

_CATEGORIES = "http://terminology.hl7.org/CodeSystem/observation-category"
_ABSENT = coded("http://terminology.hl7.org/CodeSystem/data-absent-reason", "unknown")


def observation(row: Observation) -> Element:
    """Return an Observation; a panel says each part as a component."""
    mistaken = row.verification == Verification.ENTERED_IN_ERROR
    return (
        head("Observation", row)
        | known(
            status=Verification.ENTERED_IN_ERROR.value if mistaken else row.status,
            category=[coded(_CATEGORIES, row.category)],
            code=concept(row.coded),
            effectiveDateTime=instant(row.effective_at),
            issued=instant(row.recorded_at),
        )
        | _value(row.value)
    )


def _value(value: dict[str, Any]) -> Element:
    if "parts" in value:
        return {"component": [_part(code, part) for code, part in value["parts"].items()]}
    return known(
        valueQuantity=quantity(value.get("number", ""), value.get("unit", "")),
        valueString=value.get("text"),
        valueCodeableConcept=concept(value.get("coded", {})),
    )


def _part(code: str, part: dict[str, Any]) -> Element:
    said = _value(part)
    said = said or {"dataAbsentReason": _ABSENT}
    named = coded(LOINC, code) if code else {"text": "-"}
    return {"code": named} | said

"""The columns that rows of every kind have, and elements that a row cannot be without."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from clinic.fhir.importing.bundles import PatientBundle
from clinic.fhir.importing.elements import (
    NotReadable,
    code,
    concept,
    instant,
    items,
    partial_date,
    text,
)
from clinic.records.choices import Source, Verification

Resource = Mapping[str, Any]


def entry_columns(resource: Resource, bundle: PatientBundle, kind: str) -> dict[str, Any]:
    """Return the columns that every entry of a record has."""
    recorded = (
        instant(resource.get("recordedDate")) or instant(resource.get("issued")) or bundle.now
    )
    verification = code(resource.get("verificationStatus")) or Verification.CONFIRMED
    known = verification in Verification.values
    return {
        "id": bundle.row_id(kind, required_id(resource)),
        "patient_id": bundle.patient_id,
        "encounter_id": bundle.encounter_id(resource),
        "source": Source.IMPORT,
        "verification": verification if known else Verification.UNCONFIRMED,
        "note": "\n".join(
            filter(None, (text(one.get("text")) for one in items(resource.get("note"))))
        ),
        "recorded_at": recorded,
        "changed_at": bundle.now,
    }


def _annotation(note: Resource) -> str:
    return text(note.get("text"))


def required_id(resource: Resource) -> str:
    """Return the resource's id, without which it could not be recognized again."""
    found = text(resource.get("id"))
    if not found:
        raise NotReadable("no id")
    return found


def required_concept(value: Any) -> dict[str, str]:
    """Return a CodeableConcept as it is stored; raise NotReadable for an empty one."""
    found = concept(value)
    if not found.text:
        raise NotReadable("no code")
    return found.as_json()


def required_instant(value: Any) -> dt.datetime:
    found = instant(value)
    if found is None:
        raise NotReadable("no readable time")
    return found


def dated(prefix: str, value: Any) -> dict[str, Any]:
    day, precision = partial_date(value)
    return {f"{prefix}_date": day, f"{prefix}_precision": precision}

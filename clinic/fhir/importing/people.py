"""Read a FHIR Patient into the clinic's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clinic.fhir.importing.bundles import PatientBundle
from clinic.fhir.importing.elements import items, mapping, partial_date, text
from clinic.people.choices import Sex
from clinic.people.models import Patient

UNDERSTOOD = frozenset({"name", "gender", "birthDate", "telecom", "address"})
UNKNOWN_NAME = "-"


def read_patient(bundle: PatientBundle, *, record_number: str) -> Patient:
    """Return the patient, not saved yet. Never gets an account by import."""
    source = bundle.patient
    given, family = _names(source)
    birth_date, _precision = partial_date(source.get("birthDate"))
    sex = text(source.get("gender"))
    return Patient(
        id=bundle.patient_id,
        record_number=record_number,
        given_name=given[:100] or UNKNOWN_NAME,
        family_name=family[:100] or UNKNOWN_NAME,
        birth_date=birth_date,
        sex=sex if sex in Sex.values else Sex.UNKNOWN,
        phone=_telecom(source, "phone"),
        address=_address(source),
        reminders_by_email=False,
        created_at=bundle.now,
    )


def _names(source: Mapping[str, Any]) -> tuple[str, str]:
    """Return the official name's given names and family name, else the first name's."""
    names = items(source.get("name"))
    name = next((n for n in names if n.get("use") == "official"), names[0] if names else {})
    given = name.get("given")
    words = [text(word) for word in given] if isinstance(given, list) else []
    return " ".join(filter(None, words)), text(name.get("family"))


def _telecom(source: Mapping[str, Any], system: str) -> str:
    points = (p for p in items(source.get("telecom")) if p.get("system") == system)
    return text(next(points, {}).get("value"))


def _address(source: Mapping[str, Any]) -> str:
    address = mapping(next(iter(items(source.get("address"))), {}))
    lines = address.get("line")
    parts = [text(line) for line in lines] if isinstance(lines, list) else []
    town = " ".join(filter(None, (text(address.get("postalCode")), text(address.get("city")))))
    parts += [town, text(address.get("state")), text(address.get("country"))]
    return ", ".join(filter(None, parts))

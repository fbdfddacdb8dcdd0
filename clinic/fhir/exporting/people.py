"""The patient and the doctors whom the record names."""

from __future__ import annotations

from clinic.fhir.exporting.elements import TAGS, Element, known, words
from clinic.people.models import Patient, Practitioner

_NUMBERS = f"{TAGS}:number"


def patient(row: Patient) -> Element:
    telecom = [
        known(system="phone", value=row.phone),
        known(system="email", value=row.email),
    ]
    return known(
        resourceType="Patient",
        id=str(row.pk),
        identifier=[{"system": _NUMBERS, "value": row.record_number}],
        name=[_name(row.given_name, row.family_name)],
        gender=row.sex,
        birthDate=row.birth_date.isoformat() if row.birth_date else None,
        telecom=[point for point in telecom if "value" in point],
        address=[{"text": row.address, "line": [row.address]}] if row.address else [],
        contact=_contact(row),
        communication=[{"language": {"coding": [_language(row.language)]}, "preferred": True}],
    )


def practitioner(row: Practitioner) -> Element:
    return known(
        resourceType="Practitioner",
        id=str(row.pk),
        name=[_name(row.given_name, row.family_name, row.title)],
        qualification=[{"code": words(row.get_specialty_display())}],
    )


def _name(given: str, family: str, prefix: str = "") -> Element:
    return known(
        use="official",
        family=family,
        given=[given] if given else [],
        prefix=[prefix] if prefix else [],
    )


def _contact(row: Patient) -> list[Element]:
    name, phone = row.emergency_contact_name, row.emergency_contact_phone
    if not (name or phone):
        return []
    role = {"system": "http://terminology.hl7.org/CodeSystem/v2-0131", "code": "C"}
    return [
        known(
            relationship=[{"coding": [role]}],
            name={"text": name} if name else {},
            telecom=[{"system": "phone", "value": phone}] if phone else [],
        )
    ]


def _language(code: str) -> Element:
    language, _dash, region = code.partition("-")
    return {
        "system": "urn:ietf:bcp:47",
        "code": f"{language}-{region.upper()}" if region else language,
    }

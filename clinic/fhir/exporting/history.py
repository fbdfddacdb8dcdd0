"""Conditions, allergies, procedures, vaccinations and the family's illnesses."""

from __future__ import annotations

from clinic.fhir.exporting.elements import (
    Element,
    coded,
    concept,
    instant,
    known,
    link,
    note,
    partial,
    tags,
    words,
)
from clinic.records.choices import Relationship, Verification
from clinic.records.models import (
    AllergyIntolerance,
    Condition,
    FamilyMemberHistory,
    Immunization,
    Procedure,
)
from clinic.records.models.base import CodedEntry

_TERMS = "http://terminology.hl7.org/CodeSystem"
SEVERITIES = {"mild": "255604002", "moderate": "6736007", "severe": "24484000"}
SNOMED = "http://snomed.info/sct"


def head(kind: str, row: CodedEntry, *, subject: str = "subject") -> Element:
    """Return what every entry says: its id, whose it is, at which visit, and how sure it is."""
    return known(
        resourceType=kind,
        id=str(row.pk),
        meta=tags(verification=row.verification, source=row.source),
        encounter=link(row.encounter_id),
        note=note(row.note),
    ) | {subject: link(row.patient_id)}


def condition(row: Condition) -> Element:
    """Return a Condition; one entered by mistake has no clinical status (con-5)."""
    mistaken = row.verification == Verification.ENTERED_IN_ERROR
    return head("Condition", row) | known(
        clinicalStatus={}
        if mistaken
        else coded(f"{_TERMS}/condition-clinical", row.clinical_status),
        verificationStatus=coded(f"{_TERMS}/condition-ver-status", row.verification),
        severity=_severity(row.severity),
        code=concept(row.coded),
        onsetDateTime=partial(row.onset_date, row.onset_precision),
        abatementDateTime=partial(row.abatement_date, row.abatement_precision),
        recordedDate=instant(row.recorded_at),
    )


def allergy(row: AllergyIntolerance) -> Element:
    """Return an AllergyIntolerance; that none is known is one as well."""
    mistaken = row.verification == Verification.ENTERED_IN_ERROR
    reaction = known(manifestation=[words(row.reaction)] if row.reaction else [])
    if reaction:
        reaction |= known(severity=row.reaction_severity)
    return head("AllergyIntolerance", row, subject="patient") | known(
        clinicalStatus={}
        if mistaken
        else coded(f"{_TERMS}/allergyintolerance-clinical", row.clinical_status),
        verificationStatus=coded(f"{_TERMS}/allergyintolerance-verification", row.verification),
        type=row.kind,
        category=[row.category] if row.category else [],
        criticality=row.criticality,
        code=concept(row.coded),
        onsetDateTime=partial(row.onset_date, row.onset_precision),
        recordedDate=instant(row.recorded_at),
        reaction=[reaction] if reaction else [],
    )


def procedure(row: Procedure) -> Element:
    return head("Procedure", row) | known(
        status=_status(row, row.status),
        code=concept(row.coded),
        performedDateTime=partial(row.performed_date, row.performed_precision),
    )


def immunization(row: Immunization) -> Element:
    occurred = partial(row.occurrence_date, row.occurrence_precision)
    dose = {"doseNumberString": row.dose_number} if row.dose_number else {}
    return head("Immunization", row, subject="patient") | known(
        status=_status(row, row.status),
        vaccineCode=concept(row.coded),
        occurrenceDateTime=occurred,
        occurrenceString=None if occurred else "unknown",
        recorded=instant(row.recorded_at),
        lotNumber=row.lot_number,
        protocolApplied=[dose] if dose else [],
    )


def family_member(row: FamilyMemberHistory) -> Element:
    """Return a FamilyMemberHistory: one relative, one illness."""
    found = head("FamilyMemberHistory", row, subject="patient")
    found.pop("encounter", None)  # R4 has none here
    illness = known(code=concept(row.coded), onsetString=row.onset_age)
    return found | known(
        status=_status(row, "completed"),
        date=instant(row.recorded_at),
        relationship=_relationship(row.relationship),
        condition=[illness],
        deceasedBoolean=row.deceased,
    )


def _relationship(code: str) -> Element:
    if code in Relationship.values:
        label = str(Relationship(code).label)
        return coded(f"{_TERMS}/v3-RoleCode", code) | {"text": label}
    return words(code or "unknown")


def _severity(code: str) -> Element:
    known_code = SEVERITIES.get(code, code)
    return coded(SNOMED, known_code)


def _status(row: CodedEntry, status: str) -> str:
    mistaken = row.verification == Verification.ENTERED_IN_ERROR
    return Verification.ENTERED_IN_ERROR.value if mistaken else status

"""Conditions, allergies, procedures, vaccinations and family history."""

from __future__ import annotations

from django.db import models

from clinic.lib.datetimes import EARLIEST_HISTORY, instants_within_range
from clinic.records.choices import ClinicalStatus, DatePrecision
from clinic.records.models.base import CodedEntry, sealed_text

EARLIEST_DATE = EARLIEST_HISTORY.date()
ENTRY_INSTANTS = ("recorded_at", "confirmed_at", "changed_at")


def precision() -> models.CharField[str, str]:
    return models.CharField(max_length=5, choices=DatePrecision, default=DatePrecision.DAY)


def entry_instants(prefix: str, *more: str) -> models.CheckConstraint:
    """Return the CHECK of an entry's datetime columns and of `more` of them."""
    return instants_within_range(prefix, *ENTRY_INSTANTS, *more, earliest=EARLIEST_HISTORY)


class Condition(CodedEntry):
    """A problem, diagnosis or illness (FHIR Condition)."""

    clinical_status = models.CharField(
        max_length=12, choices=ClinicalStatus, default=ClinicalStatus.ACTIVE
    )
    severity = sealed_text(padded=True)  # FHIR code of Severity: mild, moderate, severe
    onset_date = models.DateField(null=True)
    onset_precision = precision()
    abatement_date = models.DateField(null=True)
    abatement_precision = precision()

    class Meta:
        indexes = [models.Index(fields=["patient", "clinical_status"], name="condition_of_patient")]
        constraints = [entry_instants("condition")]


class AllergyIntolerance(CodedEntry):
    """An allergy or intolerance; `concept` is the substance.

    "No known allergies" is an entry as well (`NO_KNOWN_ALLERGIES` as its code), because nothing on
    file says less than that.
    """

    clinical_status = models.CharField(
        max_length=12, choices=ClinicalStatus, default=ClinicalStatus.ACTIVE
    )
    kind = sealed_text(padded=True)
    category = sealed_text(padded=True)
    criticality = sealed_text(padded=True)
    reaction = sealed_text()
    reaction_severity = sealed_text(padded=True)
    onset_date = models.DateField(null=True)
    onset_precision = precision()

    # SNOMED CT "No known allergy", as FHIR's US core profile states it.
    NO_KNOWN_ALLERGIES = "716186003"

    class Meta:
        indexes = [models.Index(fields=["patient", "clinical_status"], name="allergy_of_patient")]
        constraints = [entry_instants("allergy")]

    @property
    def states_none(self) -> bool:
        return self.coded.code == self.NO_KNOWN_ALLERGIES


class Procedure(CodedEntry):
    """An operation or other procedure that was done."""

    status = models.CharField(max_length=16, default="completed")  # FHIR event-status
    performed_date = models.DateField(null=True)
    performed_precision = precision()

    class Meta:
        indexes = [models.Index(fields=["patient", "performed_date"], name="procedure_of_patient")]
        constraints = [entry_instants("procedure")]


class Immunization(CodedEntry):
    """A vaccination that was given."""

    status = models.CharField(max_length=16, default="completed")  # FHIR immunization-status
    occurrence_date = models.DateField(null=True)
    occurrence_precision = precision()
    dose_number = sealed_text(padded=True)
    lot_number = sealed_text()

    class Meta:
        indexes = [
            models.Index(fields=["patient", "occurrence_date"], name="immunization_of_patient")
        ]
        constraints = [entry_instants("immunization")]


class FamilyMemberHistory(CodedEntry):
    """An illness of a relative."""

    relationship = sealed_text(padded=True)
    onset_age = sealed_text()
    deceased = models.BooleanField(null=True)

    class Meta:
        indexes = [models.Index(fields=["patient"], name="family_history_of_patient")]
        constraints = [entry_instants("family_history")]

"""What somebody says about the history: one value for each kind of entry, as its form yields it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from clinic.records.choices import ClinicalStatus, DatePrecision, HistorySection, LifestyleTopic
from clinic.records.dates import PartialDate
from clinic.records.models import (
    AllergyIntolerance,
    Condition,
    FamilyMemberHistory,
    Immunization,
    Observation,
    Procedure,
)
from clinic.records.models.base import CodedEntry
from clinic.terminology.coded import Coded

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"

MODEL_OF: Mapping[HistorySection, type[CodedEntry]] = {
    HistorySection.CONDITIONS: Condition,
    HistorySection.ALLERGIES: AllergyIntolerance,
    HistorySection.PROCEDURES: Procedure,
    HistorySection.VACCINATIONS: Immunization,
    HistorySection.FAMILY: FamilyMemberHistory,
    HistorySection.LIFESTYLE: Observation,
}
# How the audit trail names them: condition.added, allergy.confirmed ...
WORD_OF: Mapping[HistorySection, str] = {
    HistorySection.CONDITIONS: "condition",
    HistorySection.ALLERGIES: "allergy",
    HistorySection.PROCEDURES: "procedure",
    HistorySection.VACCINATIONS: "immunization",
    HistorySection.FAMILY: "family_history",
    HistorySection.LIFESTYLE: "lifestyle",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """What all of them say: the thing itself and a note."""

    section: ClassVar[HistorySection]
    coded: Coded
    note: str = ""

    def columns(self) -> dict[str, Any]:
        """Return the columns of the row that say this."""
        return {"concept": self.coded.as_json(), "note": self.note}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionEntry(HistoryEntry):
    section = HistorySection.CONDITIONS
    clinical_status: str = ClinicalStatus.ACTIVE
    severity: str = ""
    onset: PartialDate | None = None
    abatement: PartialDate | None = None

    def columns(self) -> dict[str, Any]:
        return {
            **HistoryEntry.columns(self),
            "clinical_status": self.clinical_status,
            "severity": self.severity,
            **_date_columns("onset", self.onset),
            **_date_columns("abatement", self.abatement),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AllergyEntry(HistoryEntry):
    """`coded` is the substance, or `NO_KNOWN_ALLERGIES` for the statement that there is none."""

    section = HistorySection.ALLERGIES
    kind: str = ""
    category: str = ""
    criticality: str = ""
    reaction: str = ""
    reaction_severity: str = ""
    onset: PartialDate | None = None

    @property
    def states_none(self) -> bool:
        return self.coded.code == AllergyIntolerance.NO_KNOWN_ALLERGIES

    def columns(self) -> dict[str, Any]:
        return {
            **HistoryEntry.columns(self),
            "kind": self.kind,
            "category": self.category,
            "criticality": self.criticality,
            "reaction": self.reaction,
            "reaction_severity": self.reaction_severity,
            **_date_columns("onset", self.onset),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureEntry(HistoryEntry):
    section = HistorySection.PROCEDURES
    performed: PartialDate | None = None

    def columns(self) -> dict[str, Any]:
        return {**HistoryEntry.columns(self), **_date_columns("performed", self.performed)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImmunizationEntry(HistoryEntry):
    section = HistorySection.VACCINATIONS
    occurrence: PartialDate | None = None
    dose_number: str = ""
    lot_number: str = ""

    def columns(self) -> dict[str, Any]:
        return {
            **HistoryEntry.columns(self),
            **_date_columns("occurrence", self.occurrence),
            "dose_number": self.dose_number,
            "lot_number": self.lot_number,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyEntry(HistoryEntry):
    """An illness of a relative; `relationship` is a code of `Relationship` or words."""

    section = HistorySection.FAMILY
    relationship: str
    onset_age: str = ""
    deceased: bool | None = None

    def columns(self) -> dict[str, Any]:
        return {
            **HistoryEntry.columns(self),
            "relationship": self.relationship,
            "onset_age": self.onset_age,
            "deceased": self.deceased,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LifestyleEntry(HistoryEntry):
    """How somebody lives: the question is a topic, the answer a code with words, or words."""

    section = HistorySection.LIFESTYLE
    answer: Coded

    @classmethod
    def about(cls, *, topic: LifestyleTopic, answer: Coded, note: str = "") -> LifestyleEntry:
        """Return the answer to one topic."""
        asked = Coded(str(topic.label), LOINC, topic.value)
        return cls(coded=asked, answer=answer, note=note)

    def columns(self) -> dict[str, Any]:
        said = self.answer
        value = {"coded": said.as_json()} if said.code else {"text": said.text}
        return {**HistoryEntry.columns(self), "value": value}


def no_known_allergies() -> AllergyEntry:
    """Return the statement that no allergy is known."""
    code = AllergyIntolerance.NO_KNOWN_ALLERGIES
    return AllergyEntry(coded=Coded("No known allergies", SNOMED, code))


def _date_columns(name: str, known: PartialDate | None) -> dict[str, Any]:
    precision = known.precision if known else DatePrecision.DAY
    return {f"{name}_date": known.date if known else None, f"{name}_precision": precision}

"""The tables of the record, FHIR-shaped. Whatever is clinical is sealed with the patient's key;
times, statuses and foreign keys are clear.
"""

from clinic.records.models.base import PatientRecord
from clinic.records.models.documents import DocumentReference, ImportedResource
from clinic.records.models.encounters import (
    ClinicalNote,
    Encounter,
    FollowUp,
    NoteAddendum,
    NoteRevision,
)
from clinic.records.models.history import (
    AllergyIntolerance,
    Condition,
    FamilyMemberHistory,
    Immunization,
    Procedure,
)
from clinic.records.models.medications import DoseEvent, MedicationRequest, MedicationStatement
from clinic.records.models.observations import Observation
from clinic.records.models.requests import (
    ChangeProposal,
    CorrectionRequest,
    EmergencyAccess,
    Erasure,
)

__all__ = [
    "AllergyIntolerance",
    "ChangeProposal",
    "ClinicalNote",
    "Condition",
    "CorrectionRequest",
    "DocumentReference",
    "DoseEvent",
    "EmergencyAccess",
    "Encounter",
    "Erasure",
    "FamilyMemberHistory",
    "FollowUp",
    "Immunization",
    "ImportedResource",
    "MedicationRequest",
    "MedicationStatement",
    "NoteAddendum",
    "NoteRevision",
    "Observation",
    "PatientRecord",
    "Procedure",
]

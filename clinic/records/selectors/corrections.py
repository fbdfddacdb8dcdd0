"""What the patient says is wrong: the requests, and the entries they are about."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Model, QuerySet

from clinic.records.choices import CorrectionStatus
from clinic.records.models import (
    AllergyIntolerance,
    ClinicalNote,
    Condition,
    CorrectionRequest,
    DocumentReference,
    FamilyMemberHistory,
    Immunization,
    MedicationRequest,
    MedicationStatement,
    Observation,
    Procedure,
)
from clinic.records.permissions import NotAllowed, RecordAccess
from clinic.records.selectors.notes import note_for

# What a request may be about, by the word that stands in its address.
TARGETS: Mapping[str, type[Model]] = {
    "condition": Condition,
    "allergy": AllergyIntolerance,
    "procedure": Procedure,
    "vaccination": Immunization,
    "family": FamilyMemberHistory,
    "medication": MedicationStatement,
    "prescription": MedicationRequest,
    "measurement": Observation,
    "note": ClinicalNote,
    "document": DocumentReference,
}
RECORD = "record"


@dataclass(frozen=True, slots=True)
class Correction:
    """A request with the entry it is about, None for the record as a whole."""

    row: CorrectionRequest
    target: Model | None


def corrections(*, access: RecordAccess) -> list[Correction]:
    """Return every request, open ones first and the oldest of them first."""
    rows = list(_all(access).select_related("decided_by__practitioner"))
    decided = [row for row in rows if row.status != CorrectionStatus.OPEN]
    decided.sort(key=lambda row: row.created_at, reverse=True)
    still_open = [row for row in rows if row.status == CorrectionStatus.OPEN]
    targets = _targets(rows, access)
    return [
        Correction(row, targets.get(row.target_id) if row.target_id else None)
        for row in [*still_open, *decided]
    ]


def open_corrections(*, access: RecordAccess) -> int:
    """Return how many requests wait for an answer."""
    return _all(access).filter(status=CorrectionStatus.OPEN).count()


def correction_target(*, access: RecordAccess, kind: str, entry_id: uuid.UUID) -> Model:
    """Return the entry a request is about; raise NotAllowed for one that is not to be seen."""
    model = TARGETS.get(kind)
    if model is None:
        raise NotAllowed("kind of entry")
    if model is ClinicalNote:
        return note_for(access=access, note_id=entry_id)
    row = model._default_manager.filter(patient_id=access.patient_id, pk=entry_id).first()
    if row is None:
        raise NotAllowed("entry of another record")
    return row


def _all(access: RecordAccess) -> QuerySet[CorrectionRequest]:
    rows = CorrectionRequest.objects.filter(patient_id=access.patient_id)
    return rows.order_by("created_at", "pk")


def _targets(rows: Sequence[CorrectionRequest], access: RecordAccess) -> dict[uuid.UUID, Model]:
    """Return the entries by their ids: one query for each kind that is named."""
    found: dict[uuid.UUID, Model] = {}
    for kind in {row.target_type for row in rows if row.target_id}:
        if kind in TARGETS:
            ids = [row.target_id for row in rows if row.target_type == kind]
            entries = TARGETS[kind]._default_manager.filter(patient_id=access.patient_id)
            if kind == "note":
                entries = entries.select_related("encounter")
            found |= entries.in_bulk([one for one in ids if one])
    return found

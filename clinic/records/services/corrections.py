"""A patient says that something is wrong, a doctor answers (GDPR Art. 16, 45 CFR 164.526)."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from clinic.people.viewer import Viewer
from clinic.records.choices import CorrectionStatus
from clinic.records.models import CorrectionRequest
from clinic.records.permissions import NotAllowed, check_is_clinical, check_is_patient_side
from clinic.records.selectors.corrections import RECORD, correction_target
from clinic.records.services.writing import ChangedMeanwhile, record_change


@dataclass(frozen=True, slots=True)
class Entry:
    """The entry that is wrong, by the word of its kind and its id."""

    kind: str
    id: uuid.UUID


def file_correction(
    *, by: Viewer, patient_id: uuid.UUID, about: Entry | None, text: str, now: dt.datetime
) -> CorrectionRequest:
    """Say what is wrong with an entry, or with the record as a whole. Raises NotAllowed."""
    with record_change(by=by, patient_id=patient_id, what="correction.filed", now=now) as change:
        check_is_patient_side(change.access)
        if about is not None:
            correction_target(access=change.access, kind=about.kind, entry_id=about.id)
        row = CorrectionRequest(
            patient_id=patient_id,
            target_type=about.kind if about else RECORD,
            target_id=about.id if about else None,
            text=text,
            created_at=now,
            created_by_id=by.user_id,
        )
        row.save(force_insert=True)
        change.wrote(row, "correction.filed")
    return row


def answer_correction(
    *,
    by: Viewer,
    patient_id: uuid.UUID,
    correction_id: uuid.UUID,
    outcome: CorrectionStatus,
    answer: str,
    now: dt.datetime,
) -> CorrectionRequest:
    """Say what was changed, or why nothing is. Raises NotAllowed, ChangedMeanwhile."""
    what = f"correction.{outcome}"
    with record_change(by=by, patient_id=patient_id, what=what, now=now) as change:
        check_is_clinical(change.access)
        row = CorrectionRequest.objects.filter(patient_id=patient_id, pk=correction_id).first()
        if row is None:
            raise NotAllowed("correction of another record")
        if row.status != CorrectionStatus.OPEN:
            raise ChangedMeanwhile
        row.status, row.answer = outcome, answer
        row.decided_at, row.decided_by_id = now, by.user_id
        row.save(update_fields=["status", "answer", "decided_at", "decided_by"])
        change.wrote(row, what)
    return row

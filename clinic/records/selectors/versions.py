"""Versions of records. They say that something changed and nothing else, so no access is asked."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping

from clinic.records.models import PatientRecord


def record_versions(patient_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, int]:
    """Return the version of each record, 0 for one that nobody has written into."""
    found = dict(
        PatientRecord.objects.filter(pk__in=patient_ids).values_list("patient_id", "version")
    )
    return {patient_id: found.get(patient_id, 0) for patient_id in patient_ids}

"""What stands at the head of every page of a record: whose it is, and the allergies."""

from __future__ import annotations

from dataclasses import dataclass

from clinic.people.models import Patient
from clinic.records.choices import ClinicalStatus, Verification
from clinic.records.models import AllergyIntolerance, ChangeProposal
from clinic.records.permissions import RecordAccess
from clinic.records.selectors import proposals

HIDDEN = (Verification.ENTERED_IN_ERROR, Verification.REFUTED)


@dataclass(frozen=True, slots=True)
class Head:
    """The patient and the active allergies, the most dangerous first.

    `said` are allergies the patient told of and no doctor has decided on: they are shown at once,
    because a warning too many harms nobody.
    """

    patient: Patient
    allergies: tuple[AllergyIntolerance, ...]
    states_none: bool
    said: tuple[ChangeProposal, ...] = ()


def head_of(*, access: RecordAccess) -> Head:
    """Return whose record this is and what they must not be given."""
    rows = (
        AllergyIntolerance.objects.filter(
            patient_id=access.patient_id, clinical_status=ClinicalStatus.ACTIVE
        )
        .exclude(verification__in=HIDDEN)
        .order_by("recorded_at")
    )
    found = list(rows)
    listed = [row for row in found if not row.states_none]
    listed.sort(key=lambda row: (row.criticality != "high", row.label.casefold()))
    said = tuple(proposals.said_allergies(access=access))
    return Head(
        patient=Patient.objects.get(pk=access.patient_id),
        allergies=tuple(listed),
        states_none=not listed and not said and any(row.states_none for row in found),
        said=said,
    )

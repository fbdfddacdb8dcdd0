"""What stands at the head of every page of a record: whose it is, and the allergies."""

from __future__ import annotations

from dataclasses import dataclass

from clinic.lib.clinic_time import NO_SITE
from clinic.people.models import Patient
from clinic.records.choices import ClinicalStatus, Verification
from clinic.records.models import AllergyIntolerance, ChangeProposal
from clinic.records.permissions import RecordAccess
from clinic.records.selectors import proposals
from clinic.scheduling.selectors.zones import zone_of_clinic

HIDDEN = (Verification.ENTERED_IN_ERROR, Verification.REFUTED)


@dataclass(frozen=True, slots=True)
class Head:
    """The patient, the clinic's zone and the active allergies, the most dangerous first.

    `said` are allergies the patient told of and no doctor has decided on: they are shown at once,
    because a warning too many harms nobody.
    """

    patient: Patient
    zone: str
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
    patient = Patient.objects.annotate(zone=zone_of_clinic()).get(pk=access.patient_id)
    return Head(
        patient=patient,
        zone=patient.zone or NO_SITE,
        allergies=tuple(listed),
        states_none=not listed and not said and any(row.states_none for row in found),
        said=said,
    )

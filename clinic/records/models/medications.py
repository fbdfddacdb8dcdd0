"""What the patient takes, what was prescribed, and which doses were taken."""

from __future__ import annotations

from django.db import models

from clinic.people.models import Practitioner, User
from clinic.records.choices import DoseStatus, MedicationStatus, RequestStatus
from clinic.records.models.base import CodedEntry, OfPatient, sealed_json, sealed_text
from clinic.records.models.history import entry_instants, instants_within_range, precision


class MedicationRequest(CodedEntry):
    """A prescription (FHIR MedicationRequest). `dosage` and `supply` as in `records/dosage.py`."""

    status = models.CharField(max_length=16, choices=RequestStatus, default=RequestStatus.ACTIVE)
    authored_at = models.DateTimeField()
    requester = models.ForeignKey(
        Practitioner, null=True, on_delete=models.PROTECT, related_name="+"
    )
    requester_text = sealed_text()
    dosage = sealed_json()
    reason = sealed_text()
    supply = sealed_json()
    status_reason = sealed_text()
    # What the doctor was warned of and prescribed all the same: {"shown": [...], "reason": ...}.
    warnings = sealed_json()

    class Meta:
        indexes = [models.Index(fields=["patient", "authored_at"], name="prescription_of_patient")]
        constraints = [entry_instants("prescription", "authored_at")]


class MedicationStatement(CodedEntry):
    """A medicine the patient takes or took (FHIR MedicationStatement)."""

    status = models.CharField(
        max_length=16, choices=MedicationStatus, default=MedicationStatus.ACTIVE
    )
    request = models.ForeignKey(
        MedicationRequest, null=True, on_delete=models.PROTECT, related_name="statements"
    )
    starts_on = models.DateField(null=True)
    starts_precision = precision()
    ends_on = models.DateField(null=True)
    dosage = sealed_json()
    reason = sealed_text()
    status_reason = sealed_text()
    prescriber_text = sealed_text()
    supply = sealed_json()
    dose_reminders = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["patient", "status"], name="medication_of_patient")]
        constraints = [entry_instants("medication")]


class DoseEvent(OfPatient):
    """One dose that was due and was taken or skipped (FHIR MedicationAdministration)."""

    statement = models.ForeignKey(
        MedicationStatement, on_delete=models.PROTECT, related_name="dose_events"
    )
    due_at = models.DateTimeField()
    status = models.CharField(max_length=12, choices=DoseStatus)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = sealed_text()

    class Meta:
        indexes = [models.Index(fields=["patient", "due_at"], name="dose_of_patient")]
        constraints = [
            models.UniqueConstraint("statement", "due_at", name="dose_event_once"),
            instants_within_range("dose_event", "due_at", "recorded_at"),
        ]

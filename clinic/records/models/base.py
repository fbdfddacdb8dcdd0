"""What every entry of a record carries, and the record as a whole."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone

from clinic.crypto.fields import SealedTextField
from clinic.crypto.jsonfield import SealedJSONField
from clinic.lib.ids import uuid7
from clinic.people.models import Patient, User
from clinic.records.choices import Source, Verification
from clinic.terminology.coded import Coded


def sealed_text(**options: Any) -> SealedTextField:
    """Return a text column that is sealed with the patient's key."""
    return SealedTextField(scope="patient", owner="patient_id", blank=True, default="", **options)


def sealed_json(**options: Any) -> SealedJSONField:
    """Return a column of structured content (a dict) that is sealed with the patient's key."""
    return SealedJSONField(scope="patient", owner="patient_id", blank=True, default=dict, **options)


class PatientRecord(models.Model):
    """One patient's record as a whole. `version` rises with every write, under this row's lock."""

    patient = models.OneToOneField(
        Patient, primary_key=True, on_delete=models.PROTECT, related_name="record"
    )
    version = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"PatientRecord {self.pk}"


class OfPatient(models.Model):
    """A row that belongs to one patient and is sealed with that patient's key."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.pk}"


class Entry(OfPatient):
    """An entry of the record: where it came from, whether a doctor confirmed it.

    `version` rises with each change of the row; a form that was rendered at an older one is
    refused. An imported row's id is derived from its source's, so that importing twice changes
    nothing.
    """

    encounter = models.ForeignKey(
        "records.Encounter", null=True, on_delete=models.PROTECT, related_name="+"
    )
    verification = models.CharField(
        max_length=16, choices=Verification, default=Verification.UNCONFIRMED
    )
    source = models.CharField(max_length=12, choices=Source)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True

    @property
    def is_confirmed(self) -> bool:
        return self.verification == Verification.CONFIRMED


class CodedEntry(Entry):
    """An entry that says one thing, in words and by code where one is known."""

    concept = sealed_json()
    note = sealed_text()

    class Meta:
        abstract = True

    @property
    def coded(self) -> Coded:
        return Coded.from_json(self.concept)

    @coded.setter
    def coded(self, value: Coded) -> None:
        self.concept = value.as_json()

    @property
    def label(self) -> str:
        return self.coded.text

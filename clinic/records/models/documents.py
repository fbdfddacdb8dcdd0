"""Uploaded and imported documents."""

from __future__ import annotations

from django.db import models

from clinic.lib.datetimes import instants_within_range
from clinic.people.models import User
from clinic.records.choices import DocumentStatus, Source
from clinic.records.models.base import OfPatient, sealed_json, sealed_text
from clinic.records.models.history import entry_instants
from clinic.scheduling.models import Appointment


class DocumentReference(OfPatient):
    """One file of the record (FHIR DocumentReference). Its bytes lie sealed in the file store.

    The file's name in the store is this row's id; the name it came with is sealed here.
    """

    encounter = models.ForeignKey(
        "records.Encounter", null=True, on_delete=models.PROTECT, related_name="documents"
    )
    appointment = models.ForeignKey(
        Appointment, null=True, on_delete=models.PROTECT, related_name="documents"
    )
    title = sealed_text()
    file_name = sealed_text()
    category = sealed_text(padded=True)
    note = sealed_text()
    status = models.CharField(
        max_length=16, choices=DocumentStatus, default=DocumentStatus.QUARANTINED
    )
    refusal = models.CharField(max_length=40, blank=True)  # a code, never the scanner's words
    content_type = models.CharField(max_length=60)
    size_bytes = models.PositiveBigIntegerField()
    pages = models.PositiveSmallIntegerField(null=True)
    has_preview = models.BooleanField(default=False)
    source = models.CharField(max_length=12, choices=Source)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    checked_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["patient", "-uploaded_at"], name="document_of_patient")]
        constraints = [instants_within_range("document", "uploaded_at", "checked_at", "removed_at")]


class ImportedResource(OfPatient):
    """A FHIR resource the product has no model for: kept whole, shown in the timeline by label."""

    resource_type = models.CharField(max_length=40)
    label = sealed_text()
    content = sealed_json()
    occurred_at = models.DateTimeField(null=True)
    encounter = models.ForeignKey(
        "records.Encounter", null=True, on_delete=models.PROTECT, related_name="+"
    )
    source = models.CharField(max_length=12, choices=Source, default=Source.IMPORT)
    recorded_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["patient", "occurred_at"], name="imported_of_patient")]
        constraints = [entry_instants("imported", "occurred_at")]

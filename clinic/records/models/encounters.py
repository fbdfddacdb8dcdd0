"""Visits as the record knows them, their notes, and what follows from them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from clinic.crypto.fields import SealedTextField
from clinic.lib.datetimes import EARLIEST_HISTORY, instants_within_range
from clinic.people.models import Practitioner, User
from clinic.records.choices import EncounterStatus, FollowUpStatus, NoteStatus, Release, Source
from clinic.records.models.base import OfPatient, sealed_json, sealed_text
from clinic.scheduling.models import Appointment, VisitType


class Encounter(OfPatient):
    """One visit that took or takes place (FHIR Encounter)."""

    status = models.CharField(
        max_length=16, choices=EncounterStatus, default=EncounterStatus.IN_PROGRESS
    )
    source = models.CharField(max_length=12, choices=Source, default=Source.PRACTITIONER)
    practitioner = models.ForeignKey(
        Practitioner, null=True, on_delete=models.PROTECT, related_name="+"
    )
    appointment = models.OneToOneField(
        Appointment, null=True, on_delete=models.PROTECT, related_name="encounter"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    kind = sealed_json()
    reason = sealed_text()
    participant_text = sealed_text()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["patient", "-starts_at"], name="encounter_of_patient")]
        constraints = [
            instants_within_range(
                "encounter", "starts_at", "ends_at", "recorded_at", earliest=EARLIEST_HISTORY
            )
        ]


class ClinicalNote(OfPatient):
    """The note of a visit (FHIR Composition): SOAP sections, a draft until it is signed.

    `version` rises with every saved change: a tab that saves on an older one is told, and what it
    had typed is kept as a `NoteRevision`. `saved_tab` is the tab that saved last, so that one whose
    answer was lost on the way is not taken for another. A signed note never changes; what comes
    later is an addendum.
    """

    encounter = models.OneToOneField(Encounter, on_delete=models.PROTECT, related_name="note")
    author = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=16, choices=NoteStatus, default=NoteStatus.PRELIMINARY)
    version = models.PositiveIntegerField(default=1)
    sections = sealed_json()
    instructions = sealed_text()  # for the patient: the after-visit summary
    template_slug = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    saved_tab = models.UUIDField(null=True)
    signed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    release = models.CharField(max_length=12, choices=Release, default=Release.AT_ONCE)
    released_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["patient", "-created_at"], name="note_of_patient")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status=NoteStatus.PRELIMINARY, signed_at__isnull=True)
                | Q(status=NoteStatus.ENTERED_IN_ERROR)
                | Q(signed_at__isnull=False),
                name="note_signed_unless_draft",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | Q(signed_at__isnull=False),
                name="note_released_after_signing",
            ),
            instants_within_range("note", "created_at", "saved_at", "signed_at", "released_at"),
        ]


class NoteRevision(OfPatient):
    """What one tab had typed when another had saved first: kept until its author settles it.

    `sections` holds the instructions as well. A tab that goes on saving goes on with its row.
    """

    note = models.ForeignKey(ClinicalNote, on_delete=models.PROTECT, related_name="revisions")
    tab = models.UUIDField()
    base_version = models.PositiveIntegerField()
    sections = sealed_json()
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "note", "tab", condition=Q(settled_at__isnull=True), name="note_revision_of_tab"
            ),
            instants_within_range("note_revision", "saved_at", "settled_at"),
        ]


class NoteAddendum(OfPatient):
    """A signed addition to a signed note. Never changed."""

    note = models.ForeignKey(ClinicalNote, on_delete=models.PROTECT, related_name="addenda")
    author = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    text = sealed_text()
    signed_at = models.DateTimeField()
    signed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [instants_within_range("note_addendum", "signed_at")]


class FollowUp(OfPatient):
    """A visit the doctor wants the patient to book (FHIR ServiceRequest)."""

    encounter = models.ForeignKey(Encounter, on_delete=models.PROTECT, related_name="follow_ups")
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    visit_type = models.ForeignKey(VisitType, on_delete=models.PROTECT, related_name="+")
    due_from = models.DateField()
    due_until = models.DateField()
    note = SealedTextField(scope="patient", owner="patient_id", blank=True, default="")
    status = models.CharField(max_length=12, choices=FollowUpStatus, default=FollowUpStatus.ACTIVE)
    appointment = models.ForeignKey(
        Appointment, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["patient", "status"], name="follow_up_of_patient")]
        constraints = [instants_within_range("follow_up", "created_at")]

"""What people ask about a record: changes, corrections, emergency access, erasure."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q

from clinic.lib.datetimes import instants_within_range
from clinic.people.models import Patient, Practitioner, User
from clinic.records.choices import (
    CorrectionStatus,
    EmergencyReason,
    ErasureBasis,
    ErasureStatus,
    ProposalAction,
    ProposalKind,
    ProposalStatus,
    ReviewOutcome,
)
from clinic.records.models.base import OfPatient, sealed_json, sealed_text


class ChangeProposal(OfPatient):
    """A patient's change to medicines or allergies: one line of the diff a doctor decides on.

    `on_file` is what the entry said when the patient proposed; `target_version` is its version
    then.
    """

    kind = models.CharField(max_length=12, choices=ProposalKind)
    action = models.CharField(max_length=8, choices=ProposalAction)
    target_id = models.UUIDField(null=True)
    target_version = models.PositiveIntegerField(null=True)
    said = sealed_json()
    on_file = sealed_json()
    note = sealed_text()
    status = models.CharField(
        max_length=12, choices=ProposalStatus, default=ProposalStatus.PROPOSED
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    decision_note = sealed_text()

    class Meta:
        indexes = [models.Index(fields=["patient", "status"], name="proposal_of_patient")]
        constraints = [
            models.CheckConstraint(
                condition=Q(action=ProposalAction.ADD) | Q(target_id__isnull=False),
                name="proposal_has_target",
            ),
            instants_within_range("proposal", "created_at", "decided_at"),
        ]


class EmergencyAccess(OfPatient):
    """Break-the-glass: a doctor opens a record without a care relationship, for a short time."""

    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=12, choices=EmergencyReason)
    reason = sealed_text(empty_once_shredded=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    review_outcome = models.CharField(max_length=16, choices=ReviewOutcome, blank=True)
    review_note = sealed_text(empty_once_shredded=True)
    # When the mail about it left; the notice in the portal is this row itself.
    notified_at = models.DateTimeField(null=True)

    def is_open(self, now: dt.datetime) -> bool:
        """Say whether the record is open to the doctor by this at `now`."""
        return self.ended_at is None and self.starts_at <= now < self.ends_at

    class Meta:
        indexes = [
            models.Index(fields=["patient", "practitioner", "ends_at"], name="glass_of_patient"),
            models.Index(
                fields=["starts_at"], condition=Q(reviewed_at__isnull=True), name="glass_to_review"
            ),
            models.Index(
                fields=["starts_at"], condition=Q(notified_at__isnull=True), name="glass_to_notify"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="glass_ends_after_start"
            ),
            instants_within_range(
                "glass", "starts_at", "ends_at", "ended_at", "reviewed_at", "notified_at"
            ),
        ]


class CorrectionRequest(OfPatient):
    """A patient says that an entry is wrong (GDPR Art. 16, 45 CFR 164.526)."""

    target_type = models.CharField(max_length=40)
    target_id = models.UUIDField(null=True)
    text = sealed_text()
    status = models.CharField(
        max_length=12, choices=CorrectionStatus, default=CorrectionStatus.OPEN
    )
    answer = sealed_text()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["patient", "status"], name="correction_of_patient")]
        constraints = [instants_within_range("correction", "created_at", "decided_at")]


class Erasure(models.Model):
    """The destruction of one patient's key: asked for by one administrator, done by another.

    Nothing here is sealed with the patient's key: this row must be readable afterwards.
    """

    patient = models.OneToOneField(
        Patient, primary_key=True, on_delete=models.PROTECT, related_name="erasure"
    )
    status = models.CharField(max_length=12, choices=ErasureStatus, default=ErasureStatus.REQUESTED)
    legal_basis = models.CharField(max_length=20, choices=ErasureBasis)
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
                name="erasure_takes_two_people",
            ),
            instants_within_range("erasure", "requested_at", "decided_at"),
        ]

    def __str__(self) -> str:
        return f"Erasure of {self.pk}"

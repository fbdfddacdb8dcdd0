"""The audit trail: who did or read what, when; and the chain it is sealed into. Never changed.

The database itself refuses UPDATE, DELETE and TRUNCATE (migration `append_only`). Ids are plain
copies instead of foreign keys, so that nothing cascades into the trail and no row waits for
another table.
"""

from __future__ import annotations

from django.db import models

from clinic.lib.datetimes import instants_within_range
from clinic.lib.ids import uuid7


class AuditEvent(models.Model):
    """One act or reading. `detail` is canonical JSON of ids and names of changed fields, no values.

    It is text, not jsonb: the bytes must survive as written, for `mac` covers every other column.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField()
    actor = models.UUIDField(null=True)
    actor_roles = models.CharField(max_length=120, blank=True)
    patient = models.UUIDField(null=True)
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.UUIDField(null=True)
    detail = models.TextField(default="{}")
    request_id = models.CharField(max_length=64, blank=True)
    mac = models.BinaryField(max_length=32)

    class Meta:
        constraints = [instants_within_range("audit_event", "at")]
        indexes = [
            models.Index(
                fields=["patient", "-at"],
                condition=models.Q(patient__isnull=False),
                name="audit_event_patient_at",
            ),
            models.Index(
                fields=["actor", "-at"],
                condition=models.Q(actor__isnull=False),
                name="audit_event_actor_at",
            ),
            models.Index(fields=["-at", "-id"], name="audit_event_at"),
            models.Index(
                fields=["object_id"],
                condition=models.Q(object_id__isnull=False),
                name="audit_event_object",
            ),
        ]

    def __str__(self) -> str:
        return f"AuditEvent {self.pk}"


class AuditLink(models.Model):
    """One link of the chain over all events: gapless from 1, each MAC covering the one before.

    Written by the sealer, seconds after the event, so that no writer waits for another.
    """

    pos = models.BigIntegerField(primary_key=True)
    event = models.UUIDField(unique=True)
    mac = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(pos__gte=1), name="audit_link_from_one")
        ]

    def __str__(self) -> str:
        return f"AuditLink {self.pos}"

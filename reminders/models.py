"""Reminder: one message to one person about one thing, and what became of it.

The thing is a visit at one of its versions, or a dose of a medicine: `due_at` of its row is when
the dose is due.

The row is the queue, the lock and the ledger. Nothing in it is personal: address, name and text are
read when the message is sent.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from clinic.lib.datetimes import instants_within_range
from clinic.lib.ids import uuid7
from clinic.people.models import Patient
from clinic.records.models import MedicationStatement
from clinic.scheduling.models import Appointment
from reminders.choices import OPEN, Channel, ReminderKind, ReminderStatus, SkipReason


class Reminder(models.Model):
    """One planned message. Never deleted; unique per visit, version, kind, step and channel, or
    per medicine, instant of the dose and channel (N1)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="+", db_index=False)
    appointment = models.ForeignKey(
        Appointment, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    appointment_version = models.PositiveIntegerField(null=True)
    statement = models.ForeignKey(
        MedicationStatement, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=12, choices=ReminderKind)
    step_minutes = models.PositiveIntegerField(null=True)
    channel = models.CharField(max_length=8, choices=Channel, default=Channel.EMAIL)
    # The calendar day of what it reminds of, a visit's at its site and a dose's at the patient's
    # home: messages of one person and day go together (N3).
    day = models.DateField()
    due_at = models.DateTimeField()
    # Not sent at or after this instant, however late the workers are.
    useful_until = models.DateTimeField()

    status = models.CharField(max_length=8, choices=ReminderStatus, default=ReminderStatus.PLANNED)
    lease_until = models.DateTimeField(null=True)
    # Rises with every claim: a worker that comes back from the dead holds an old one.
    fence = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    message_id = models.CharField(max_length=200, blank=True)
    answer_code = models.CharField(max_length=40, blank=True)
    skipped_reason = models.CharField(max_length=12, choices=SkipReason, blank=True)
    sent_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "appointment_version", "kind", "step_minutes", "channel"],
                condition=Q(appointment__isnull=False),
                nulls_distinct=False,
                name="reminder_unique_step",
            ),
            models.UniqueConstraint(
                fields=["statement", "due_at", "channel"],
                condition=Q(statement__isnull=False),
                name="reminder_unique_dose",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind=ReminderKind.DOSE, statement__isnull=False, appointment__isnull=True
                )
                | (
                    ~Q(kind=ReminderKind.DOSE)
                    & Q(statement__isnull=True)
                    & Q(appointment__isnull=False, appointment_version__isnull=False)
                ),
                name="reminder_has_one_subject",
            ),
            models.CheckConstraint(
                condition=Q(kind=ReminderKind.REMINDER, step_minutes__isnull=False)
                | (~Q(kind=ReminderKind.REMINDER) & Q(step_minutes__isnull=True)),
                name="reminder_step_of_reminder",
            ),
            models.CheckConstraint(
                condition=Q(due_at__lt=F("useful_until")) | ~Q(status=ReminderStatus.PLANNED),
                name="reminder_due_while_useful",
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=False, status=ReminderStatus.SENT)
                | (Q(sent_at__isnull=True) & ~Q(status=ReminderStatus.SENT)),
                name="reminder_sent_has_instant",
            ),
            models.CheckConstraint(
                condition=Q(lease_until__isnull=False)
                | ~Q(status__in=[ReminderStatus.CLAIMED, ReminderStatus.SENDING]),
                name="reminder_claim_has_lease",
            ),
            instants_within_range(
                "reminder", "due_at", "useful_until", "lease_until", "sent_at", "created_at"
            ),
        ]
        indexes = [
            # The dispatcher reads only this: rows that may still go out, soonest first.
            models.Index(fields=["due_at"], condition=Q(status__in=OPEN), name="reminder_open_due"),
            models.Index(
                fields=["patient", "day"], condition=Q(status__in=OPEN), name="reminder_open_of_day"
            ),
        ]

    def __str__(self) -> str:
        return f"Reminder {self.pk}"

    @property
    def visit(self) -> Appointment:
        """Return the visit of a row that is about one."""
        assert self.appointment is not None
        return self.appointment

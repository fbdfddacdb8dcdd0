"""Scheduling: sites, visit types, rules of availability, appointments.

Free slots are computed, never stored; a hold, a request and a booking are rows of one table whose
claim on time has a lifetime (`claimed_at`, `released_at`) that is part of the exclusion
constraints.
"""

from __future__ import annotations

import datetime as dt

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.crypto.fields import SealedTextField
from clinic.lib.datetimes import ends_after_start, instants_within_range
from clinic.lib.ids import uuid7
from clinic.people.models import Patient, Practitioner, User
from clinic.scheduling.choices import (
    AppointmentStatus,
    CancellationReason,
    ChangeKind,
    Modality,
    VisitColor,
    WindowKind,
)

LONGEST_VISIT = dt.timedelta(hours=12)


class BookingParameters(models.Model):
    """Parameters that inherit field by field: system, site, visit type, doctor x visit type
    (A4).
    """

    duration_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    buffer_before_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    buffer_after_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    grid_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    lead_minutes = models.PositiveIntegerField(null=True, blank=True)
    horizon_days = models.PositiveSmallIntegerField(null=True, blank=True)
    cancel_cutoff_minutes = models.PositiveIntegerField(null=True, blank=True)
    move_cutoff_minutes = models.PositiveIntegerField(null=True, blank=True)
    max_moves = models.PositiveSmallIntegerField(null=True, blank=True)
    online = models.BooleanField(null=True, blank=True)
    new_patients = models.BooleanField(null=True, blank=True)
    needs_approval = models.BooleanField(null=True, blank=True)

    class Meta:
        abstract = True


PARAMETER_NAMES = tuple(field.name for field in BookingParameters._meta.local_fields)


class Site(BookingParameters):
    """A place of the clinic (FHIR Location) with the time zone its rules are thought in."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)
    time_zone = models.CharField(max_length=64)
    address = models.CharField(max_length=300, blank=True)
    directions = models.CharField(max_length=300, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Room(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="rooms")
    name = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint("site", "name", name="room_unique_in_site")]

    def __str__(self) -> str:
        return self.name


class VisitType(BookingParameters):
    """A kind of visit (FHIR HealthcareService) and what it fixes about time."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=80)
    slug = models.SlugField(unique=True)
    description = models.CharField(max_length=300, blank=True)
    preparation = models.TextField(max_length=1000, blank=True)
    icon = models.CharField(max_length=40, default="stethoscope")
    color = models.CharField(max_length=8, choices=VisitColor, default=VisitColor.ACT)
    modalities = ArrayField(models.CharField(max_length=10, choices=Modality), default=list)
    reminder_steps_minutes = ArrayField(
        models.PositiveIntegerField(),
        null=True,
        blank=True,
        help_text=_("Minutes before the visit."),
    )
    position = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Offering(BookingParameters):
    """A visit type that a practitioner offers, with the practitioner's own parameters."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practitioner = models.ForeignKey(
        Practitioner, on_delete=models.CASCADE, related_name="offerings"
    )
    visit_type = models.ForeignKey(VisitType, on_delete=models.PROTECT, related_name="offerings")

    class Meta:
        constraints = [
            models.UniqueConstraint("practitioner", "visit_type", name="offering_unique")
        ]

    def __str__(self) -> str:
        return f"Offering {self.pk}"


class Schedule(models.Model):
    """One practitioner's rules as a whole (FHIR Schedule); `version` rises with every change
    of them.
    """

    practitioner = models.OneToOneField(
        Practitioner, primary_key=True, on_delete=models.CASCADE, related_name="schedule"
    )
    version = models.PositiveBigIntegerField(default=1)

    def __str__(self) -> str:
        return f"Schedule {self.pk}"


class ScheduleDay(models.Model):
    """The version of one doctor-day; rises in the transaction of every change of that day."""

    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="+")
    date = models.DateField()
    version = models.PositiveBigIntegerField(default=1)

    pk = models.CompositePrimaryKey("practitioner_id", "date")

    def __str__(self) -> str:
        return f"{self.practitioner_id} {self.date}"


class WorkingHours(models.Model):
    """A weekly window: local wall times at a site. `ends <= starts` runs into the next day (T6)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practitioner = models.ForeignKey(
        Practitioner, on_delete=models.CASCADE, related_name="working_hours"
    )
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    room = models.ForeignKey(
        Room, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    weekday = models.PositiveSmallIntegerField()
    starts = models.TimeField()
    ends = models.TimeField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    visit_type = models.ForeignKey(
        VisitType, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    modalities = ArrayField(
        models.CharField(max_length=10, choices=Modality), default=list, blank=True
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday__gte=1, weekday__lte=7), name="working_hours_iso_weekday"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="working_hours_valid_range",
            ),
        ]
        indexes = [models.Index(fields=["practitioner", "weekday"], name="working_hours_lookup")]

    def __str__(self) -> str:
        return f"WorkingHours {self.pk}"


class DateWindow(models.Model):
    """Hours of one date: `replace` stands instead of the weekly hours, `extra` adds to them (A1).

    A `replace` row without times closes the date.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practitioner = models.ForeignKey(
        Practitioner, on_delete=models.CASCADE, related_name="date_windows"
    )
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    room = models.ForeignKey(
        Room, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(max_length=8, choices=WindowKind)
    date = models.DateField()
    starts = models.TimeField(null=True, blank=True)
    ends = models.TimeField(null=True, blank=True)
    visit_type = models.ForeignKey(
        VisitType, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    modalities = ArrayField(
        models.CharField(max_length=10, choices=Modality), default=list, blank=True
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(starts__isnull=False, ends__isnull=False)
                | Q(kind=WindowKind.REPLACE, starts__isnull=True, ends__isnull=True),
                name="date_window_times_or_closed",
            )
        ]
        indexes = [models.Index(fields=["practitioner", "date"], name="date_window_lookup")]

    def __str__(self) -> str:
        return f"DateWindow {self.pk}"


class Absence(models.Model):
    """Time a practitioner is away. Without a visit type it blocks everything, with one only
    that (A2).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practitioner = models.ForeignKey(
        Practitioner, on_delete=models.CASCADE, related_name="absences"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    visit_type = models.ForeignKey(
        VisitType, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    public_reason = models.CharField(max_length=120, blank=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            ends_after_start("absence"),
            instants_within_range("absence", "starts_at", "ends_at", "created_at"),
        ]
        indexes = [models.Index(fields=["practitioner", "starts_at"], name="absence_lookup")]

    def __str__(self) -> str:
        return f"Absence {self.pk}"


class Closure(models.Model):
    """Time a whole site is closed, with the reason patients are shown (A1, A11)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="closures")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    public_reason = models.CharField(max_length=120)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            ends_after_start("closure"),
            instants_within_range("closure", "starts_at", "ends_at", "created_at"),
        ]
        indexes = [models.Index(fields=["site", "starts_at"], name="closure_lookup")]

    def __str__(self) -> str:
        return f"Closure {self.pk}"


class TstzRange(Func):
    """`tstzrange(a, b)`: half-open, as every interval here (T6)."""

    function = "tstzrange"
    output_field = DateTimeRangeField()


def _no_overlap(name: str, resource: str, begin: str, end: str) -> ExclusionConstraint:
    """Two live claims on one resource never overlap (C1). NULL resources never conflict."""
    return ExclusionConstraint(
        name=name,
        expressions=[
            (resource, RangeOperators.EQUAL),
            (TstzRange(begin, end), RangeOperators.OVERLAPS),
            (TstzRange("claimed_at", "released_at"), RangeOperators.OVERLAPS),
        ],
        condition=Q(overbooked=False),
    )


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def claiming(self, now: dt.datetime) -> AppointmentQuerySet:
        """Rows whose claim on time is live at `now`: visits, requests and unexpired holds."""
        return self.filter(Q(released_at__isnull=True) | Q(released_at__gt=now))

    def starting_within(self, lower: dt.datetime, upper: dt.datetime) -> AppointmentQuerySet:
        return self.filter(starts_at__gte=lower, starts_at__lt=upper)


class Appointment(models.Model):
    """A hold, a request or a visit; all three claim time in the same way."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practitioner = models.ForeignKey(
        Practitioner, on_delete=models.PROTECT, related_name="appointments"
    )
    patient = models.ForeignKey(
        Patient, null=True, on_delete=models.PROTECT, related_name="appointments"
    )
    # A visitor who has not signed in yet holds by this secret from a signed cookie (H4).
    hold_token = models.UUIDField(null=True)
    visit_type = models.ForeignKey(VisitType, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    room = models.ForeignKey(Room, null=True, on_delete=models.PROTECT, related_name="+")
    modality = models.CharField(max_length=10, choices=Modality, default=Modality.IN_PERSON)

    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    buffer_before_minutes = models.PositiveSmallIntegerField(default=0)
    buffer_after_minutes = models.PositiveSmallIntegerField(default=0)
    # The visit with the part of its buffers that no neighbor's buffer covers already (A5).
    claim_starts_at = models.DateTimeField()
    claim_ends_at = models.DateTimeField()
    claimed_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    overbooked = models.BooleanField(default=False)

    # What the clock on the wall was meant to show, to notice a later change of zone rules (D21).
    time_zone = models.CharField(max_length=64)
    local_start = models.CharField(max_length=16)
    local_date = models.DateField()

    status = models.CharField(
        max_length=20, choices=AppointmentStatus, default=AppointmentStatus.PROPOSED
    )
    version = models.PositiveIntegerField(default=1)
    moves = models.PositiveSmallIntegerField(default=0)
    hold_extended = models.BooleanField(default=False)
    # Set once everybody has been told that this hold ended, so that it is told once.
    expiry_announced = models.BooleanField(default=False)
    confirmed_at = models.DateTimeField(null=True)
    running_late_minutes = models.PositiveSmallIntegerField(null=True)
    cancellation_reason = models.CharField(max_length=12, choices=CancellationReason, blank=True)
    cancelled_late = models.BooleanField(default=False)
    idempotency_key = models.UUIDField(null=True, unique=True)

    reason = SealedTextField(
        scope="patient", owner="patient_id", blank=True, default="", empty_once_shredded=True
    )
    notes = SealedTextField(
        scope="patient", owner="patient_id", blank=True, default="", empty_once_shredded=True
    )

    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        constraints = [
            ends_after_start("appointment", most=LONGEST_VISIT),
            models.CheckConstraint(
                condition=Q(claim_starts_at__lte=F("starts_at"), claim_ends_at__gte=F("ends_at")),
                name="appointment_claim_covers_visit",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | Q(released_at__gte=F("claimed_at")),
                name="appointment_released_after_claimed",
            ),
            models.CheckConstraint(
                condition=Q(patient__isnull=False)
                | Q(hold_token__isnull=False, status=AppointmentStatus.PROPOSED),
                name="appointment_has_a_holder",
            ),
            # An open-ended claim is a visit; a hold or a request always ends by itself (H2).
            models.CheckConstraint(
                condition=Q(released_at__isnull=False)
                | ~Q(status__in=[AppointmentStatus.PROPOSED, AppointmentStatus.PENDING]),
                name="appointment_hold_ends",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=False)
                | ~Q(status__in=[AppointmentStatus.CANCELLED, AppointmentStatus.ENTERED_IN_ERROR]),
                name="appointment_exit_releases",
            ),
            instants_within_range(
                "appointment",
                "starts_at",
                "ends_at",
                "claim_starts_at",
                "claim_ends_at",
                "claimed_at",
                "released_at",
                "confirmed_at",
                "created_at",
            ),
            _no_overlap(
                "appointment_practitioner_no_overlap",
                "practitioner",
                "claim_starts_at",
                "claim_ends_at",
            ),
            _no_overlap("appointment_patient_no_overlap", "patient", "starts_at", "ends_at"),
            _no_overlap("appointment_room_no_overlap", "room", "starts_at", "ends_at"),
        ]
        indexes = [
            # Availability reads only this index; never the GiST of the constraint.
            models.Index(
                fields=["practitioner", "starts_at"],
                include=[
                    "ends_at",
                    "buffer_before_minutes",
                    "buffer_after_minutes",
                    "status",
                    "released_at",
                    "id",
                    "patient",
                    "room",
                ],
                name="appointment_availability",
            ),
            models.Index(fields=["patient", "starts_at"], name="appointment_of_patient"),
            models.Index(fields=["room", "starts_at"], name="appointment_of_room"),
            models.Index(fields=["site", "local_date"], name="appointment_of_site_day"),
            models.Index(
                fields=["released_at"],
                condition=Q(status=AppointmentStatus.PROPOSED, expiry_announced=False),
                name="appointment_holds",
            ),
            models.Index(
                fields=["hold_token"],
                condition=Q(hold_token__isnull=False),
                name="appointment_hold_token",
            ),
        ]

    def __str__(self) -> str:
        return f"Appointment {self.pk}"


class AppointmentStatusChange(models.Model):
    """One change of an appointment: who, when, from, to, why (S2). Rows are never updated."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    appointment = models.ForeignKey(
        Appointment, on_delete=models.CASCADE, related_name="status_changes"
    )
    kind = models.CharField(max_length=8, choices=ChangeKind, default=ChangeKind.STATUS)
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    from_status = models.CharField(max_length=20, choices=AppointmentStatus)
    to_status = models.CharField(max_length=20, choices=AppointmentStatus)
    reason = models.CharField(max_length=12, blank=True)
    from_starts_at = models.DateTimeField(null=True)
    from_ends_at = models.DateTimeField(null=True)
    from_practitioner = models.ForeignKey(
        Practitioner, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            instants_within_range("status_change", "at", "from_starts_at", "from_ends_at")
        ]
        indexes = [models.Index(fields=["appointment", "at"], name="status_change_of_appointment")]

    def __str__(self) -> str:
        return f"AppointmentStatusChange {self.pk}"

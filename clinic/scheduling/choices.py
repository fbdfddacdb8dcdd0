"""Codes of the scheduling domain; stored values are FHIR codes where FHIR has them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AppointmentStatus(models.TextChoices):
    """FHIR R4 AppointmentStatus, http://hl7.org/fhir/appointmentstatus.

    A hold is `proposed`; a request that needs approval is `pending`; `checked-in` means in the
    room.
    """

    PROPOSED = "proposed", _("Being booked")
    PENDING = "pending", _("Waiting for the clinic")
    BOOKED = "booked", _("Booked")
    ARRIVED = "arrived", _("Here")
    CHECKED_IN = "checked-in", _("In room")
    FULFILLED = "fulfilled", _("Seen")
    CANCELLED = "cancelled", _("Cancelled")
    NOSHOW = "noshow", _("Did not come")
    ENTERED_IN_ERROR = "entered-in-error", _("Entered in error")
    WAITLIST = "waitlist", _("Waiting list")


# Rows that someone has really booked (a hold is not a visit yet).
VISIT_STATUSES = frozenset(
    {
        AppointmentStatus.PENDING,
        AppointmentStatus.BOOKED,
        AppointmentStatus.ARRIVED,
        AppointmentStatus.CHECKED_IN,
        AppointmentStatus.FULFILLED,
        AppointmentStatus.NOSHOW,
    }
)
EXIT_STATUSES = frozenset({AppointmentStatus.CANCELLED, AppointmentStatus.ENTERED_IN_ERROR})


class Modality(models.TextChoices):
    IN_PERSON = "in-person", _("In person")
    PHONE = "phone", _("Phone")
    VIDEO = "video", _("Video")


class CancellationReason(models.TextChoices):
    """Short list shown at cancelling; FHIR appointment-cancellation-reason codes."""

    FEELING_BETTER = "pat-fb", _("I feel better")
    CANNOT_COME = "pat-cpp", _("The time does not suit me")
    TRANSPORT = "pat-lt", _("I cannot get there")
    OTHER_PATIENT = "pat", _("Another reason of mine")
    PRACTITIONER_AWAY = "prov-pers", _("The doctor is away")
    CLINIC = "prov", _("The clinic had to cancel")
    ERROR = "other-err", _("Booked by mistake")


PATIENT_REASONS = (
    CancellationReason.CANNOT_COME,
    CancellationReason.FEELING_BETTER,
    CancellationReason.TRANSPORT,
    CancellationReason.OTHER_PATIENT,
)


class ChangeKind(models.TextChoices):
    STATUS = "status", _("Status")
    MOVE = "move", _("Moved")
    UNDO = "undo", _("Undone")
    CONFIRM = "confirm", _("Confirmed by the patient")
    LATE = "late", _("Patient is running late")


class WindowKind(models.TextChoices):
    REPLACE = "replace", _("Instead of the weekly hours")
    EXTRA = "extra", _("In addition to the weekly hours")


class VisitColor(models.TextChoices):
    """Token names of the design; a color is always accompanied by the visit type's words and
    icon.
    """

    ACT = "act", _("Green")
    WAIT = "wait", _("Amber")
    YOURS = "yours", _("Plum")
    NONE = "none", _("Grey")

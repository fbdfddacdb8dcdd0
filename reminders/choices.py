"""Codes of the reminders."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReminderKind(models.TextChoices):
    CONFIRMATION = "confirmation", _("Confirmation")
    REMINDER = "reminder", _("Reminder")
    CHANGE = "change", _("Visit moved")
    CANCELLATION = "cancellation", _("Visit cancelled")
    DOSE = "dose", _("Time for a medicine")


class Channel(models.TextChoices):
    EMAIL = "email", _("E-mail")


class ReminderStatus(models.TextChoices):
    """`sending` is written before the mail server is spoken to, so a crash in between is seen."""

    PLANNED = "planned", _("Planned")
    CLAIMED = "claimed", _("In the queue")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    SKIPPED = "skipped", _("Skipped")
    VOID = "void", _("No longer valid")


# Rows that may still go out.
OPEN = (ReminderStatus.PLANNED, ReminderStatus.CLAIMED, ReminderStatus.SENDING)
# Rows that a move or a cancellation takes back: nothing of them can have left the house.
TAKEN_BACK = (ReminderStatus.PLANNED, ReminderStatus.CLAIMED)


class SkipReason(models.TextChoices):
    """Why a planned message was not sent; shown to staff on the appointment."""

    LATE = "late", _("too late to be of use")
    QUIET = "quiet", _("due in quiet hours, and the visit comes before they end")
    SUPERSEDED = "superseded", _("a later reminder was due as well")
    TOGETHER = "together", _("sent together with another visit of that day")
    CHANGED = "changed", _("the visit was moved or cancelled meanwhile")
    NOT_EXPECTED = "not-expected", _("the patient has arrived or the visit is over")
    OPTED_OUT = "opted-out", _("the patient does not want e-mail reminders")
    NO_ADDRESS = "no-address", _("no e-mail address")
    NOT_DUE = "not-due", _("the dose was ticked, or the medicine was changed")

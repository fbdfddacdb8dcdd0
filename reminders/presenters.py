"""Display-ready values: the page behind a link, and the ledger of an appointment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.lib import times
from clinic.scheduling import rules as scheduling
from clinic.scheduling.choices import AppointmentStatus, Modality
from clinic.scheduling.models import Appointment
from reminders.choices import ReminderKind, ReminderStatus
from reminders.models import Reminder

# A patient who is late knows it on the way, not the day before.
LATE_FROM = dt.timedelta(hours=3)
LATE_CHOICES = (10, 20, 30)


@dataclass(frozen=True, slots=True)
class LinkPage:
    """What the holder of a link sees of one visit: time, doctor and place, never why."""

    starts_at: dt.datetime
    time_zone: str
    time: times.VisitTime
    who: str
    where: str
    address: str
    phone: str
    running_late_minutes: int
    is_confirmed: bool
    can_confirm: bool
    can_report_late: bool
    can_move: bool
    can_cancel: bool
    is_past_cutoff: bool
    move_id: str

    @property
    def has_changes(self) -> bool:
        return self.can_move or self.can_cancel


def link_page(
    appointment: Appointment,
    *,
    cancel_cutoff_minutes: int,
    move_cutoff_minutes: int,
    clinic_phone: str,
    now: dt.datetime,
) -> LinkPage:
    """Return the page of a visit that was not changed since the message."""
    starts_at = appointment.starts_at
    patient = appointment.patient
    to_come = appointment.status == AppointmentStatus.BOOKED and now < starts_at
    tz = ""
    if patient is not None:
        tz = patient.time_zone or (patient.user.time_zone if patient.user else "")
    too_late_to_move = scheduling.is_past_cutoff(
        starts_at=starts_at, cutoff_minutes=move_cutoff_minutes, now=now
    )
    return LinkPage(
        starts_at=starts_at,
        time_zone=appointment.time_zone,
        time=times.format_visit_time(
            starts_at,
            appointment.ends_at,
            appointment.time_zone,
            tz or None,
            remote=appointment.modality != Modality.IN_PERSON,
        ),
        who=appointment.practitioner.full_name,
        where=_where(appointment),
        address=appointment.site.address if appointment.modality == Modality.IN_PERSON else "",
        phone=appointment.site.phone or clinic_phone,
        running_late_minutes=appointment.running_late_minutes or 0,
        is_confirmed=appointment.confirmed_at is not None,
        can_confirm=to_come and appointment.confirmed_at is None,
        can_report_late=appointment.status == AppointmentStatus.BOOKED
        and starts_at - LATE_FROM <= now < appointment.ends_at,
        can_move=to_come
        and not too_late_to_move
        and patient is not None
        and patient.user_id is not None,
        can_cancel=to_come,
        is_past_cutoff=scheduling.is_past_cutoff(
            starts_at=starts_at, cutoff_minutes=cancel_cutoff_minutes, now=now
        ),
        move_id=str(appointment.pk),
    )


def _where(appointment: Appointment) -> str:
    if appointment.modality == Modality.VIDEO:
        return _("By video")
    if appointment.modality == Modality.PHONE:
        return _("By phone: we call you")
    room = appointment.room.name if appointment.room else ""
    return ", ".join(filter(None, (appointment.site.name, room)))


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One message of an appointment: what, what became of it, when."""

    status: str
    tone: str
    icon: str
    what: str
    outcome: str
    time: str


_TONES = {ReminderStatus.SENT: "act", ReminderStatus.FAILED: "alert"}
_ICONS = {
    ReminderStatus.SENT: "check",
    ReminderStatus.FAILED: "triangle-alert",
    ReminderStatus.SKIPPED: "x",
    ReminderStatus.VOID: "x",
}


def ledger_lines(appointment: Appointment, rows: Iterable[Reminder]) -> Sequence[LedgerLine]:
    """Return the lines in the order given; times are the site's (T8)."""
    return [_ledger_line(row, appointment.time_zone) for row in rows]


def _ledger_line(row: Reminder, tz: str) -> LedgerLine:
    moment = times.to_local(row.sent_at or row.due_at, tz)
    return LedgerLine(
        status=row.status,
        tone=_TONES.get(ReminderStatus(row.status), "none"),
        icon=_ICONS.get(ReminderStatus(row.status), "clock"),
        what=f"{_what(row)}, {row.get_channel_display()}",
        outcome=_outcome(row, tz),
        time=f"{times.format_date(moment.date())}, {times.format_clock(moment)}",
    )


def _what(row: Reminder) -> str:
    if row.kind != ReminderKind.REMINDER or row.step_minutes is None:
        return str(row.get_kind_display())
    return _("Reminder %(step)s before") % {"step": step_text(row.step_minutes)}


def step_text(minutes: int) -> str:
    """Return "7 days", "2 hours" or "30 minutes"."""
    if minutes % 1440 == 0:
        days = minutes // 1440
        return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    if minutes % 60 == 0:
        hours = minutes // 60
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}


def _outcome(row: Reminder, tz: str) -> str:
    label = str(row.get_status_display())
    if row.status == ReminderStatus.SKIPPED:
        return _("Skipped: %(reason)s") % {"reason": row.get_skipped_reason_display()}
    if row.status == ReminderStatus.FAILED:
        return _("Failed: the mail server said %(code)s") % {"code": row.answer_code}
    if row.status == ReminderStatus.CLAIMED and row.attempts and row.lease_until:
        again = times.format_clock(times.to_local(row.lease_until, tz))
        return _("Did not get through (%(code)s), tried again at %(time)s") % {
            "code": row.answer_code,
            "time": again,
        }
    return label

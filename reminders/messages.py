"""What a message says: subject, text, HTML and calendar file, in the patient's language.

Composed at the last moment from the rows. No reason, diagnosis, visit type, specialty or free text
ever stands in a message; they are behind the sign-in (N5).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import get_template
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from clinic.lib import times
from clinic.people.models import Patient
from clinic.scheduling.calendar import Method, build_calendar
from clinic.scheduling.choices import EXIT_STATUSES, Modality
from clinic.scheduling.models import Appointment
from reminders import links
from reminders.choices import ReminderKind
from reminders.delivery import CalendarFile, Message
from reminders.models import Reminder

ARRIVE_EARLY = dt.timedelta(minutes=10)
# So long before, "Monday" alone could be taken for the one next week.
NAME_THE_DATE = dt.timedelta(days=6)


@dataclass(frozen=True, slots=True)
class VisitLines:
    """One visit as the message shows it. Empty strings are not shown."""

    when: str
    own_clock: str
    who: str
    where: str
    arrive: str
    url: str


@dataclass(frozen=True, slots=True)
class Words:
    """What differs between the kinds of message."""

    subject: str
    heading: str
    lead: str


def address_of(patient: Patient) -> str:
    """Return where the patient's mail goes: the account's address, else the one given by phone."""
    if patient.user is not None and patient.user.is_active:
        return patient.user.email
    return patient.email


def compose(
    *,
    reminder: Reminder,
    appointments: Sequence[Appointment],
    moved_from: tuple[dt.datetime, dt.datetime] | None,
    now: dt.datetime,
) -> Message:
    """Return the message of a row about one visit, or about all of that day.

    `moved_from` is the former time of a visit that was moved.
    """
    patient = reminder.patient
    tz = patient.time_zone or (patient.user.time_zone if patient.user else "")
    with translation.override(patient.language):
        words = _words(reminder, appointments, tz)
        context = {
            "kind": reminder.kind,
            "words": words,
            "visits": [_lines(appointment, tz) for appointment in appointments],
            "before": _former_time(appointments[0], moved_from, tz),
            "site": appointments[0].site,
            "in_person": any(_in_person(appointment) for appointment in appointments),
            "has_account": patient.user is not None,
            "language": patient.language,
            "clinic_name": settings.CLINIC_NAME,
            "clinic_phone": appointments[0].site.phone or settings.CLINIC_PHONE,
            "book_url": links.absolute(reverse("scheduling:practitioner_list")),
            "sign_in_url": links.absolute(reverse("scheduling:appointment_list")),
            "settings_url": links.absolute(reverse("people:profile")),
        }
        return Message(
            to=address_of(patient),
            subject=words.subject,
            text=get_template("reminders/email.txt").render(context),
            html=get_template("reminders/email.html").render(context),
            calendars=_calendars(reminder, appointments, tz=tz, now=now),
        )


def _words(reminder: Reminder, appointments: Sequence[Appointment], tz: str) -> Words:
    time = _time(appointments[0], tz)
    clock = _clock(time)
    on = {"date": time.date_text, "day": time.weekday_text, "time": clock}
    hello = {"name": reminder.patient.given_name}
    if reminder.kind == ReminderKind.CONFIRMATION:
        return Words(
            _("Your visit on %(date)s at %(time)s is booked") % on,
            _("Your visit is booked"),
            _("Hello %(name)s, we have kept this time for you.") % hello,
        )
    if reminder.kind == ReminderKind.CHANGE:
        return Words(
            _("Your visit has moved to %(date)s at %(time)s") % on,
            _("Your visit has moved"),
            _("Hello %(name)s, this is the new time.") % hello,
        )
    if reminder.kind == ReminderKind.CANCELLATION:
        return Words(
            _("Your visit on %(date)s at %(time)s is cancelled") % on,
            _("Your visit is cancelled"),
            _("Hello %(name)s, this visit does not take place.") % hello,
        )
    lead = _("Hello %(name)s, we look forward to seeing you.") % hello
    far = dt.timedelta(minutes=reminder.step_minutes or 0) >= NAME_THE_DATE
    day = {"day": time.date_text if far else time.weekday_text}
    if len(appointments) > 1:
        return Words(_("Your visits on %(date)s") % on, _("Your visits are on %(day)s") % day, lead)
    return Words(
        _("Your visit on %(date)s at %(time)s") % on, _("Your visit is on %(day)s") % day, lead
    )


def _time(appointment: Appointment, tz: str) -> times.VisitTime:
    return times.format_visit_time(
        appointment.starts_at,
        appointment.ends_at,
        appointment.time_zone,
        tz or None,
        remote=not _in_person(appointment),
    )


def _clock(time: times.VisitTime) -> str:
    return f"{time.starts_text}, {time.zone_text}" if time.zone_text else time.starts_text


def _moment(time: times.VisitTime) -> str:
    return f"{time.date_text}, {_clock(time)}"


def _in_person(appointment: Appointment) -> bool:
    return appointment.modality == Modality.IN_PERSON


def _lines(appointment: Appointment, tz: str) -> VisitLines:
    time = _time(appointment, tz)
    arrive = ""
    if _in_person(appointment):
        local = times.to_local(appointment.starts_at - ARRIVE_EARLY, appointment.time_zone)
        arrive = _("Please arrive at %(time)s") % {"time": times.format_clock(local)}
    own = _("On your clock: %(time)s") % {"time": _moment(time.viewer)} if time.viewer else ""
    return VisitLines(
        when=_moment(time),
        own_clock=own,
        who=appointment.practitioner.full_name,
        where=_where(appointment),
        arrive=arrive,
        url=links.link_url(appointment=appointment),
    )


def _where(appointment: Appointment) -> str:
    over = appointment.status in EXIT_STATUSES
    if appointment.modality == Modality.VIDEO:
        return _("By video") if over else _("By video: sign in at the time of your visit")
    if appointment.modality == Modality.PHONE:
        return _("By phone") if over else _("By phone: we call you")
    room = appointment.room.name if appointment.room else ""
    return ", ".join(filter(None, (appointment.site.address or appointment.site.name, room)))


def _former_time(
    appointment: Appointment, moved_from: tuple[dt.datetime, dt.datetime] | None, tz: str
) -> str:
    if moved_from is None:
        return ""
    starts_at, ends_at = moved_from
    time = times.format_visit_time(starts_at, ends_at, appointment.time_zone, tz or None)
    return _moment(time)


def _calendars(
    reminder: Reminder, appointments: Sequence[Appointment], *, tz: str, now: dt.datetime
) -> list[CalendarFile]:
    """Return one file per visit: a calendar message is about one UID (RFC 5546)."""
    method: Method = "CANCEL" if reminder.kind == ReminderKind.CANCELLATION else "REQUEST"
    return [
        CalendarFile(
            name="visit.ics" if number == 1 else f"visit-{number}.ics",
            content=build_calendar(
                appointment=appointment,
                method=method,
                site_url=settings.SITE_URL,
                now=now,
                organizer=settings.DEFAULT_FROM_EMAIL,
                attendee=address_of(reminder.patient),
                viewer_tz=tz,
            ),
            method=method,
        )
        for number, appointment in enumerate(appointments, start=1)
    ]

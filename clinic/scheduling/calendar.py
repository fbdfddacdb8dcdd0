"""The calendar file of a visit (RFC 5545, RFC 5546), for the page and for mail.

It says when and where, and never why: a calendar is shared with family, employer and phone (N5).
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from icalendar import Calendar, Event, Timezone, vCalAddress, vText

from clinic.lib import times
from clinic.scheduling.choices import Modality
from clinic.scheduling.models import Appointment

Method = Literal["PUBLISH", "REQUEST", "CANCEL"]


def build_calendar(
    *,
    appointment: Appointment,
    method: Method,
    site_url: str,
    now: dt.datetime,
    organizer: str = "",
    attendee: str = "",
    viewer_tz: str = "",
) -> bytes:
    """Return the visit as a calendar file in the active language.

    PUBLISH is for a download, REQUEST and CANCEL for mail, which name `organizer` and `attendee`.
    The UID is the visit's for good and SEQUENCE its version, so a newer file replaces the older
    entry (N6). Reads practitioner and site of the appointment.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Betony//Visits//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    event = _event(appointment, method=method, site_url=site_url, now=now, viewer_tz=viewer_tz)
    if organizer and attendee:
        event.add("organizer", _address(organizer))
        event.add("attendee", _attendee(attendee))
    calendar.add_component(event)
    zone = _zone(appointment.time_zone, appointment.starts_at.year)
    head, begin, rest = bytes(calendar.to_ical()).partition(b"BEGIN:VEVENT")
    return head + zone + begin + rest


def _event(
    appointment: Appointment, *, method: Method, site_url: str, now: dt.datetime, viewer_tz: str
) -> Event:
    zone = ZoneInfo(appointment.time_zone)
    event = Event()
    event.add("uid", f"{appointment.pk}@{urlsplit(site_url).hostname}")
    event.add("sequence", appointment.version)
    event.add("dtstamp", now.astimezone(dt.UTC))
    event.add("dtstart", appointment.starts_at.astimezone(zone))
    event.add("dtend", appointment.ends_at.astimezone(zone))
    event.add("summary", _("Clinic visit"))
    event.add("description", _description(appointment, site_url=site_url, viewer_tz=viewer_tz))
    if appointment.modality == Modality.IN_PERSON:
        place = ", ".join(filter(None, (appointment.site.name, appointment.site.address)))
        event.add("location", place)
    event.add("url", site_url)
    event.add("class", "PRIVATE")
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if method == "CANCEL" else "OPAQUE")
    return event


def _description(appointment: Appointment, *, site_url: str, viewer_tz: str) -> str:
    """Say who and when in words; both clocks where they differ (T8, D18)."""
    time = times.format_visit_time(
        appointment.starts_at,
        appointment.ends_at,
        appointment.time_zone,
        viewer_tz or None,
        remote=True,
    )
    lines = [appointment.practitioner.full_name, time.text]
    if time.viewer is not None:
        lines.append(time.viewer.text)
    lines.append(_("More at %(site)s") % {"site": site_url})
    return "\n".join(lines)


@lru_cache(maxsize=256)
def _zone(tz: str, year: int) -> bytes:
    """Return the VTIMEZONE around one year as text: writing it anew costs more than the visit."""
    zone = Timezone.from_tzinfo(
        ZoneInfo(tz), first_date=dt.date(year - 1, 1, 1), last_date=dt.date(year + 2, 1, 1)
    )
    return bytes(zone.to_ical())


def _address(email: str) -> vCalAddress:
    return vCalAddress(f"mailto:{email}")


def _attendee(email: str) -> vCalAddress:
    attendee = _address(email)
    attendee.params["role"] = vText("REQ-PARTICIPANT")
    attendee.params["partstat"] = vText("ACCEPTED")
    attendee.params["rsvp"] = vText("FALSE")
    return attendee

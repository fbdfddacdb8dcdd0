"""A patient's own holds and visits in words: the hold bar, the cards of visits, one visit in
full.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext, ngettext

from clinic.lib import times
from clinic.scheduling.choices import AppointmentStatus as S
from clinic.scheduling.choices import Modality
from clinic.scheduling.models import Appointment
from clinic.scheduling.presenters.slots import MODALITY_ICONS, slot_id

# Patients are told a doctor's lateness in steps of five minutes, and only once it matters.
LATE_STEP = 5
LATE_FROM = 10
# Crockford's letters without vowels: a reference is read out on the phone.
_REFERENCE_LETTERS = "23456789BCDFGHJKLMNPQRSTVWXZ"


@dataclass(frozen=True, slots=True)
class Mine:
    """What is drawn over a neutral time of the grid."""

    slot_id: str
    state: str
    href: str
    caption: str


@dataclass(frozen=True, slots=True)
class Hold:
    """The bar that says which time is held, until when."""

    id: str
    deadline: dt.datetime
    total: int
    day_text: str
    time_text: str
    until_text: str
    doctor: str
    extendable: bool


def hold_bar(hold: Appointment, *, now: dt.datetime) -> Hold:
    assert hold.released_at is not None  # a hold always ends by itself (H2)
    local = times.to_local(hold.starts_at, hold.time_zone)
    # The ring is full when the hold was last given: at the choice, or at the extension.
    total = 300 if hold.released_at - now <= dt.timedelta(seconds=300) else 600
    return Hold(
        id=hold.pk.hex,
        deadline=hold.released_at,
        total=total,
        day_text=formats.date_format(local.date(), "D j M"),
        time_text=times.format_clock(local),
        until_text=times.format_clock(times.to_local(hold.released_at, hold.time_zone)),
        doctor=hold.practitioner.short_name,
        extendable=not hold.hold_extended,
    )


def mine(hold: Appointment | None, visits: Sequence[Appointment]) -> list[Mine]:
    """Return which times of any grid are one's own."""
    found = [
        Mine(
            slot_id(visit.practitioner_id, visit.starts_at),
            "mine",
            reverse("scheduling:appointment_detail", args=[visit.pk]),
            gettext("Your visit"),
        )
        for visit in visits
    ]
    if hold is not None:
        found.append(
            Mine(
                slot_id(hold.practitioner_id, hold.starts_at),
                "yours",
                reverse("scheduling:appointment_review"),
                gettext("Held for you"),
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit as its owner sees it."""

    id: uuid.UUID
    href: str
    status: str
    status_text: str
    status_tone: str
    status_icon: str
    starts_at: dt.datetime
    time_zone: str
    time: times.VisitTime
    in_words: str
    doctor: str
    doctor_short: str
    what: str
    how: str
    how_icon: str
    where: str
    address: str
    directions: str
    phone: str
    preparation: tuple[str, ...]
    reference: str
    confirmed: bool
    running_late: int | None
    is_coming: bool
    is_remote: bool

    @property
    def place_text(self) -> str:
        return self.how if self.is_remote else self.where


def visit(appointment: Appointment, *, now: dt.datetime) -> Visit:
    """Return a visit in words; its time is the site's, with the patient's when they differ (T8)."""
    row = appointment
    remote = row.modality != Modality.IN_PERSON
    viewer_tz = row.patient.time_zone if row.patient else ""
    label, tone, icon = _status(row, now)
    return Visit(
        id=row.pk,
        href=reverse("scheduling:appointment_detail", args=[row.pk]),
        status=row.status,
        status_text=label,
        status_tone=tone,
        status_icon=icon,
        starts_at=row.starts_at,
        time_zone=row.time_zone,
        time=times.format_visit_time(
            row.starts_at, row.ends_at, row.time_zone, viewer_tz or None, remote=remote
        ),
        in_words=in_words(row, now=now),
        doctor=row.practitioner.full_name,
        doctor_short=row.practitioner.short_name,
        what=row.visit_type.name,
        how=str(Modality(row.modality).label),
        how_icon=MODALITY_ICONS[row.modality],
        where=", ".join(filter(None, (row.site.name, row.room.name if row.room else ""))),
        address=row.site.address,
        directions=row.site.directions,
        phone=row.site.phone,
        preparation=tuple(
            line.strip() for line in row.visit_type.preparation.splitlines() if line.strip()
        ),
        reference=reference(row.pk),
        confirmed=row.confirmed_at is not None,
        running_late=row.running_late_minutes,
        is_coming=row.status in (S.PENDING, S.BOOKED, S.ARRIVED, S.CHECKED_IN),
        is_remote=remote,
    )


def _status(row: Appointment, now: dt.datetime) -> tuple[str, str, str]:
    """Return word, tone and icon of a visit's state; a state never stands on color alone."""
    if row.status == S.PENDING and row.released_at is not None and row.released_at <= now:
        return gettext("Not confirmed by the clinic"), "", "calendar-x"
    if row.status == S.BOOKED and row.confirmed_at is not None:
        return gettext("Confirmed"), "act", "check"
    words = {
        S.PENDING: (gettext("Waiting for the clinic"), "wait", "hourglass"),
        S.BOOKED: (gettext("Booked"), "yours", "calendar-check"),
        S.ARRIVED: (gettext("You are here"), "act", "user-check"),
        S.CHECKED_IN: (gettext("In the room"), "act", "door-open"),
        S.FULFILLED: (gettext("Seen"), "", "check"),
        S.NOSHOW: (gettext("Missed"), "", "calendar-off"),
        S.CANCELLED: (gettext("Cancelled"), "", "calendar-x"),
    }
    return words[S(row.status)]


def in_words(row: Appointment, *, now: dt.datetime) -> str:
    """Return "today", "tomorrow", "in 4 days" or "2 weeks ago", counted in days of the site
    (T7).
    """
    days = (row.local_date - times.today(row.time_zone, now)).days
    if days == 0:
        return gettext("today")
    if days == 1:
        return gettext("tomorrow")
    if days == -1:
        return gettext("yesterday")
    if days > 0:
        return ngettext("in %(days)s day", "in %(days)s days", days) % {"days": days}
    return ngettext("%(days)s day ago", "%(days)s days ago", -days) % {"days": -days}


def reference(appointment_id: uuid.UUID) -> str:
    """Return a short code to say on the phone, from the random end of the id: "7K4-29M-QX"."""
    number, letters = appointment_id.int & ((1 << 38) - 1), []
    for _ in range(8):
        number, place = divmod(number, len(_REFERENCE_LETTERS))
        letters.append(_REFERENCE_LETTERS[place])
    code = "".join(letters)
    return f"{code[:3]}-{code[3:6]}-{code[6:]}"


def late_text(doctor: str, minutes: int) -> str:
    """Return how late the doctor runs, rounded to five minutes; nothing below ten."""
    if minutes < LATE_FROM:
        return ""
    rounded = round(minutes / LATE_STEP) * LATE_STEP
    return gettext("%(doctor)s runs about %(minutes)s minutes late") % {
        "doctor": doctor,
        "minutes": rounded,
    }

"""What a patient is told whose time could not be had: what happened, and the ways on (C3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.lib import times
from clinic.scheduling.availability import Refusal
from clinic.scheduling.models import Appointment
from clinic.scheduling.presenters.slots import day_name
from clinic.scheduling.selectors.slots import FreeTime

Words = tuple[Promise | str, Promise | str]

_LOST: Words = (
    _("%(time)s was just booked by someone else"),
    _("Nothing you typed is lost. These are the nearest free times."),
)
_WORDS: dict[Refusal, Words] = {
    Refusal.HOLD: (
        _("Someone is booking %(time)s right now"),
        _("It may open again in a few minutes. These are the nearest free times."),
    ),
    Refusal.CLOSED: (
        _("%(time)s cannot be booked any more"),
        _("The doctor's hours have changed. These are the nearest free times."),
    ),
    Refusal.CLOSURE: (
        _("The clinic is closed at %(time)s"),
        _("These are the nearest free times."),
    ),
    Refusal.ABSENCE: (
        _("The doctor is away at %(time)s"),
        _("These are the nearest free times."),
    ),
    Refusal.LEAD_TIME: (
        _("%(time)s is too soon to book online"),
        _("Call us on %(phone)s and we will see what we can do. Or choose a later time."),
    ),
    Refusal.HORIZON: (
        _("%(time)s is too far ahead to book"),
        _("Choose an earlier time, or come back later."),
    ),
    Refusal.NOT_ONLINE: (
        _("This visit cannot be booked online"),
        _("Call us on %(phone)s and we will book it for you."),
    ),
    Refusal.QUOTA: (
        _("There are no more visits of this kind on that day"),
        _("These are the nearest free times."),
    ),
}


@dataclass(frozen=True, slots=True)
class Alternative:
    """A free time near the one that was wished for."""

    value: int
    day_text: str
    time_text: str
    label: str


@dataclass(frozen=True, slots=True)
class Refused:
    """What stood in the way, and the ways on."""

    title: str
    text: str
    alternatives: tuple[Alternative, ...] = ()
    visit_href: str = ""


def taken(
    refusal: Refusal, *, time_text: str, nearest: Sequence[FreeTime], now: dt.datetime
) -> Refused:
    """Return the words of a lost time with the nearest free ones."""
    title, text = _WORDS.get(refusal, _LOST)
    values = {"time": time_text, "phone": settings.CLINIC_PHONE}
    return Refused(
        title=str(title) % values,
        text=str(text) % values,
        alternatives=tuple(_alternative(free, now) for free in nearest),
    )


def _alternative(free: FreeTime, now: dt.datetime) -> Alternative:
    clock = times.format_clock(times.to_local(free.starts_at, free.time_zone))
    return Alternative(
        value=times.seconds(free.starts_at),
        day_text=day_name(free.local_date, times.today(free.time_zone, now)),
        time_text=clock,
        label=f"{times.format_date(free.local_date)}, {clock}",
    )


def already_booked(visit: Appointment | None, href: str) -> Refused:
    """Return the words for a patient who has a visit at that time (R7)."""
    if visit is None:
        return Refused(
            gettext("You already hold or have a visit at that time"),
            gettext("Let the other time go first, or choose another one."),
        )
    local = times.to_local(visit.starts_at, visit.time_zone)
    return Refused(
        gettext("You already have a visit at that time"),
        gettext("%(date)s, %(time)s with %(doctor)s. Choose another time, or change that visit.")
        % {
            "date": times.format_date(local.date()),
            "time": times.format_clock(local),
            "doctor": visit.practitioner.short_name,
        },
        visit_href=href,
    )


def not_offered() -> Refused:
    return Refused(
        gettext("This visit is not offered any more"),
        gettext("Choose another kind of visit or another doctor."),
    )


def busy() -> Refused:
    return Refused(
        gettext("Someone is changing this schedule right now"),
        gettext("Nothing was booked. Please try again in a moment."),
    )


def somebody_else() -> Refused:
    return Refused(
        gettext("This page was opened for somebody else"),
        gettext("Nothing was booked. Look at the top for whom you act now, then confirm again."),
    )


def needs_patient() -> Refused:
    return Refused(
        gettext("This account cannot book for itself"),
        gettext("It is not a patient's account. Visits of others are booked from the desk."),
    )

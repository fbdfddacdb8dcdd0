"""One own visit with what its owner can do about it now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext

from clinic.lib import times
from clinic.scheduling import rules
from clinic.scheduling.choices import AppointmentStatus as S
from clinic.scheduling.models import Appointment
from clinic.scheduling.presenters.review import cancel_text
from clinic.scheduling.selectors.availability import ParametersOfVisit

# Somebody on the way says so; a day before it is a wish to move.
LATE_WITHIN = dt.timedelta(hours=6)
# Asking to confirm makes sense once the visit is near enough to be sure.
CONFIRM_WITHIN = dt.timedelta(days=8)
# Who has only just booked has said enough.
CONFIRM_AFTER = dt.timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Ways:
    """What can be done with a visit; an empty text means that nothing needs saying."""

    can_cancel: bool
    cancels_late: bool
    cancel_text: str
    can_move: bool
    move_text: str
    can_confirm: bool
    can_be_late: bool


def ways(visit: Appointment, limits: ParametersOfVisit, *, now: dt.datetime) -> Ways:
    """Return the ways on, by the same rules that the services apply."""
    begun = visit.starts_at <= now
    live = visit.released_at is None or visit.released_at > now
    changeable = live and not begun and (visit.status, S.CANCELLED) in rules.PATIENT_TRANSITIONS
    late = rules.is_past_cutoff(
        starts_at=visit.starts_at, cutoff_minutes=limits.cancel_cutoff_minutes, now=now
    )
    move_refusal = _move_refusal(visit, limits, now=now) if changeable else ""
    return Ways(
        can_cancel=changeable,
        cancels_late=changeable and late,
        cancel_text=_cancel_words(visit, limits, late=late, now=now),
        can_move=changeable and not move_refusal,
        move_text=move_refusal
        or gettext("Your present time stays yours until the new one is confirmed"),
        can_confirm=asks_to_confirm(visit, now=now),
        can_be_late=visit.status == S.BOOKED
        and visit.ends_at > now
        and visit.starts_at - now <= LATE_WITHIN,
    )


def asks_to_confirm(visit: Appointment, *, now: dt.datetime) -> bool:
    """Say whether the patient is asked to confirm: booked a while ago, near, not yet said."""
    unsaid = visit.status == S.BOOKED and visit.confirmed_at is None
    settled = now - visit.created_at >= CONFIRM_AFTER
    return unsaid and settled and now < visit.starts_at <= now + CONFIRM_WITHIN


def _cancel_words(
    visit: Appointment, limits: ParametersOfVisit, *, late: bool, now: dt.datetime
) -> str:
    if not late:
        cutoff = limits.cancel_cutoff_minutes
        return cancel_text(visit.starts_at, cutoff, visit.time_zone, now=now)
    return gettext("It is close now. Tell us anyway, so that somebody else can have the time.")


def _move_refusal(visit: Appointment, limits: ParametersOfVisit, *, now: dt.datetime) -> str:
    """Return why the visit cannot be moved here, empty when it can."""
    try:
        rules.check_can_move(
            status=visit.status,
            starts_at=visit.starts_at,
            cutoff_minutes=limits.move_cutoff_minutes,
            moves=visit.moves,
            max_moves=limits.max_moves,
            now=now,
            by_staff=False,
        )
    except rules.TooLateToMove:
        until = times.to_local(
            visit.starts_at - dt.timedelta(minutes=limits.move_cutoff_minutes), visit.time_zone
        )
        return gettext("Moving was possible until %(date)s, %(time)s. Call us on %(phone)s.") % {
            "date": times.format_date(until.date()),
            "time": times.format_clock(until),
            "phone": settings.CLINIC_PHONE,
        }
    except rules.TooManyMoves:
        return gettext(
            "You have moved this visit as often as is possible here. Call us on %(phone)s."
        ) % {"phone": settings.CLINIC_PHONE}
    except rules.TransitionNotAllowed:
        return gettext("This visit can no longer be moved.")
    return ""

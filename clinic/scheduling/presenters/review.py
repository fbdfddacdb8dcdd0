"""What would be booked, in words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext

from clinic.lib import times
from clinic.scheduling.choices import Modality
from clinic.scheduling.presenters.slots import LETTERS, MODALITY_ICONS
from clinic.scheduling.selectors.review import Plan


@dataclass(frozen=True, slots=True)
class Planned:
    practitioner_id: str
    doctor: str
    doctor_short: str
    initials: str
    what: str
    how: str
    how_icon: str
    where: str
    address: str
    starts_at: dt.datetime
    time_zone: str
    time: times.VisitTime
    needs_approval: bool
    cancel_text: str
    others_query: str


def planned(plan: Plan, *, viewer_tz: str, now: dt.datetime) -> Planned:
    """Return the plan in words, its time on the site's clock and, when it differs, the viewer's."""
    tz = plan.site.time_zone
    remote = plan.modality != Modality.IN_PERSON
    date = times.local_date(plan.starts_at, tz)
    return Planned(
        practitioner_id=str(plan.practitioner.pk),
        doctor=plan.practitioner.full_name,
        doctor_short=plan.practitioner.short_name,
        initials=plan.practitioner.initials,
        what=plan.visit_type.name,
        how=str(Modality(plan.modality).label),
        how_icon=MODALITY_ICONS[plan.modality],
        where=plan.site.name,
        address=plan.site.address,
        starts_at=plan.starts_at,
        time_zone=tz,
        time=times.format_visit_time(
            plan.starts_at, plan.ends_at, tz, viewer_tz or None, remote=remote
        ),
        needs_approval=plan.needs_approval,
        cancel_text=cancel_text(plan.starts_at, plan.cancel_cutoff_minutes, tz, now=now),
        others_query=(
            f"?type={plan.visit_type.pk.hex}&how={LETTERS[plan.modality]}&day={date.isoformat()}"
        ),
    )


def cancel_text(starts_at: dt.datetime, cutoff_minutes: int, tz: str, *, now: dt.datetime) -> str:
    """Return until when the patient can cancel without a word to the clinic (P1)."""
    ends_at = starts_at - dt.timedelta(minutes=cutoff_minutes)
    if ends_at < now:
        return gettext(
            "It is close: to move it, call us. You can still say here if you cannot come."
        )
    until = times.to_local(ends_at, tz)
    return gettext("You can cancel or move it here until %(date)s, %(time)s.") % {
        "date": times.format_date(until.date()),
        "time": times.format_clock(until),
    }

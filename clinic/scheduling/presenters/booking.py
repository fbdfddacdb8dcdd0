"""The page on which a time of one doctor is chosen: its frame around the live grid."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils import formats
from django.utils.translation import gettext, ngettext

from clinic.lib import times
from clinic.people.choices import Specialty
from clinic.people.models import Practitioner
from clinic.scheduling.availability import Parameters
from clinic.scheduling.choices import Modality
from clinic.scheduling.models import VisitType
from clinic.scheduling.presenters.slots import LETTERS, MODALITY_ICONS
from clinic.scheduling.selectors.slots import Practice

ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Switch:
    """One of several ways, as a link that keeps everything else."""

    href: str
    icon: str
    label: str
    current: bool


@dataclass(frozen=True, slots=True)
class StripDay:
    """A day of the strip: the live piece, and whether it is the one that is shown."""

    html: str
    current: bool


@dataclass(frozen=True, slots=True)
class ChooseTime:
    """Everything around the grid."""

    doctor: str
    doctor_short: str
    initials: str
    specialty: str
    bio: str
    places: str
    kind: str
    kind_id: str
    length: str
    description: str
    needs_approval: bool
    letter: str
    kinds: tuple[Switch, ...]
    ways: tuple[Switch, ...]
    days: tuple[StripDay, ...]
    month: str
    date_text: str
    earlier: str
    later: str
    zone_note: str


def choose_time(
    practice: Practice,
    *,
    practitioner: Practitioner,
    visit_types: Sequence[VisitType],
    visit_type: VisitType,
    modality: str,
    date: dt.date,
    first: dt.date,
    today: dt.date,
    strip: Mapping[str, str],
    viewer_tz: str,
) -> ChooseTime:
    parameters = _parameters(practice)
    letter = LETTERS[modality]
    span = len(strip)
    zones = sorted({practice.sites[place].time_zone for place in practice.places})
    return ChooseTime(
        doctor=practitioner.full_name,
        doctor_short=practitioner.short_name,
        initials=practitioner.initials,
        specialty=str(Specialty(practitioner.specialty).label),
        bio=practitioner.bio,
        places=", ".join(practice.sites[place].name for place in practice.places),
        kind=visit_type.name,
        kind_id=visit_type.pk.hex,
        length=ngettext("%(n)s minute", "%(n)s minutes", parameters.duration_minutes)
        % {"n": parameters.duration_minutes},
        description=visit_type.description,
        needs_approval=parameters.needs_approval,
        letter=letter,
        kinds=tuple(
            Switch(
                _query(kind.pk, _way(kind, modality), date),
                kind.icon,
                kind.name,
                kind.pk == visit_type.pk,
            )
            for kind in visit_types
        ),
        ways=tuple(
            Switch(
                _query(visit_type.pk, way, date),
                MODALITY_ICONS[way],
                str(Modality(way).label),
                way == modality,
            )
            for way in visit_type.modalities
        ),
        days=tuple(
            StripDay(html, dom_id == f"day-{date:%Y%m%d}") for dom_id, html in strip.items()
        ),
        month=_months(first, first + ONE_DAY * (span - 1)),
        date_text=times.format_date(date),
        earlier=_since(visit_type.pk, modality, max(today, first - ONE_DAY * span))
        if first > today
        else "",
        later=_since(visit_type.pk, modality, first + ONE_DAY * span)
        if (first - today).days + span <= parameters.horizon_days
        else "",
        zone_note=_zone_note(zones, date, viewer_tz),
    )


def _parameters(practice: Practice) -> Parameters:
    places = practice.places
    every = practice.offered.parameters
    return every[places[0]] if places else next(iter(every.values()))


def _way(kind: VisitType, modality: str) -> str:
    return modality if modality in kind.modalities else kind.modalities[0]


def _query(visit_type_id: uuid.UUID, modality: str, date: dt.date) -> str:
    return f"?type={visit_type_id.hex}&how={LETTERS[modality]}&day={date.isoformat()}"


def _since(visit_type_id: uuid.UUID, modality: str, first: dt.date) -> str:
    return f"?type={visit_type_id.hex}&how={LETTERS[modality]}&since={first.isoformat()}"


def _months(first: dt.date, last: dt.date) -> str:
    """Return "November 2026", or "November to December 2026" where the strip crosses over."""
    name = formats.date_format(last, "YEAR_MONTH_FORMAT")
    if first.month == last.month:
        return name
    return gettext("%(first)s to %(last)s") % {
        "first": formats.date_format(first, "F"),
        "last": name,
    }


def _zone_note(zones: Sequence[str], date: dt.date, viewer_tz: str) -> str:
    """Say whose clock the times are on, unless the viewer's is known to show the same (T8)."""
    noon = times.to_instant(date, dt.time(12), zones[0]) if zones else None
    if noon is None:
        return ""
    labels = ", ".join(times.zone_label(tz) for tz in zones)
    if len(zones) == 1 and viewer_tz:
        if (
            times.to_local(noon, zones[0]).utcoffset()
            == times.to_local(noon, viewer_tz).utcoffset()
        ):
            return ""
        return gettext("Times are %(zone)s, not %(yours)s.") % {
            "zone": labels,
            "yours": times.zone_label(viewer_tz),
        }
    return gettext("Times are %(zone)s.") % {"zone": labels}

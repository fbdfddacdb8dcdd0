"""The chips of a doctor's next free times."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext, ngettext

from clinic.lib import times
from clinic.people.models import Practitioner
from clinic.scheduling.presenters.slots import Chip, chip
from clinic.scheduling.selectors.next_free import NextFree
from clinic.scheduling.selectors.slots import FreeTime


@dataclass(frozen=True, slots=True)
class NextChips:
    id: str
    name: str
    address: str
    chips: tuple[Chip, ...]
    more: str
    more_query: str
    none_text: str
    later: Chip | None


def next_chips(
    answer: NextFree, *, practitioner: Practitioner, modality: str | None, now: dt.datetime
) -> NextChips:
    """Return three chips and how many more times there are, or when the first one is."""
    several = len(answer.sites) > 1

    def drawn(free: FreeTime) -> Chip:
        return chip(
            free,
            today=times.today(free.time_zone, now),
            visit_type_id=answer.visit_type_id,
            modality=modality,
            place=answer.sites[free.site_id].name if several else "",
        )

    chips = tuple(drawn(free) for free in answer.times)
    later = drawn(answer.later) if answer.later else None
    return NextChips(
        id=f"next-{practitioner.pk.hex}",
        name=practitioner.short_name,
        address=reverse("scheduling:slot_list", args=[practitioner.pk]),
        chips=chips,
        more=_more(answer),
        more_query=f"type={answer.visit_type_id.hex}",
        none_text=_none_text(answer),
        later=later,
    )


def _month_day(date: dt.date) -> str:
    return formats.date_format(date, "MONTH_DAY_FORMAT")


def _more(answer: NextFree) -> str:
    more = answer.free - len(answer.times)
    if more <= 0:
        return ""
    return ngettext(
        "%(more)s more time until %(until)s", "%(more)s more times until %(until)s", more
    ) % {"more": more, "until": _month_day(answer.until)}


def _none_text(answer: NextFree) -> str:
    if answer.times:
        return ""
    if answer.later is None:
        return gettext("No free times can be booked online at present.")
    return gettext("No free times before %(date)s.") % {"date": _month_day(answer.later.local_date)}

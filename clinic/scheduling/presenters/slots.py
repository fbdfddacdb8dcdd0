"""The slot grid, the day strip and the chips of the next free times, ready to be drawn."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils import formats
from django.utils.translation import gettext, ngettext

from clinic.lib import times
from clinic.scheduling.choices import Modality
from clinic.scheduling.models import Site
from clinic.scheduling.selectors.slots import (
    DayCount,
    DayState,
    FreeTime,
    SlotDay,
    SlotState,
    SlotTime,
)

AFTERNOON = dt.time(12)
EVENING = dt.time(17)

# One letter a modality keeps topics and addresses short.
LETTERS: Mapping[str, str] = {Modality.IN_PERSON: "i", Modality.PHONE: "p", Modality.VIDEO: "v"}
MODALITIES = {letter: modality for modality, letter in LETTERS.items()}
MODALITY_ICONS: Mapping[str, str] = {
    Modality.IN_PERSON: "map-pin",
    Modality.PHONE: "phone",
    Modality.VIDEO: "video",
}


def slot_id(practitioner_id: uuid.UUID, starts_at: dt.datetime) -> str:
    """Return the DOM id of a time; the list of what is mine names it as well."""
    return f"slot-{practitioner_id.hex}-{times.seconds(starts_at)}"


@dataclass(frozen=True, slots=True)
class Slot:
    id: str
    value: int  # epoch seconds: two 02:00 of one night are two values (D2)
    text: str
    state: str
    caption: str
    available: bool


@dataclass(frozen=True, slots=True)
class SlotPart:
    """Morning, afternoon or evening at one site."""

    id: str
    title: str
    note: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class SlotGrid:
    id: str
    date_text: str
    parts: tuple[SlotPart, ...]
    empty_title: str
    empty_text: str
    free: int
    seconds: int  # how long a visit is, to know which times a hold of one's own covers


def slot_grid(day: SlotDay, *, practitioner_id: uuid.UUID) -> SlotGrid:
    """Return the grid of one day, grouped by site and time of day in the site's zone."""
    several = len({slot.site_id for slot in day.slots}) > 1
    grouped: dict[tuple[uuid.UUID, str], list[SlotTime]] = {}
    for slot in day.slots:
        grouped.setdefault((slot.site_id, _part_of(slot, day.sites)), []).append(slot)
    date_text = times.format_date(day.date)
    parts = tuple(
        SlotPart(
            id=f"part-{number}",
            title=_part_title(part),
            note=_part_note(date_text, day.sites[site_id], several=several, first=number == 0),
            slots=tuple(_slot(slot, day.sites, practitioner_id) for slot in slots),
        )
        for number, ((site_id, part), slots) in enumerate(_in_order(grouped))
    )
    title, text = ("", "") if parts else _empty_words(day)
    return SlotGrid(
        id=f"slots-{practitioner_id.hex}-{day.date:%Y%m%d}",
        date_text=date_text,
        parts=parts,
        empty_title=title,
        empty_text=text,
        free=sum(slot.state is SlotState.FREE for slot in day.slots),
        seconds=_length(day.slots),
    )


def _in_order(
    grouped: dict[tuple[uuid.UUID, str], list[SlotTime]],
) -> Iterable[tuple[tuple[uuid.UUID, str], list[SlotTime]]]:
    return sorted(grouped.items(), key=lambda item: (item[1][0].starts_at, str(item[0][0])))


def _length(slots: tuple[SlotTime, ...]) -> int:
    return int((slots[0].ends_at - slots[0].starts_at).total_seconds()) if slots else 0


def _part_of(slot: SlotTime, sites: Mapping[uuid.UUID, Site]) -> str:
    clock = times.to_local(slot.starts_at, sites[slot.site_id].time_zone).time()
    if clock < AFTERNOON:
        return "morning"
    return "afternoon" if clock < EVENING else "evening"


def _part_title(part: str) -> str:
    return {
        "morning": gettext("Morning"),
        "afternoon": gettext("Afternoon"),
        "evening": gettext("Evening"),
    }[part]


def _part_note(date_text: str, site: Site, *, several: bool, first: bool) -> str:
    if several:
        return site.name
    return date_text if first else ""


def _slot(slot: SlotTime, sites: Mapping[uuid.UUID, Site], practitioner_id: uuid.UUID) -> Slot:
    captions = {
        SlotState.FREE: "",
        SlotState.HELD: gettext("Being booked"),
        SlotState.TAKEN: gettext("Taken"),
    }
    return Slot(
        id=slot_id(practitioner_id, slot.starts_at),
        value=times.seconds(slot.starts_at),
        text=times.format_clock(times.to_local(slot.starts_at, sites[slot.site_id].time_zone)),
        state=slot.state.value,
        caption=captions[slot.state],
        available=slot.state is SlotState.FREE,
    )


def _empty_words(day: SlotDay) -> tuple[str, str]:
    if day.closed_reason:
        return day.closed_reason, gettext("There are no visits on this day. Choose another day.")
    return (
        gettext("No times on this day"),
        gettext("Choose another day; those with free times show how many."),
    )


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the strip. The link is relative, so that it keeps to the page it stands on."""

    id: str
    query: str
    weekday: str
    number: int
    label: str
    free: int
    words: str


def day(count: DayCount, *, visit_type_id: uuid.UUID, modality: str | None) -> Day:
    return Day(
        id=f"day-{count.date:%Y%m%d}",
        query=_query(visit_type_id, modality, count.date),
        weekday=formats.date_format(count.date, "D"),
        number=count.date.day,
        label=times.format_date(count.date),
        free=count.free,
        words=_day_words(count),
    )


def _query(visit_type_id: uuid.UUID, modality: str | None, date: dt.date) -> str:
    """Return the query of a day's link; `&` is escaped where it is drawn."""
    how = f"&how={LETTERS[modality]}" if modality else ""
    return f"type={visit_type_id.hex}{how}&day={date.isoformat()}"


def _day_words(count: DayCount) -> str:
    if count.state is DayState.OPEN:
        return ngettext("%(free)s free", "%(free)s free", count.free) % {"free": count.free}
    return {
        DayState.FULL: gettext("Full"),
        DayState.OVER: gettext("Over"),
        DayState.CLOSED: gettext("Closed"),
        DayState.LATER: gettext("Later"),
    }[count.state]


@dataclass(frozen=True, slots=True)
class Chip:
    """A free time as a link to its day."""

    query: str
    day_text: str
    time_text: str
    label: str


def chip(
    free: FreeTime,
    *,
    today: dt.date,
    visit_type_id: uuid.UUID,
    modality: str | None,
    place: str = "",
) -> Chip:
    """Return the link to a free time; `today` is the site's own (T7)."""
    clock = times.format_clock(times.to_local(free.starts_at, free.time_zone))
    day_text = day_name(free.local_date, today)
    return Chip(
        query=_query(visit_type_id, modality, free.local_date),
        day_text=f"{day_text}, {place}" if place else day_text,
        time_text=clock,
        label=f"{times.format_date(free.local_date)}, {clock}",
    )


def day_name(date: dt.date, today: dt.date) -> str:
    """Return "Today", "Tomorrow" or "Mon 16", and "8 Dec" when it is three weeks off."""
    distance = (date - today).days
    if distance == 0:
        return gettext("Today")
    if distance == 1:
        return gettext("Tomorrow")
    return formats.date_format(date, "D j" if distance < 21 else "j M")

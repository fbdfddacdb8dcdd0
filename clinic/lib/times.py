"""The one place where wall time becomes an instant, and where instants become words.

Rules are wall times in the zone of a site; everything stored is an instant in UTC. Every conversion
is made here, in Python, with `fold=0`: PostgreSQL's AT TIME ZONE picks the other occurrence of an
ambiguous time, so a second place that converts is an hour off on one night of the year.

Nothing here reads the clock, the process zone or Django's active zone.
"""

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext

Key = TypeVar("Key")

MIDNIGHT = dt.time(0, 0)
ONE_DAY = dt.timedelta(days=1)


def zone_exists(tz: str) -> bool:
    """Return whether `tz` names an IANA zone (T1: a rule never carries an offset)."""
    try:
        ZoneInfo(tz)
    except (KeyError, ValueError, OSError):  # unknown, outside the database, or a folder of it
        return False
    return True


def to_instant(date: dt.date, time: dt.time, tz: str) -> dt.datetime:
    """Return the instant in UTC at which clocks in `tz` show this wall time (T3).

    An ambiguous time is its first occurrence; one that does not exist moves forward by the gap.
    """
    # zoneinfo reads a time inside a gap with the offset before it, which is the move forward.
    return dt.datetime.combine(date, time.replace(fold=0), ZoneInfo(tz)).astimezone(dt.UTC)


def to_local(instant: dt.datetime, tz: str) -> dt.datetime:
    """Return the local time of an instant. For reading only: adding to it is wall arithmetic."""
    if instant.tzinfo is None:
        raise ValueError("an instant must be aware")
    return instant.astimezone(ZoneInfo(tz))


def local_date(instant: dt.datetime, tz: str) -> dt.date:
    """Return the calendar day of a site (T7) on which an instant falls."""
    return to_local(instant, tz).date()


def today(tz: str, now: dt.datetime) -> dt.date:
    """Return the calendar day it is in `tz` at `now`."""
    return local_date(now, tz)


def day_bounds(date: dt.date, tz: str) -> tuple[dt.datetime, dt.datetime]:
    """Return the half-open instants `[start, end)` of a local day: 23, 24 or 25 hours (T2, D16).

    Also the window of a patient's own day, given the patient's zone (D19). Both are equal for a day
    that a zone skipped altogether (D17).
    """
    return to_instant(date, MIDNIGHT, tz), to_instant(date + ONE_DAY, MIDNIGHT, tz)


def dates_touched(starts_at: dt.datetime, ends_at: dt.datetime, tz: str) -> list[dt.date]:
    """Return the local days that `[starts_at, ends_at)` touches, in order (D19)."""
    first = local_date(starts_at, tz)
    last = local_date(ends_at - dt.timedelta(microseconds=1), tz)
    return [first + n * ONE_DAY for n in range((last - first).days + 1)]


def iso_weekday(date: dt.date) -> int:
    """Return 1 for Monday to 7 for Sunday, the only numbering in the product (T9)."""
    return date.isoweekday()


def weekday_name(weekday: int) -> str:
    """Return the translated name of an ISO weekday."""
    return str(WEEKDAYS[weekday - 1])


# Epoch seconds, for the availability engine. The caches hold pure functions of their arguments.


def seconds(instant: dt.datetime) -> int:
    """Return whole epoch seconds of an aware instant."""
    if instant.tzinfo is None:
        raise ValueError("an instant must be aware")
    return int(instant.timestamp())


def from_seconds(moment: int) -> dt.datetime:
    """Return the aware UTC instant of epoch seconds."""
    return dt.datetime.fromtimestamp(moment, dt.UTC)


@lru_cache(maxsize=4096)
def date_of_seconds(moment: int, tz: str) -> dt.date:
    """Return the local day of epoch seconds."""
    return dt.datetime.fromtimestamp(moment, ZoneInfo(tz)).date()


@lru_cache(maxsize=4096)
def day_seconds(date: dt.date, tz: str) -> tuple[int, int]:
    """Return `day_bounds` as epoch seconds."""
    start, end = day_bounds(date, tz)
    return seconds(start), seconds(end)


@lru_cache(maxsize=16384)
def window_seconds(
    date: dt.date, starts: dt.time, ends: dt.time, tz: str
) -> tuple[int, int] | None:
    """Return the epoch seconds `[start, end)` of a rule on a local day, or None if that is empty.

    `ends <= starts` runs into the next day, so `00:00` as an end is the next midnight (T6). Both
    are resolved separately (T2); what a gap turns round or swallows is empty (D4, D5, D17).
    """
    end_date = date if ends > starts else date + ONE_DAY
    if _is_skipped(date, starts, tz) and _is_skipped(end_date, ends, tz):
        return None
    start = seconds(to_instant(date, starts, tz))
    end = seconds(to_instant(end_date, ends, tz))
    return (start, end) if start < end else None


def _is_skipped(date: dt.date, time: dt.time, tz: str) -> bool:
    local = to_local(to_instant(date, time, tz), tz)
    return (local.date(), local.time()) != (date, time)


def is_ambiguous(local: dt.datetime) -> bool:
    """Return whether clocks show this local time twice. `local` must come from an instant."""
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


# Words. Mail, calendar file, SMS and page all say times through `format_visit_time` (T8).


class VisitTime(NamedTuple):
    """A visit's time in words, in one zone. Empty strings are not shown."""

    date_text: str  # "Monday 16 November"
    full_date_text: str  # "Monday 16 November 2026"
    weekday_text: str  # "Monday"
    starts_text: str  # "09:40", with the offset on the night clocks go back
    ends_text: str
    zone_text: str  # "Berlin time" when it must be said
    zone_name: str  # "Europe/Berlin"
    starts_iso: str  # for <time datetime>
    ends_iso: str
    text: str  # "Monday 16 November, 09:40 to 10:00, Berlin time"
    viewer: "VisitTime | None"  # the same visit on the viewer's clock, for a remote visit


def format_visit_time(
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    site_tz: str,
    viewer_tz: str | None = None,
    *,
    remote: bool = False,
) -> VisitTime:
    """Return a visit's time in the words of the active language, the site's clock first (T8).

    The zone is named when the viewer's clock differs at that instant or the time occurs twice. A
    remote visit then carries `viewer`, the same visit on the viewer's clock, as well.
    """
    other = viewer_tz if viewer_tz and _clocks_differ(starts_at, site_tz, viewer_tz) else None
    named = other is not None or is_ambiguous(to_local(starts_at, site_tz))
    viewer = _in_words(starts_at, ends_at, other, named=True) if other and remote else None
    return _in_words(starts_at, ends_at, site_tz, named=named)._replace(viewer=viewer)


def _in_words(starts_at: dt.datetime, ends_at: dt.datetime, tz: str, *, named: bool) -> VisitTime:
    starts, ends = to_local(starts_at, tz), to_local(ends_at, tz)
    date_text = format_date(starts.date())
    words = {
        "date": date_text,
        "starts": format_clock(starts),
        "ends": format_clock(ends),
        "zone": zone_label(tz),
    }
    pattern = (
        gettext("%(date)s, %(starts)s to %(ends)s, %(zone)s")
        if named
        else gettext("%(date)s, %(starts)s to %(ends)s")
    )
    return VisitTime(
        date_text=date_text,
        full_date_text=format_date(starts.date(), with_year=True),
        weekday_text=weekday_name(iso_weekday(starts)),
        starts_text=words["starts"],
        ends_text=words["ends"],
        zone_text=words["zone"] if named else "",
        zone_name=tz,
        starts_iso=starts.isoformat(timespec="minutes"),
        ends_iso=ends.isoformat(timespec="minutes"),
        text=pattern % words,
        viewer=None,
    )


def format_date(date: dt.date, *, with_year: bool = False) -> str:
    """Return "Monday 16 November" in the active language."""
    words = {
        "weekday": weekday_name(iso_weekday(date)),
        "day": formats.date_format(date, "MONTH_DAY_FORMAT"),
        "year": str(date.year),
    }
    pattern = (
        gettext("%(weekday)s %(day)s %(year)s") if with_year else gettext("%(weekday)s %(day)s")
    )
    return pattern % words


def format_clock(local: dt.datetime) -> str:
    """Return "09:40"; with the offset, "02:00 (UTC+2)", when clocks show that time twice (D2)."""
    clock = f"{local:%H:%M}"
    return f"{clock} ({format_offset(local)})" if is_ambiguous(local) else clock


def format_offset(local: dt.datetime) -> str:
    """Return "UTC+2" or "UTC-3:30"."""
    total = round((local.utcoffset() or dt.timedelta()).total_seconds() / 60)
    hours, minutes = divmod(abs(total), 60)
    return f"UTC{'-' if total < 0 else '+'}{hours}" + (f":{minutes:02}" if minutes else "")


def zone_label(tz: str) -> str:
    """Return "Berlin time" for Europe/Berlin."""
    return gettext("%(place)s time") % {"place": tz.rpartition("/")[2].replace("_", " ")}


def _clocks_differ(instant: dt.datetime, site_tz: str, viewer_tz: str) -> bool:
    return to_local(instant, site_tz).utcoffset() != to_local(instant, viewer_tz).utcoffset()


# What was promised, kept beside the instant so that a change of zone rules can be noticed (D21).


def intended_local(instant: dt.datetime, tz: str) -> str:
    """Return the wall time promised, "2026-11-16T09:40", to be stored beside the instant."""
    return to_local(instant, tz).replace(tzinfo=None).isoformat(timespec="minutes")


class ZoneDrift(NamedTuple, Generic[Key]):
    """A visit whose kept instant no longer falls on the wall time that was promised."""

    key: Key
    intended: str
    shown_now: str


def zone_drift(rows: Iterable[tuple[Key, dt.datetime, str, str]]) -> list[ZoneDrift[Key]]:
    """Return which `(key, starts_at, tz, intended_local)` rows the zone's present rules moved.

    The booked instant is kept; a person decides whether the visit moves (D21).
    """
    return [
        ZoneDrift(key, intended, shown)
        for key, starts_at, tz, intended in rows
        if (shown := intended_local(starts_at, tz)) != intended
    ]

"""The rules of availability once more, minute by minute, to compare the engine with.

Written from the rules alone and slow on purpose: sets of minutes, no interval arithmetic. Wall
times are found by walking over UTC and reading the clock, never by converting a wall time.
"""

import datetime as dt
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.scheduling.availability import DateWindow, Refusal, Weekly

MINUTE = 60
Local = dt.datetime
Minutes = frozenset[int]

# The strongest reason first, as the engine promises to name it.
STRENGTH = [
    Refusal.CLOSURE,
    Refusal.ABSENCE,
    Refusal.TAKEN,
    Refusal.HOLD,
    Refusal.BUFFER,
    Refusal.RESOURCE,
    Refusal.NOT_ONLINE,
    Refusal.LEAD_TIME,
    Refusal.HORIZON,
]


@lru_cache(maxsize=4096)
def clock(moment: int, tz: str) -> Local:
    """Return what the clock on the wall shows, without zone or fold."""
    local = dt.datetime.fromtimestamp(moment, ZoneInfo(tz))
    return local.replace(tzinfo=None, fold=0)


@lru_cache(maxsize=512)
def readings(date: dt.date, tz: str) -> dict[Local, int]:
    """Return the first moment of each clock reading around a local day, jumps filled in (T3).

    A reading that a jump leaves out stands for the moment reached by moving it on by the jump.
    """
    noon = int(dt.datetime.combine(date, dt.time(12), dt.UTC).timestamp())
    first: dict[Local, int] = {}
    before = clock(noon - 40 * 3600, tz)
    for moment in range(noon - 40 * 3600 + MINUTE, noon + 40 * 3600, MINUTE):
        now = clock(moment, tz)
        missing = before + dt.timedelta(minutes=1)
        jump = int((now - missing).total_seconds())
        for skipped in range(0, jump, MINUTE):
            first.setdefault(missing + dt.timedelta(seconds=skipped), moment + skipped)
        first.setdefault(now, moment)
        before = now
    return first


@lru_cache(maxsize=4096)
def span(start: int, end: int) -> frozenset[int]:
    """Return the minutes of `[start, end)`."""
    return frozenset(range(start, end, MINUTE))


def exists(moment: int, wall: Local, tz: str) -> bool:
    return clock(moment, tz) == wall


class Opening(NamedTuple):
    minutes: range
    site_id: UUID
    room_id: UUID | None
    tz: str


def opening(row: Weekly | DateWindow, date: dt.date) -> Iterator[Opening]:
    assert row.starts is not None and row.ends is not None and row.site_id is not None
    end_date = date if row.ends > row.starts else date + dt.timedelta(days=1)
    walls = dt.datetime.combine(date, row.starts), dt.datetime.combine(end_date, row.ends)
    found = readings(date, row.time_zone)
    start, end = found[walls[0]], found[walls[1]]
    swallowed = not any(
        exists(m, w, row.time_zone) for m, w in zip((start, end), walls, strict=True)
    )
    if start < end and not swallowed:
        yield Opening(range(start, end, MINUTE), row.site_id, row.room_id, row.time_zone)


def openings(asked: dict[str, Any]) -> list[Opening]:
    """Return every opening that serves the question, from days around the span."""
    first = dt.datetime.fromtimestamp(asked["start"], dt.UTC).date() - dt.timedelta(days=3)
    last = dt.datetime.fromtimestamp(asked["end"], dt.UTC).date() + dt.timedelta(days=3)
    dates = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    rules = asked["rules"]
    found: list[Opening] = []
    for date in dates:
        dated = [
            w
            for w in rules.windows
            if w.date == date and w.practitioner_id == asked["practitioner_id"]
        ]
        taken_away = [w for w in dated if w.kind == "replace"]
        for row in rules.weekly:
            replaced = any(
                w.starts is not None or w.site_id in (None, row.site_id) for w in taken_away
            )
            on = row.weekday == date.isoweekday() and row.valid_from <= date
            if on and (row.valid_to is None or date <= row.valid_to) and not replaced:
                found += [o for o in opening(row, date) if serves(row, asked)]
        for row in dated:
            if row.starts is not None and serves(row, asked):
                found += opening(row, date)
    return found


def serves(row: Weekly | DateWindow, asked: dict[str, Any]) -> bool:
    modality, site_id = asked.get("modality"), asked.get("site_id")
    return (
        row.practitioner_id == asked["practitioner_id"]
        and row.visit_type_id in (None, asked["visit_type_id"])
        and (modality is None or not row.modalities or modality in row.modalities)
        and (site_id is None or row.site_id == site_id)
    )


def brute_force(asked: dict[str, Any]) -> dict[int, tuple[Refusal | None, UUID]]:
    """Return the verdict and the site of each start in the span."""
    parameters = asked["parameters"]
    duration = parameters.duration_minutes * MINUTE
    step = (parameters.grid_minutes or parameters.duration_minutes) * MINUTE
    all_openings = openings(asked)
    open_minutes: dict[tuple[UUID, UUID | None], set[int]] = {}
    for o in all_openings:
        open_minutes.setdefault((o.site_id, o.room_id), set()).update(o.minutes)
    found: dict[int, tuple[int, str, str, Refusal | None, UUID]] = {}
    for o in all_openings:
        place = open_minutes[o.site_id, o.room_id]
        for moment in o.minutes:
            visit = range(moment, moment + duration, MINUTE)
            if not asked["start"] <= moment < asked["end"] or (moment - o.minutes[0]) % step:
                continue
            if not place.issuperset(visit):
                continue
            reasons = set(refusals(moment, asked, o, place))
            reason = next((r for r in STRENGTH if r in reasons), None)
            rank = -1 if reason is None else STRENGTH.index(reason)
            entry = (rank, str(o.site_id), str(o.room_id), reason, o.site_id)
            if moment not in found or entry[:3] < found[moment][:3]:
                found[moment] = entry
    return {moment: entry[3:] for moment, entry in sorted(found.items())}


def refusals(moment: int, asked: dict[str, Any], o: Opening, place: set[int]) -> Iterator[Refusal]:
    parameters = asked["parameters"]
    end = moment + parameters.duration_minutes * MINUTE
    visit = span(moment, end)
    before = span(moment - parameters.buffer_before_minutes * MINUTE, moment)
    after = span(end, end + parameters.buffer_after_minutes * MINUTE)
    in_closed = asked.get("buffers_in_closed_time", True)
    if not in_closed and not place.issuperset(before | after):
        yield Refusal.BUFFER
    for b in asked["rules"].blocks:
        named = b.practitioner_id in (None, asked["practitioner_id"])
        if (
            named
            and b.site_id in (None, o.site_id)
            and b.visit_type_id in (None, asked["visit_type_id"])
        ):
            blocked = span(b.starts_at, b.ends_at)
            if blocked & visit:
                yield Refusal(b.kind)
            if not in_closed and blocked & (before | after):
                yield Refusal.BUFFER
    may_overlap = asked.get("buffers_may_overlap", True)
    for row in asked["busy"]:
        if row.practitioner_id == asked["practitioner_id"]:
            yield from clashes(
                row,
                visit,
                before,
                after,
                may_overlap,
                Refusal.HOLD if row.tentative else Refusal.TAKEN,
            )
    for row in asked.get("resource_busy", {}).get(o.room_id, []):
        if any(clashes(row, visit, before, after, may_overlap, Refusal.RESOURCE)):
            yield Refusal.RESOURCE
    if asked["for_patient"]:
        yield from limits(moment, asked, o)


def clashes(
    row: Any, visit: Minutes, before: Minutes, after: Minutes, may_overlap: bool, kind: Refusal
) -> Iterator[Refusal]:
    """Yield what a neighbor's visit and its buffers refuse (A5)."""
    theirs = span(row.starts_at, row.ends_at)
    their_before = span(row.starts_at - row.buffer_before, row.starts_at)
    their_after = span(row.ends_at, row.ends_at + row.buffer_after)
    if theirs & visit:
        yield kind
    if theirs & (before | after) or visit & (their_before | their_after):
        yield Refusal.BUFFER
    if not may_overlap and (before & their_after or after & their_before):
        yield Refusal.BUFFER


def limits(moment: int, asked: dict[str, Any], o: Opening) -> Iterator[Refusal]:
    parameters = asked["parameters"]
    if not parameters.online:
        yield Refusal.NOT_ONLINE
    if moment < asked["now"] + parameters.lead_minutes * MINUTE:
        yield Refusal.LEAD_TIME
    days = (clock(moment, o.tz).date() - clock(asked["now"], o.tz).date()).days
    if days > parameters.horizon_days:
        yield Refusal.HORIZON

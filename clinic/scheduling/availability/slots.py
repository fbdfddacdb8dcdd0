"""Starts: the grid points of windows, each free or refused with a reason."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, pairwise
from typing import NamedTuple, Unpack
from uuid import UUID

from clinic.lib import times
from clinic.scheduling.availability.query import Case, Query, Span
from clinic.scheduling.availability.refusals import (
    ALWAYS,
    BUFFER,
    ORDER,
    RANK,
    Refusal,
    Refusals,
    Stretch,
    Verdict,
)
from clinic.scheduling.availability.windows import Occurrence, occurrences


class Start(NamedTuple):
    """A grid point at which a visit would begin; free if `refusal` is None."""

    starts_at: int
    ends_at: int
    practitioner_id: UUID
    site_id: UUID | None  # None only where nothing is open
    room_id: UUID | None
    refusal: Refusal | None
    reason: str  # public words of the block, if it has any


def starts(**span: Unpack[Span]) -> list[Start]:
    """Return every grid point in `[start, end)` whose visit lies inside a merged window, in order.

    Where windows overlap and share a grid point it comes once, the free one if there is one.
    """
    query = Query(**span)
    return _survey(query, occurrences(query))


def check_start(*, starts_at: int, **case: Unpack[Case]) -> Start:
    """Return the start at exactly this instant, by the same engine that offers it (C2).

    An instant that is no grid point is refused as closed. The end, place and room are the engine's.
    """
    query = Query(**case, start=starts_at, end=starts_at + 1)
    for start in _survey(query, occurrences(query)):
        return start
    ends_at = starts_at + query.duration
    return Start(starts_at, ends_at, query.practitioner_id, None, None, Refusal.CLOSED, "")


def first_free(**span: Unpack[Span]) -> Start | None:
    """Return the first free start within the span."""
    query = Query(**span)
    refusals = Refusals(query)
    first: int | None = None
    for occurrence in occurrences(query):
        if first is not None and occurrence.starts_at >= first:
            break
        for free in _free(_points(occurrence, query), occurrence, query, refusals):
            first = free.start if first is None else min(first, free.start)
            break
    if first is None:
        return None
    at_first = replace(query, start=first, end=first + 1)
    return _survey(at_first, occurrences(at_first))[0]


def day_counts(**span: Unpack[Span]) -> dict[dt.date, int]:
    """Return how many starts are free on each day of the site.

    A day that has starts but no free one counts 0; a day without starts is missing.
    """
    query = Query(**span)
    found = occurrences(query)
    counts: dict[dt.date, int] = {}
    if _overlap(found):
        zones: dict[UUID | None, str] = {place.site_id: place.time_zone for place in found}
        for start in _survey(query, found):
            date = times.date_of_seconds(start.starts_at, zones[start.site_id])
            counts[date] = counts.get(date, 0) + (start.refusal is None)
        return counts
    refusals = Refusals(query)
    for occurrence in found:
        _count(counts, occurrence, query, refusals)
    return counts


def _count(
    counts: dict[dt.date, int], occurrence: Occurrence, query: Query, refusals: Refusals
) -> None:
    """Add the free starts of an occurrence to their days; at once where they lie in one day."""
    points = _points(occurrence, query)
    if not points:
        return
    date, tz = occurrence.date, occurrence.time_zone
    free = _free(points, occurrence, query, refusals)
    day_start, day_end = times.day_seconds(date, tz)
    if day_start <= points[0] and points[-1] < day_end:
        counts[date] = counts.get(date, 0) + sum(map(len, free))
        return
    for moment in points:
        counts.setdefault(times.date_of_seconds(moment, tz), 0)
    for moment in chain.from_iterable(free):
        counts[times.date_of_seconds(moment, tz)] += 1


def _overlap(found: list[Occurrence]) -> bool:
    """Return whether an instant may lie in two of the occurrences, which are in order."""
    return any(later.starts_at < earlier.ends_at for earlier, later in pairwise(found))


def _survey(query: Query, found: list[Occurrence]) -> list[Start]:
    refusals = Refusals(query)
    each = (start for place in found for start in _starts(place, query, refusals))
    if not _overlap(found):
        return list(each)
    best: dict[int, Start] = {}
    for start in each:
        other = best.setdefault(start.starts_at, start)
        if _preference(start) < _preference(other):
            best[start.starts_at] = start
    return [best[moment] for moment in sorted(best)]


def _preference(start: Start) -> tuple[int, str, str]:
    rank = -1 if start.refusal is None else RANK[start.refusal]
    return rank, str(start.site_id), str(start.room_id)


def _points(occurrence: Occurrence, query: Query) -> range:
    """Return the grid of an occurrence within the span, as far as a whole visit fits (T4, T5)."""
    anchor, step = occurrence.starts_at, query.step
    stop = min(occurrence.ends_at, occurrence.closes_at - query.duration + 1, query.end)
    if anchor < query.start:
        anchor -= (anchor - query.start) // step * step  # the first grid point not before it
    return range(anchor, stop, step)


def _stretches(
    points: range, occurrence: Occurrence, query: Query, refusals: Refusals
) -> Iterable[Stretch]:
    """Return the stretches that may refuse one of the points, by their beginning."""
    found = refusals.at(occurrence).within(points.start, points.stop)
    if query.buffers_in_closed_time:
        return found
    closes = occurrence.closes_at - query.duration - query.after + 1
    edges = [
        (-ALWAYS, occurrence.opens_at + query.before, BUFFER),
        (closes, ALWAYS, BUFFER),
    ]
    return sorted([*found, *edges])


def _starts(occurrence: Occurrence, query: Query, refusals: Refusals) -> Iterator[Start]:
    points = _points(occurrence, query)
    first, step, count = points.start, query.step, len(points)
    verdicts: list[Verdict | None] = [None] * count
    for low, high, verdict in _stretches(points, occurrence, query, refusals):
        begin, end = -((first - low) // step), -((first - high) // step)
        for n in range(max(0, begin), min(count, end)):
            standing = verdicts[n]
            if standing is None or verdict < standing:
                verdicts[n] = verdict
    duration, mine = query.duration, query.practitioner_id
    site_id, room_id = occurrence.site_id, occurrence.room_id
    for moment, given in zip(points, verdicts, strict=True):
        refusal, reason = (ORDER[given[0]], given[1]) if given else (None, "")
        yield Start(moment, moment + duration, mine, site_id, room_id, refusal, reason)


def _free(
    points: range, occurrence: Occurrence, query: Query, refusals: Refusals
) -> Iterator[range]:
    """Yield the runs of free grid points, without looking at each one."""
    moment, step, stop = points.start, points.step, points.stop
    if moment >= stop:
        return
    for low, high, _ in _stretches(points, occurrence, query, refusals):
        if moment < low:
            yield range(moment, min(low, stop), step)
        if moment < high:
            moment -= (moment - high) // step * step
        if moment >= stop:
            return
    yield range(moment, stop, step)

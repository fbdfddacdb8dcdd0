"""Rules laid out over days: the occurrences of windows within a span (A1, T2, T5, T6)."""

import datetime as dt
from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID

from clinic.lib import times
from clinic.scheduling.availability.query import Query
from clinic.scheduling.availability.rows import DateWindow, Weekly

ONE_DAY = dt.timedelta(days=1)
ONE_WEEK = dt.timedelta(days=7)


class Occurrence(NamedTuple):
    """A window on one day. The grid is anchored at its start; a visit may use `[opens, closes)`."""

    starts_at: int
    ends_at: int
    opens_at: int  # of the merged window this one is part of
    closes_at: int
    site_id: UUID
    room_id: UUID | None
    time_zone: str
    date: dt.date


def occurrences(query: Query) -> list[Occurrence]:
    """Return the occurrences that can hold a start within the span, in order of time."""
    windows = query.rules.windows_of(query.practitioner_id)
    replaced = {(row.date, _scope(row)) for row in windows if row.kind == "replace"}
    found = [*_weekly(query, replaced), *_dated(query, windows)]
    found.sort(key=itemgetter(0, 1))
    return _merge(found)


def _scope(row: DateWindow) -> UUID | None:
    """Return the site whose template a replacing row takes away, None for every site."""
    return row.site_id if row.starts is None else None


def _weekly(query: Query, replaced: set[tuple[dt.date, UUID | None]]) -> Iterator[Occurrence]:
    for row in query.rules.weekly_of(query.practitioner_id):
        if not _serves(row, query):
            continue
        first, last = _dates(query, row.time_zone)
        date = max(first, row.valid_from)
        date += ONE_DAY * ((row.weekday - date.isoweekday()) % 7)
        last = last if row.valid_to is None else min(last, row.valid_to)
        while date <= last:
            if not replaced or not {(date, None), (date, row.site_id)} & replaced:
                yield from _occurrence(row, row.site_id, date, row.starts, row.ends)
            date += ONE_WEEK


def _dated(query: Query, windows: Iterable[DateWindow]) -> Iterator[Occurrence]:
    for row in windows:
        if row.starts is None or row.ends is None or row.site_id is None:
            continue
        first, last = _dates(query, row.time_zone)
        if first <= row.date <= last and _serves(row, query):
            yield from _occurrence(row, row.site_id, row.date, row.starts, row.ends)


def _serves(row: Weekly | DateWindow, query: Query) -> bool:
    if row.visit_type_id is not None and row.visit_type_id != query.visit_type_id:
        return False
    if row.modalities and query.modality is not None and query.modality not in row.modalities:
        return False
    return query.site_id is None or row.site_id == query.site_id


def _dates(query: Query, tz: str) -> tuple[dt.date, dt.date]:
    """Return the local days whose windows matter, from the day before: nights belong to it (D10).

    The last is where a visit of the last start ends: its time may lie in the next day's window.
    """
    first = times.date_of_seconds(query.start - query.before, tz) - ONE_DAY
    return first, times.date_of_seconds(query.end + query.duration + query.after, tz)


def _occurrence(
    row: Weekly | DateWindow, site_id: UUID, date: dt.date, starts: dt.time, ends: dt.time
) -> Iterator[Occurrence]:
    span = times.window_seconds(date, starts, ends, row.time_zone)
    if span is not None:
        yield Occurrence(*span, *span, site_id, row.room_id, row.time_zone, date)


def _merge(found: list[Occurrence]) -> list[Occurrence]:
    """Return the sorted occurrences, each knowing the merged window of its site and room (A5)."""
    latest = 0
    for occurrence in found:
        if occurrence.starts_at <= latest:
            return _merge_touching(found)
        latest = occurrence.ends_at
    return found


def _merge_touching(found: list[Occurrence]) -> list[Occurrence]:
    merged: dict[tuple[UUID, UUID | None], list[list[int]]] = {}
    for row in found:
        spans = merged.setdefault((row.site_id, row.room_id), [])
        if spans and row.starts_at <= spans[-1][1]:
            spans[-1][1] = max(spans[-1][1], row.ends_at)
        else:
            spans.append([row.starts_at, row.ends_at])
    return [
        row._replace(opens_at=opens, closes_at=closes)
        for row in found
        for opens, closes in merged[row.site_id, row.room_id]
        if opens <= row.starts_at < closes
    ]

"""Versions of what the live fragments show. Read them before the rows, so that no label is ahead.

A doctor-day's version is that of the day plus that of the rules; several days are added up.
They hold no personal data, so nobody is asked for a viewer.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection


class DaySpan(NamedTuple):
    """Days of one practitioner, both ends included; None is open."""

    practitioner_id: uuid.UUID
    first: dt.date | None = None
    last: dt.date | None = None


@dataclass(frozen=True, slots=True)
class DayVersions:
    """The version of the rules and of each day of a span, from before the rows were read."""

    rules: int
    days: Mapping[dt.date, int]

    def of_day(self, date: dt.date) -> int:
        return self.rules + self.days.get(date, 0)

    def of_all(self) -> int:
        return self.rules + sum(self.days.values())


_SPANS_SQL = """
select asked.place, coalesce(s.version, 0) + coalesce(sum(d.version), 0)::bigint
  from unnest(%s::uuid[], %s::date[], %s::date[]) with ordinality
       as asked(practitioner_id, first, last, place)
  left join scheduling_schedule s using (practitioner_id)
  left join scheduling_scheduleday d
    on d.practitioner_id = asked.practitioner_id
   and d.date between asked.first and asked.last
 group by asked.place, s.version
"""


def span_versions(spans: Collection[DaySpan]) -> dict[DaySpan, int]:
    """Return the version of each span of days in one query."""
    ordered = list(dict.fromkeys(spans))
    if not ordered:
        return {}
    firsts = [span.first or dt.date.min for span in ordered]
    lasts = [span.last or dt.date.max for span in ordered]
    with connection.cursor() as cursor:
        cursor.execute(_SPANS_SQL, [[span.practitioner_id for span in ordered], firsts, lasts])
        return {ordered[place - 1]: version for place, version in cursor.fetchall()}


def day_versions(
    days: Collection[tuple[uuid.UUID, dt.date]],
) -> dict[tuple[uuid.UUID, dt.date], int]:
    """Return the version of each doctor-day in one query."""
    spans = span_versions([DaySpan(practitioner_id, date, date) for practitioner_id, date in days])
    return {
        (span.practitioner_id, span.first): version for span, version in spans.items() if span.first
    }


_DAYS_SQL = """
select null::date, version from scheduling_schedule where practitioner_id = %s
union all
select date, version from scheduling_scheduleday
 where practitioner_id = %s and date between %s and %s
"""


def versions_within(*, practitioner_id: uuid.UUID, first: dt.date, last: dt.date) -> DayVersions:
    """Return the versions of every day of a span in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_DAYS_SQL, [practitioner_id, practitioner_id, first, last])
        found = dict(cursor.fetchall())
    rules = found.pop(None, 0)
    return DayVersions(rules=rules, days=found)

"""Rules of keeping and destroying a record. Pure: no queries, no clock."""

from __future__ import annotations

import datetime as dt

from clinic.lib import times
from clinic.records.choices import ENDS_RETENTION, ErasureBasis


class RetentionRuns(Exception):
    """The law still asks the clinic to keep this record; `until` is the last day."""

    def __init__(self, until: dt.date) -> None:
        super().__init__(until)
        self.until = until


class VisitsAhead(Exception):
    """There are visits to come: they are cancelled first."""


class SamePerson(Exception):
    """Whoever asked for it cannot be the one who decides."""


class NotOpen(Exception):
    """Nobody has asked for it, or it was decided already."""


def retention_until(*, last_entry_at: dt.datetime, years: int, tz: str) -> dt.date:
    """Return the last day on which a record must be kept: so many years after its last entry.

    The entry counts on the clinic's day. The 29th of February ends on the 28th where there is none.
    """
    day = times.local_date(last_entry_at, tz)
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def check_may_erase(
    *, basis: ErasureBasis, kept_until: dt.date, today: dt.date, visits_ahead: bool
) -> None:
    """Raise VisitsAhead or RetentionRuns. An order of a court or an authority goes before the
    retention period, nothing goes before visits to come.
    """
    if visits_ahead:
        raise VisitsAhead
    if today <= kept_until and basis not in ENDS_RETENTION:
        raise RetentionRuns(kept_until)


def gone_from_backups_on(*, executed_at: dt.datetime, kept: dt.timedelta, tz: str) -> dt.date:
    """Return the day from which no backup holds the destroyed key anymore."""
    return times.local_date(executed_at + kept, tz) + times.ONE_DAY

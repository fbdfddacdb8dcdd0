"""How long a record is kept, and what goes before that."""

from __future__ import annotations

import datetime as dt

import pytest

from clinic.records.choices import ErasureBasis
from clinic.records.rules.rights import (
    RetentionRuns,
    VisitsAhead,
    check_may_erase,
    gone_from_backups_on,
    retention_until,
)

LAST_DAY = dt.date(2036, 3, 2)


@pytest.mark.parametrize(
    ("last_entry_at", "tz", "until"),
    [
        (dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC), "Europe/Berlin", dt.date(2036, 3, 2)),
        (dt.datetime(2024, 2, 29, 12, tzinfo=dt.UTC), "UTC", dt.date(2034, 2, 28)),
        (dt.datetime(2026, 3, 2, 23, 30, tzinfo=dt.UTC), "UTC", dt.date(2036, 3, 2)),
        (dt.datetime(2026, 3, 2, 23, 30, tzinfo=dt.UTC), "Europe/Berlin", dt.date(2036, 3, 3)),
        (dt.datetime(2026, 3, 2, 2, tzinfo=dt.UTC), "America/New_York", dt.date(2036, 3, 1)),
        # The last evening of February in Berlin is March already.
        (dt.datetime(2023, 2, 28, 23, 30, tzinfo=dt.UTC), "Europe/Berlin", dt.date(2033, 3, 1)),
    ],
)
def test_record_is_kept_ten_years_after_its_last_entry_on_the_clinics_day(last_entry_at, tz, until):
    assert retention_until(last_entry_at=last_entry_at, years=10, tz=tz) == until


def test_leap_day_meets_a_leap_year_again():
    last = dt.datetime(2024, 2, 29, 12, tzinfo=dt.UTC)

    assert retention_until(last_entry_at=last, years=4, tz="UTC") == dt.date(2028, 2, 29)


def may_erase(basis, today, *, visits_ahead=False):
    check_may_erase(basis=basis, kept_until=LAST_DAY, today=today, visits_ahead=visits_ahead)


@pytest.mark.parametrize(
    "basis", [ErasureBasis.REQUEST, ErasureBasis.RETENTION_OVER, ErasureBasis.UNLAWFUL]
)
def test_nothing_is_destroyed_before_the_day_after_the_last(basis):
    with pytest.raises(RetentionRuns) as refusal:
        may_erase(basis, LAST_DAY)

    assert refusal.value.until == LAST_DAY
    may_erase(basis, LAST_DAY + dt.timedelta(days=1))


@pytest.mark.parametrize("basis", [ErasureBasis.COURT_ORDER, ErasureBasis.AUTHORITY])
def test_an_order_goes_before_retention_and_not_before_visits(basis):
    may_erase(basis, dt.date(2026, 3, 3))

    with pytest.raises(VisitsAhead):
        may_erase(basis, dt.date(2026, 3, 3), visits_ahead=True)


def test_backups_are_free_of_the_key_the_day_after_they_expire():
    executed = dt.datetime(2026, 3, 2, 23, 30, tzinfo=dt.UTC)

    gone = gone_from_backups_on(
        executed_at=executed, kept=dt.timedelta(days=35), tz="Europe/Berlin"
    )

    assert gone == dt.date(2026, 4, 8)

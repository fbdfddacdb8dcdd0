"""Every day of two years in four zones: hours as they are, offered is bookable, booked is gone."""

import datetime as dt
from itertools import pairwise

import pytest

from clinic.lib import times
from clinic.scheduling import availability
from clinic.scheduling.availability import Busy, Refusal
from tests.clinic.scheduling.engine_cases import DOCTOR, minutes, question, weekly, without_span

DAYS = [dt.date(2026, 1, 1) + dt.timedelta(days=n) for n in range(730)]
ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]


def clock(moment: int, tz: str) -> str:
    return times.to_local(times.from_seconds(moment), tz).strftime("%H:%M")


@pytest.mark.parametrize("tz", ZONES)
def test_every_day_of_two_years_is_offered_as_long_as_it_is(tz: str) -> None:
    """T2, T5, T6: a doctor who never closes has a start each half hour of each day, no other."""
    every_day = [
        weekly("2026-01-01", "00:00", "00:00", tz, weekday=n, valid_to=None) for n in range(1, 8)
    ]
    asked = question(rules=every_day, date="2026-01-01", days=730, tz=tz, parameters=minutes(30))

    counts = availability.day_counts(**asked)
    found = [start.starts_at for start in availability.starts(**asked)]

    assert list(counts) == DAYS
    for day in DAYS:
        start, end = times.day_seconds(day, tz)
        assert counts[day] == (end - start) // 1800, day
    assert all(later - earlier == 1800 for earlier, later in pairwise(found))
    lengths = sorted(
        {(end - start) / 3600 for start, end in (times.day_seconds(d, tz) for d in DAYS)}
    )
    assert (
        lengths
        == {
            "Europe/Berlin": [23, 24, 25],
            "America/New_York": [23, 24, 25],
            "Asia/Kolkata": [24],
            "Australia/Lord_Howe": [23.5, 24, 24.5],
        }[tz]
    )


@pytest.mark.parametrize("tz", ZONES)
def test_every_day_of_two_years_offers_what_can_be_booked(tz: str) -> None:
    """Property 3: an offered start is bookable; what overlaps a booked one is not offered."""
    rules = [
        weekly("2026-01-01", starts, ends, tz, weekday=n, valid_to=None)
        for n in range(1, 8)
        for starts, ends in (("01:00", "05:00"), ("09:00", "12:00"), ("22:00", "00:30"))
    ]
    whole = question(rules=rules, date="2026-01-01", tz=tz, parameters=minutes(45, grid_minutes=15))
    for number, day in enumerate(DAYS):
        start, end = times.day_seconds(day, tz)
        asked = whole | {"start": start, "end": end}
        offered = availability.starts(**asked)
        assert all(one.refusal is None for one in offered)
        chosen = offered[number * 7 % len(offered)]
        checked = availability.check_start(starts_at=chosen.starts_at, **without_span(asked))
        assert checked == chosen

        booked = asked | {"busy": [Busy(DOCTOR, chosen.starts_at, chosen.ends_at)]}
        after = availability.check_start(starts_at=chosen.starts_at, **without_span(booked))
        assert after.refusal is Refusal.TAKEN
        left = [one for one in availability.starts(**booked) if one.refusal is None]
        assert len(left) == availability.day_counts(**booked)[day]
        assert all(
            one.ends_at <= chosen.starts_at or chosen.ends_at <= one.starts_at for one in left
        )


@pytest.mark.parametrize("tz", ZONES)
def test_every_day_of_two_years_opens_at_the_same_wall_time(tz: str) -> None:
    """D22, T1: the rule is wall time, so nine stays nine."""
    rules = [
        weekly("2026-01-01", "09:00", "10:00", tz, weekday=n, valid_to=None) for n in range(1, 8)
    ]
    asked = question(rules=rules, date="2026-01-01", days=730, tz=tz, parameters=minutes(60))

    found = availability.starts(**asked)

    assert len(found) == 730
    assert {clock(start.starts_at, tz) for start in found} == {"09:00"}

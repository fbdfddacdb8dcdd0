"""The daylight saving cases of the engine, D1-D19 and D22, each by its mark."""

from typing import Any

import pytest

from clinic.scheduling import availability
from tests.clinic.scheduling.engine_cases import (
    BERLIN,
    free,
    minutes,
    moment,
    question,
    weekly,
)

LORD_HOWE = "Australia/Lord_Howe"
SANTIAGO = "America/Santiago"
WITH_OFFSET = "%H:%M%z"


def offered(
    date: str, starts: str, ends: str, duration: int, tz: str = BERLIN, days: int = 1
) -> list[str]:
    asked = question(
        rules=[weekly(date, starts, ends, tz)],
        date=date,
        days=days,
        tz=tz,
        parameters=minutes(duration),
    )
    return free(asked, tz, WITH_OFFSET)


def instants(asked: dict[str, Any]) -> list[int]:
    return [start.starts_at for start in availability.starts(**asked)]


def test_d01_gap_inside_a_rule_is_stepped_over() -> None:
    assert offered("2026-03-29", "01:00", "05:00", 30) == [
        "01:00+0100",
        "01:30+0100",
        "03:00+0200",
        "03:30+0200",
        "04:00+0200",
        "04:30+0200",
    ]


def test_d02_fold_inside_a_rule_is_offered_twice() -> None:
    found = offered("2026-10-25", "01:00", "05:00", 30)

    assert found == [
        "01:00+0200",
        "01:30+0200",
        "02:00+0200",
        "02:30+0200",
        "02:00+0100",
        "02:30+0100",
        "03:00+0100",
        "03:30+0100",
        "04:00+0100",
        "04:30+0100",
    ]


def test_d03_start_in_the_gap_moves_forward_by_the_gap() -> None:
    assert offered("2026-03-29", "02:30", "04:00", 30) == ["03:30+0200"]


@pytest.mark.parametrize(("starts", "ends"), [("02:00", "03:00"), ("02:15", "02:45")])
def test_d04_rule_wholly_in_the_gap_offers_nothing(starts: str, ends: str) -> None:
    assert offered("2026-03-29", starts, ends, 30) == []


def test_d05_rule_inverted_by_the_gap_offers_nothing() -> None:
    assert offered("2026-03-29", "02:30", "03:00", 30) == []


def test_d06_ambiguous_start_is_its_first_occurrence() -> None:
    found = offered("2026-10-25", "02:30", "04:00", 30)

    assert found == ["02:30+0200", "02:00+0100", "02:30+0100", "03:00+0100", "03:30+0100"]


def test_d07_rule_with_both_ends_ambiguous_is_open_once() -> None:
    assert offered("2026-10-25", "02:00", "02:30", 30) == ["02:00+0200"]


def test_d08_overnight_rule_in_spring_loses_an_hour() -> None:
    found = offered("2026-03-28", "22:00", "06:00", 60, days=2)

    assert [text[:2] for text in found] == ["22", "23", "00", "01", "03", "04", "05"]


def test_d09_overnight_rule_in_autumn_gains_an_hour() -> None:
    found = offered("2026-10-24", "22:00", "06:00", 60, days=2)

    assert [text[:2] for text in found] == ["22", "23", "00", "01", "02", "02", "03", "04", "05"]


def test_d10_night_after_midnight_belongs_to_the_day_before() -> None:
    monday = weekly("2026-11-23", "22:00", "02:00")

    tuesday = question(rules=[monday], date="2026-11-24")

    assert free(tuesday) == ["00:00", "00:30", "01:00", "01:30"]


def test_d11_end_at_midnight_is_the_next_midnight() -> None:
    asked = question(rules=[weekly("2026-11-23", "18:00", "00:00")], date="2026-11-23", days=2)

    assert free(asked)[0] == "18:00"
    assert free(asked)[-1] == "23:30"


def test_d12_half_hour_gap_leaves_the_wall_clock_grid() -> None:
    assert offered("2026-10-04", "01:00", "04:00", 60, LORD_HOWE) == ["01:00+1030", "02:30+1100"]


def test_d13_half_hour_fold_adds_half_an_hour() -> None:
    found = offered("2026-04-05", "01:00", "04:00", 60, LORD_HOWE)

    assert found == ["01:00+1100", "01:30+1030", "02:30+1030"]


@pytest.mark.parametrize(("tz", "first"), [("Asia/Kathmandu", "03:15"), ("Asia/Kolkata", "03:30")])
def test_d14_offset_with_minutes_is_not_rounded(tz: str, first: str) -> None:
    asked = question(rules=[weekly("2026-11-23", "09:00", "11:00", tz)], date="2026-11-23", tz=tz)

    assert instants(asked)[0] == moment("2026-11-23", first, "UTC")
    assert free(asked, tz) == ["09:00", "09:30", "10:00", "10:30"]
    twenty = asked | {"parameters": minutes(20)}
    assert free(twenty, tz) == ["09:00", "09:20", "09:40", "10:00", "10:20", "10:40"]


def test_d15_chatham_gap_moves_a_start_by_an_hour() -> None:
    assert offered("2026-09-27", "02:50", "05:00", 60, "Pacific/Chatham") == ["03:50+1345"]
    assert moment("2026-09-27", "02:50", "Pacific/Chatham") == moment("2026-09-26", "14:05", "UTC")


def test_d16_day_without_midnight_starts_an_hour_later() -> None:
    assert offered("2026-09-06", "00:00", "03:00", 60, SANTIAGO) == ["01:00-0300", "02:00-0300"]
    assert offered("2026-04-24", "00:30", "02:30", 30, "Africa/Cairo") == [
        "01:30+0300",
        "02:00+0300",
    ]


@pytest.mark.parametrize(("starts", "ends"), [("09:00", "17:00"), ("22:00", "06:00")])
def test_d17_day_that_does_not_exist_offers_nothing(starts: str, ends: str) -> None:
    apia = "Pacific/Apia"
    rule = weekly("2011-12-30", starts, ends, apia)

    asked = question(rules=[rule], date="2011-12-29", days=4, tz=apia)

    assert availability.starts(**asked) == []
    assert availability.day_counts(**asked) == {}


def test_d22_weekly_rule_keeps_its_wall_time_across_the_change() -> None:
    rule = weekly("2026-03-23", "09:00", "10:00", valid_to=None)

    found = instants(question(rules=[rule], date="2026-03-23", days=8, parameters=minutes(60)))

    assert found == [moment("2026-03-23", "08:00", "UTC"), moment("2026-03-30", "07:00", "UTC")]


def test_d18_day_of_the_clinic_is_asked_in_clinic_time() -> None:
    """The 25th of a Berlin clinic is one set of instants, wherever the patient reads it."""
    rule = weekly("2026-11-25", "09:00", "10:00")

    asked = question(rules=[rule], date="2026-11-25")

    assert free(asked, "Pacific/Auckland", "%d %H:%M%z") == ["25 21:00+1300", "25 21:30+1300"]
    assert free(asked, "Pacific/Honolulu", "%d %H:%M%z") == ["24 22:00-1000", "24 22:30-1000"]


def test_d19_day_of_a_patient_meets_the_rules_of_two_weekdays() -> None:
    """A day in Honolulu lasts from eleven in the morning to eleven the next day in Berlin."""
    rules = [weekly("2026-11-25", "10:00", "12:00"), weekly("2026-11-26", "10:00", "12:00")]

    asked = question(rules=rules, date="2026-11-25", tz="Pacific/Honolulu")

    assert free(asked, BERLIN, "%a %H:%M") == ["Wed 11:00", "Wed 11:30", "Thu 10:00", "Thu 10:30"]

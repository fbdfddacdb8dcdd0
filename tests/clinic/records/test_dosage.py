"""When doses fall due, on every kind of day, and how long a box lasts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from clinic.records.dosage import Dosage, Supply, as_number, due_times
from clinic.records.dosage_choices import Frequency

BERLIN = "Europe/Berlin"
NEW_YORK = "America/New_York"
WINTER = dt.date(2026, 3, 2)
SPRING = dt.date(2026, 3, 29)
AUTUMN = dt.date(2026, 10, 25)


def at(*clock_times: str, **more: object) -> Dosage:
    times = tuple(dt.time.fromisoformat(time) for time in clock_times)
    return Dosage(amount="1", unit="tablet", frequency=Frequency.AT_TIMES, times=times, **more)


def clocks(dosage: Dosage, date: dt.date) -> list[str]:
    found = due_times(dosage=dosage, date=date, zone=BERLIN)
    return [f"{instant:%d %H:%M}" for instant in found]


def test_a_dose_is_due_at_the_patients_clock_time():
    assert clocks(at("08:00", "20:00"), WINTER) == ["02 07:00", "02 19:00"]


def test_the_clock_time_stays_when_summer_comes():
    assert clocks(at("08:00"), SPRING + dt.timedelta(days=1)) == ["30 06:00"]


def test_a_time_that_the_spring_night_skips_moves_forward_by_the_gap():
    assert clocks(at("02:30"), SPRING) == ["29 01:30"]


def test_two_times_that_become_one_instant_are_one_dose():
    assert clocks(at("02:30", "03:30"), SPRING) == ["29 01:30"]


def test_a_time_that_comes_twice_in_autumn_is_one_dose_at_its_first():
    assert clocks(at("02:30"), AUTUMN) == ["25 00:30"]


@pytest.mark.parametrize("date", [WINTER, SPRING, AUTUMN])
def test_three_times_a_day_is_three_doses_on_every_kind_of_day(date):
    assert len(clocks(Dosage("1", frequency=Frequency.THREE_TIMES), date)) == 3


def test_chosen_times_take_the_place_of_the_usual_ones():
    dosage = Dosage("1", frequency=Frequency.TWICE, times=(dt.time(7), dt.time(19)))

    assert clocks(dosage, WINTER) == ["02 06:00", "02 18:00"]
    assert not dosage.has_usual_times


def test_certain_weekdays_leave_the_others_free():
    sundays = Dosage("1", frequency=Frequency.WEEKDAYS, weekdays=(7,))

    assert clocks(sundays, WINTER) == []
    assert clocks(sundays, SPRING) == ["29 06:00"]


def test_every_eight_hours_keeps_to_the_clock_from_its_first_time():
    dosage = Dosage("1", frequency=Frequency.EVERY_HOURS, hours=8, times=(dt.time(6, 30),))

    assert clocks(dosage, WINTER) == ["02 05:30", "02 13:30", "02 21:30"]


def test_every_four_hours_is_six_doses_in_the_longest_night_too():
    dosage = Dosage("1", frequency=Frequency.EVERY_HOURS, hours=4, times=(dt.time(2, 30),))

    assert len(clocks(dosage, AUTUMN)) == 6


def test_every_three_days_counts_from_the_first_day():
    patch = Dosage("1", unit="patch", frequency=Frequency.EVERY_HOURS, hours=72, since=WINTER)

    due = [day for day in range(10) if clocks(patch, WINTER + dt.timedelta(days=day))]

    assert due == [0, 3, 6, 9]
    assert clocks(patch, WINTER - dt.timedelta(days=3)) == []


def test_hours_that_do_not_divide_a_day_are_real_hours_from_the_first_day():
    dosage = Dosage("1", frequency=Frequency.EVERY_HOURS, hours=9, since=WINTER)

    assert clocks(dosage, WINTER) == ["02 07:00", "02 16:00"]
    assert clocks(dosage, WINTER + dt.timedelta(days=1)) == [
        "03 01:00",
        "03 10:00",
        "03 19:00",
    ]
    assert clocks(dosage, WINTER - dt.timedelta(days=1)) == []


@pytest.mark.parametrize(
    "dosage",
    [
        Dosage(),
        Dosage("1", frequency=Frequency.AS_NEEDED, max_per_day=3),
        Dosage("1", frequency=Frequency.EVERY_HOURS),
        Dosage("1", frequency=Frequency.EVERY_HOURS, hours=36),
        Dosage("1", frequency=Frequency.AT_TIMES),
    ],
)
def test_nothing_falls_due_where_no_time_is_said(dosage):
    assert clocks(dosage, WINTER) == []


@pytest.mark.parametrize("zone", ["Pacific/Apia", NEW_YORK, "Australia/Lord_Howe", BERLIN])
def test_doses_of_a_year_are_neither_lost_nor_doubled(zone):
    dosage = at("02:30", "14:00")
    days = [dt.date(2026, 1, 1) + dt.timedelta(days=day) for day in range(365)]

    due = [instant for day in days for instant in due_times(dosage=dosage, date=day, zone=zone)]

    assert len(due) == len(set(due)) == 2 * 365
    assert due == sorted(due)


def test_dosage_comes_back_from_the_store_as_it_was():
    dosage = Dosage(
        amount="0.5",
        unit="tablet",
        route="oral",
        frequency=Frequency.WEEKDAYS,
        times=(dt.time(8), dt.time(20, 30)),
        weekdays=(1, 4),
        meal="C",
        text="Not with milk",
        since=WINTER,
    )

    assert Dosage.from_json(dosage.as_json()) == dosage


def test_nothing_said_is_stored_as_a_frequency_only_and_is_false():
    assert Dosage().as_json() == {"frequency": "words"}
    assert not Dosage.from_json(None)
    assert Dosage(text="As before")


def test_when_it_began_makes_no_other_way_of_taking_it():
    assert at("08:00", since=WINTER).says_the_same(at("08:00"))
    assert not at("08:00").says_the_same(at("09:00"))


@pytest.mark.parametrize(
    ("dosage", "daily"),
    [
        (Dosage("2", frequency=Frequency.TWICE), Decimal(4)),
        (Dosage("0.5", frequency=Frequency.ONCE), Decimal("0.5")),
        (Dosage("7", frequency=Frequency.WEEKDAYS, weekdays=(1, 3)), Decimal(2)),
        (Dosage("1", frequency=Frequency.EVERY_HOURS, hours=6), Decimal(4)),
        (Dosage("2", frequency=Frequency.AS_NEEDED, max_per_day=3), Decimal(6)),
        (Dosage("1", frequency=Frequency.AS_NEEDED), None),
        (Dosage("1", frequency=Frequency.WORDS), None),
        (Dosage("1", frequency=Frequency.WEEKDAYS), None),
        (Dosage("a little", frequency=Frequency.ONCE), None),
    ],
)
def test_use_of_an_average_day(dosage, daily):
    assert dosage.per_day == daily


def test_supply_runs_out_on_the_first_day_without_a_full_dose():
    supply = Supply(quantity="30", filled_on=WINTER)

    assert supply.runs_out_on(at("08:00", "20:00")) == dt.date(2026, 3, 17)


@pytest.mark.parametrize(
    "supply",
    [
        Supply(),
        Supply("30"),
        Supply("many", WINTER),
        Supply("0", WINTER),
        Supply("9" * 12, WINTER),
    ],
)
def test_supply_says_no_day_where_it_does_not_know_one(supply):
    assert supply.runs_out_on(at("08:00")) is None


def test_supply_comes_back_from_the_store_as_it_was():
    supply = Supply("30", WINTER, refills=2)

    assert Supply.from_json(supply.as_json()) == supply
    assert Supply.from_json(None) == Supply()


@pytest.mark.parametrize("text", ["", "one", "NaN", "Infinity", "-1", "0", "1e"])
def test_what_is_no_amount_is_no_number(text):
    assert as_number(text) is None


@pytest.mark.parametrize(
    ("dosage", "scheduled"),
    [
        (at("08:00"), True),
        (Dosage(frequency=Frequency.EVERY_HOURS, hours=6), True),
        (Dosage(frequency=Frequency.EVERY_HOURS), False),
        (Dosage(frequency=Frequency.AS_NEEDED), False),
    ],
)
def test_only_doses_by_the_clock_are_scheduled(dosage, scheduled):
    assert dosage.is_scheduled is scheduled

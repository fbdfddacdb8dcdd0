"""Many readings become means that still tell the same story."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from clinic.records.rules import observations as kinds
from clinic.records.rules.series import Point, Step, Trend, means_by, thinned, trend_of
from clinic.records.rules.values import body_mass, number_of, numbers_of

START = dt.datetime(2020, 1, 1, 8)  # noqa: DTZ001


def daily(count, *, first=100, step=0):
    return [Point(START + dt.timedelta(days=n), (Decimal(first + n * step),)) for n in range(count)]


def test_few_points_stay_as_they_are():
    points = daily(48)

    assert thinned(points=points, most=48) == (Step.READING, points)


@pytest.mark.parametrize(
    ("days", "step"),
    [(49, Step.MONTH), (365 * 3, Step.MONTH), (365 * 8, Step.QUARTER), (365 * 30, Step.YEAR)],
)
def test_many_points_become_the_finest_means_that_fit(days, step):
    found, means = thinned(points=daily(days), most=48)

    assert found is step
    assert len(means) <= 48
    assert sum(mean.count for mean in means) == days


def test_more_than_fits_a_chart_even_by_year_is_still_drawn():
    points = [Point(START.replace(year=1900 + n), (Decimal(n),)) for n in range(100)]

    step, means = thinned(points=points, most=48)

    assert (step, len(means)) == (Step.YEAR, 100)


def test_several_readings_of_a_day_become_its_mean():
    points = [
        Point(START, (Decimal(120), Decimal(80))),
        Point(START + dt.timedelta(hours=10), (Decimal(130), Decimal(90))),
    ]

    [mean] = means_by(points=points, step=Step.DAY)

    assert mean.numbers == (125, 85)
    assert mean.count == 2


@pytest.mark.parametrize(
    ("step", "trend"), [(1, Trend.RISING), (-1, Trend.FALLING), (0, Trend.STEADY)]
)
def test_the_newer_half_against_the_older_gives_the_trend(step, trend):
    assert trend_of(points=daily(20, step=step)) is trend


def test_two_readings_have_no_trend():
    assert trend_of(points=daily(2, step=50)) is None


def at(day):
    return START + dt.timedelta(days=day)


def test_bmi_follows_from_the_height_known_at_the_time():
    weights = [(at(0), Decimal(60)), (at(10), Decimal(60)), (at(30), Decimal(60))]
    heights = [(at(5), Decimal(150)), (at(20), Decimal(160))]

    found = [number for _at, number in body_mass(weights=weights, heights=heights)]

    assert found == [Decimal("26.7"), Decimal("26.7"), Decimal("23.4")]


def test_without_a_height_there_is_no_bmi():
    assert body_mass(weights=[(at(0), Decimal(60))], heights=[]) == []


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"text": "high"},
        {"number": "x", "unit": "kg"},
        {"number": "NaN", "unit": "kg"},
        {"number": "70", "unit": "[stone_av]"},
    ],
)
def test_what_is_no_number_of_the_kind_is_left_out(value):
    assert numbers_of(value=value, kind=kinds.WEIGHT) is None


def test_a_pressure_without_one_part_is_left_out():
    value = {"parts": {"8480-6": {"number": "120", "unit": "mm[Hg]"}}}

    assert numbers_of(value=value, kind=kinds.BLOOD_PRESSURE) is None


@pytest.mark.parametrize(
    ("value", "number"),
    [({"number": "4.2", "unit": "%"}, Decimal("4.2")), ({"number": "inf"}, None), ({}, None)],
)
def test_any_value_with_a_number_can_be_charted(value, number):
    assert number_of(value=value) == number

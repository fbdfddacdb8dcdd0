"""What a measurement may be, and what is asked about once more."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from clinic.records.rules import observations as rules
from clinic.records.rules.observations import ReadingDoubted, ReadingRefused

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


def numbers(*values):
    return tuple(Decimal(str(value)) for value in values)


def test_codes_belong_to_one_kind_each():
    codes = [code for kind in rules.KINDS.values() for code in kind.codes]

    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("slug", rules.KINDS)
def test_what_is_likely_lies_within_what_is_possible(slug):
    for part in rules.KINDS[slug].parts:
        assert part.possible[0] <= part.likely[0] < part.likely[1] <= part.possible[1]


@pytest.mark.parametrize(
    ("slug", "values", "part"),
    [
        ("blood-pressure", (301, 80), 0),
        ("blood-pressure", (120, 19), 1),
        ("weight", (0,), 0),
        ("oxygen", (101,), 0),
        ("pain", (11,), 0),
        ("temperature", (24.9,), 0),
    ],
)
def test_the_impossible_is_refused_at_its_number(slug, values, part):
    with pytest.raises(ReadingRefused) as refused:
        rules.check_possible(kind=rules.KINDS[slug], numbers=numbers(*values))

    assert (refused.value.code, refused.value.part) == ("impossible", part)


@pytest.mark.parametrize("lower", [120, 121])
def test_the_lower_pressure_is_below_the_upper(lower):
    with pytest.raises(ReadingRefused) as refused:
        rules.check_possible(kind=rules.BLOOD_PRESSURE, numbers=numbers(120, lower))

    assert refused.value.code == "diastolic"


def test_nobody_types_a_bmi():
    with pytest.raises(ReadingRefused):
        rules.check_possible(kind=rules.BODY_MASS_INDEX, numbers=numbers(22))


@pytest.mark.parametrize(
    ("slug", "unit", "value"),
    [
        ("no-such", "", 1),
        ("weight", "mmol/L", 1),
        ("weight", "", "NaN"),
        ("weight", "", "Infinity"),
    ],
)
def test_what_cannot_be_read_is_refused(slug, unit, value):
    with pytest.raises(ReadingRefused):
        rules.read(slug=slug, numbers=numbers(value), unit=unit)


def test_a_time_to_come_is_refused_but_not_a_clock_that_runs_fast():
    rules.check_time(measured_at=NOW + dt.timedelta(minutes=5), now=NOW, earliest=None)

    with pytest.raises(ReadingRefused, match="future"):
        rules.check_time(measured_at=NOW + dt.timedelta(minutes=6), now=NOW, earliest=None)


def test_nothing_was_measured_before_the_birth():
    with pytest.raises(ReadingRefused, match="before-birth"):
        rules.check_time(measured_at=NOW - dt.timedelta(days=2), now=NOW, earliest=NOW)


@pytest.mark.parametrize(
    ("slug", "values", "parts"),
    [
        ("blood-pressure", (210, 125), (0, 1)),
        ("blood-pressure", (130, 40), (1,)),
        ("oxygen", (84,), (0,)),
        ("temperature", (41.2,), (0,)),
    ],
)
def test_the_rare_is_asked_about(slug, values, parts):
    with pytest.raises(ReadingDoubted) as doubted:
        rules.check_likely(kind=rules.KINDS[slug], numbers=numbers(*values))

    assert doubted.value.parts == parts


@pytest.mark.parametrize(("slug", "now", "last"), [("weight", 92, 71), ("height", 157, 175)])
def test_a_leap_from_the_last_reading_is_asked_about(slug, now, last):
    with pytest.raises(ReadingDoubted):
        rules.check_likely(kind=rules.KINDS[slug], numbers=numbers(now), last=numbers(last))


def test_an_ordinary_change_is_not_asked_about():
    rules.check_likely(kind=rules.WEIGHT, numbers=numbers(73), last=numbers(71))
    rules.check_likely(kind=rules.PULSE, numbers=numbers(120), last=numbers(60))


def test_body_mass_index_is_weight_by_height_squared():
    index = rules.body_mass_index(weight_kg=Decimal("71.4"), height_cm=Decimal("175"))

    assert index == Decimal("23.3")

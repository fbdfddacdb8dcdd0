"""Numbers and units as a reader expects them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import translation

from clinic.people.choices import Units
from clinic.records.presenters.observations import Reader
from clinic.records.presenters.quantities import quantity, sayer, words_of_value
from clinic.records.rules import observations as rules


def shown(kind, *numbers, units=Units.METRIC):
    return str(quantity(kind=kind, numbers=tuple(map(Decimal, numbers)), units=units))


@pytest.mark.parametrize(
    ("kind", "numbers", "units", "words"),
    [
        (rules.BLOOD_PRESSURE, ("128", "82"), Units.METRIC, "128/82 mmHg"),
        (rules.WEIGHT, ("71.4",), Units.METRIC, "71.4 kg"),
        (rules.WEIGHT, ("68.0388555",), Units.US, "150 lb"),
        (rules.HEIGHT, ("175.26",), Units.US, "5 ft 9 in"),
        (rules.HEIGHT, ("25.4",), Units.US, "10 in"),
        (rules.TEMPERATURE, ("38.4",), Units.US, "101.1 °F"),
        (rules.OXYGEN, ("97",), Units.METRIC, "97%"),
        (rules.PAIN, ("4",), Units.METRIC, "4 of 10"),
    ],
)
def test_a_measurement_is_said_in_the_readers_units(kind, numbers, units, words):
    assert shown(kind, *numbers, units=units) == words


def test_a_number_has_the_comma_of_its_language():
    with translation.override("de"):
        assert shown(rules.WEIGHT, "71.4") == "71,4 kg"


@pytest.mark.parametrize(("inches", "words"), [("69", "5′9″"), ("71.6", "6′0″")])
def test_an_axis_of_heights_has_feet(inches, words):
    assert sayer(rules.HEIGHT, Units.US)(Decimal(inches)) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"number": "4.2", "unit": "mmol/L"}, "4.2 mmol/L"),
        ({"number": "88.123456789", "unit": "mL/min/{1.73_m2}"}, "88.12 mL/min/1.73 m²"),
        ({"number": "0.0123456", "unit": "ng/mL"}, "0.0123 ng/mL"),
        ({"number": "27", "unit": "{score}"}, "27"),
        ({"number": "many", "unit": "mg"}, "many mg"),
        ({"text": "negative"}, "negative"),
        ({"coded": {"text": "Never smoked", "code": "266919005"}}, "Never smoked"),
        (
            {"parts": {"a": {"number": "1", "unit": "%"}, "b": {"number": "2", "unit": "%"}}},
            "1%, 2%",
        ),
        ({}, ""),
    ],
)
def test_any_stored_value_has_words(value, words):
    assert str(words_of_value(value)) == words


@pytest.mark.parametrize(
    ("born", "months"),
    [
        (dt.date(2026, 3, 2), 0),
        (dt.date(2026, 2, 3), 0),
        (dt.date(2026, 2, 2), 1),
        (dt.date(1984, 3, 9), 503),
        (None, None),
    ],
)
def test_age_counts_full_months_on_the_clinics_day(born, months):
    now = dt.datetime(2026, 3, 1, 23, 30, tzinfo=dt.UTC)  # already the second in Berlin
    reader = Reader(units=Units.METRIC, tz="Europe/Berlin", now=now, birth_date=born)

    assert reader.age_months(now) == months

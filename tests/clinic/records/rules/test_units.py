"""A value comes back as it was typed, whatever units it was typed or looked at in."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.people.choices import Units
from clinic.records.rules import observations as rules
from clinic.records.rules.units import UnitUnknown, plain

TYPED = [(kind, units) for kind in rules.KINDS.values() for units in Units if not kind.derived]


@st.composite
def typed(draw):
    """Draw what a form takes: a kind, a system of units, a possible number with its decimals."""
    kind, units = draw(st.sampled_from(TYPED))
    shown = kind.shown[units]
    low, high = (kind.in_units(number=end, system=units) for end in kind.parts[0].possible)
    number = draw(st.decimals(low, high, places=shown.decimals + bool(shown.fine_below)))
    return kind, units, round(number, shown.decimals_of(number))


@given(typed())
def test_a_typed_number_is_shown_as_it_was_typed(case):
    kind, units, number = case

    stored = kind.stored(number=number, unit=kind.shown[units].ucum)

    assert kind.in_units(number=stored, system=units) == number


@given(typed())
def test_switching_units_there_and_back_changes_nothing(case):
    kind, units, number = case
    stored = kind.stored(number=number, unit=kind.shown[units].ucum)

    for _there_and_back in range(3):
        kind.in_units(number=stored, system=Units.US)
        kind.in_units(number=stored, system=Units.METRIC)

    assert kind.in_units(number=stored, system=units) == number


@pytest.mark.parametrize(
    ("slug", "number", "unit", "stored"),
    [
        ("weight", "150", "[lb_av]", "68.0388555"),
        ("weight", "3450", "g", "3.45"),
        ("height", "69", "[in_i]", "175.26"),
        ("height", "1.75", "m", "175"),
        ("temperature", "98.6", "[degF]", "37"),
        ("temperature", "310.15", "K", "37"),
        ("glucose", "100", "mg/dL", "5.550744910"),
        ("blood-pressure", "16", "kPa", "120.009869233"),
    ],
)
def test_other_units_become_the_stored_one(slug, number, unit, stored):
    assert rules.KINDS[slug].stored(number=Decimal(number), unit=unit) == Decimal(stored)


@pytest.mark.parametrize(
    ("slug", "stored", "shown"),
    [
        ("weight", "68.0388555", "150"),
        ("height", "175.26", "69"),
        ("temperature", "37", "98.6"),
        ("glucose", "5.550744910", "100"),
    ],
)
def test_us_units_show_what_people_there_say(slug, stored, shown):
    number = rules.KINDS[slug].in_units(number=Decimal(stored), system=Units.US)

    assert number == Decimal(shown)


def test_a_small_weight_keeps_its_second_decimal():
    assert rules.WEIGHT.in_units(number=Decimal("3.456"), system=Units.METRIC) == Decimal("3.46")
    assert rules.WEIGHT.in_units(number=Decimal("71.456"), system=Units.METRIC) == Decimal("71.5")


def test_an_unknown_unit_is_refused():
    with pytest.raises(UnitUnknown):
        rules.WEIGHT.stored(number=Decimal(1), unit="[stone_av]")


@pytest.mark.parametrize(("number", "text"), [("150", "150"), ("1E+2", "100"), ("71.40", "71.4")])
def test_a_number_is_written_plainly(number, text):
    assert str(plain(Decimal(number))) == text

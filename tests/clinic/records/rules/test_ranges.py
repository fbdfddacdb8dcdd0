"""Each range says for whom it holds and who says so."""

from __future__ import annotations

from decimal import Decimal

import pytest

from clinic.records.rules import observations as kinds
from clinic.records.rules.ranges import range_for

ADULT = 42 * 12


def high_of(kind, age_months, at_home=False):
    known = range_for(kind=kind, age_months=age_months, at_home=at_home)
    return known and tuple(span.high for span in known.spans)


@pytest.mark.parametrize("at_home", [True, False])
@pytest.mark.parametrize("slug", kinds.KINDS)
@pytest.mark.parametrize("months", [0, 11, 35, 100, 150, 190, ADULT])
def test_every_range_names_its_source_and_year(slug, months, at_home):
    known = range_for(kind=kinds.KINDS[slug], age_months=months, at_home=at_home)

    assert known is None or any(part.isdigit() for part in known.source.replace(",", "").split())


def test_blood_pressure_at_home_has_the_lower_limit():
    assert high_of(kinds.BLOOD_PRESSURE, ADULT) == (139, 89)
    assert high_of(kinds.BLOOD_PRESSURE, ADULT, at_home=True) == (134, 84)


@pytest.mark.parametrize(("years", "highest"), [(12, None), (13, (119, 79)), (18, (139, 89))])
def test_blood_pressure_of_the_young_has_its_own(years, highest):
    assert high_of(kinds.BLOOD_PRESSURE, years * 12) == highest


@pytest.mark.parametrize(
    ("months", "highest"), [(0, 205), (1, 180), (12, 140), (36, 120), (72, 118), (144, 100)]
)
def test_pulse_slows_with_age(months, highest):
    assert high_of(kinds.PULSE, months) == (highest,)


@pytest.mark.parametrize("kind", [kinds.BODY_MASS_INDEX, kinds.OXYGEN, kinds.GLUCOSE])
def test_ranges_of_adults_are_not_shown_to_children(kind):
    assert range_for(kind=kind, age_months=17 * 12, at_home=False) is None
    assert range_for(kind=kind, age_months=18 * 12, at_home=False) is not None


def test_without_a_birth_date_there_is_no_range():
    assert range_for(kind=kinds.TEMPERATURE, age_months=None, at_home=False) is None


@pytest.mark.parametrize(
    ("upper", "lower", "side"),
    [(120, 75, 0), (141, 75, 1), (120, 95, 1), (85, 55, -1), (150, 55, 1)],
)
def test_the_higher_number_decides_when_both_are_outside(upper, lower, side):
    known = range_for(kind=kinds.BLOOD_PRESSURE, age_months=ADULT, at_home=False)

    assert known.side_of([Decimal(upper), Decimal(lower)]) == side

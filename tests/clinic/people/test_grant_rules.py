"""How far a carer's grant goes, and when it ends: pure rules over days and codes."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.people import rules
from clinic.people.choices import ProxyBasis, ProxyScope

ALL = frozenset({ProxyScope.VISITS, ProxyScope.RECORD_READ, ProxyScope.RECORD_WRITE})
VISITS = frozenset({ProxyScope.VISITS})
BORN = dt.date(2012, 3, 2)
FOURTEENTH = dt.date(2026, 3, 2)
LEAP = dt.date(2012, 2, 29)
ONE_DAY = dt.timedelta(days=1)


def scopes(
    today: dt.date,
    *,
    birth_date: dt.date | None = BORN,
    granted: frozenset[str] = ALL,
    confirmed: frozenset[str] = frozenset(),
) -> frozenset[str]:
    return rules.scopes_at_age(
        scopes=granted, birth_date=birth_date, today=today, confirmed=confirmed, narrows_at=14
    )


def test_a_parent_sees_everything_until_the_day_before_the_birthday() -> None:
    assert scopes(FOURTEENTH - ONE_DAY) == ALL


def test_a_parent_keeps_the_visits_from_the_birthday_on() -> None:
    assert scopes(FOURTEENTH) == VISITS


def test_the_young_person_gives_back_what_they_choose() -> None:
    confirmed = frozenset({ProxyScope.RECORD_READ})

    assert scopes(FOURTEENTH, confirmed=confirmed) == VISITS | confirmed


def test_a_confirmation_never_goes_beyond_the_grant() -> None:
    assert scopes(FOURTEENTH, granted=VISITS, confirmed=ALL) == VISITS


def test_a_grant_without_visits_is_worth_nothing_after_the_birthday() -> None:
    assert scopes(FOURTEENTH, granted=frozenset({ProxyScope.RECORD_READ})) == frozenset()


def test_nothing_is_left_once_the_child_is_an_adult() -> None:
    eighteenth = dt.date(2030, 3, 2)

    assert scopes(eighteenth - ONE_DAY, confirmed=ALL) == ALL
    assert scopes(eighteenth, confirmed=ALL) == frozenset()


def test_an_unknown_birth_date_counts_as_old_enough_to_ask() -> None:
    assert scopes(FOURTEENTH, birth_date=None, confirmed=ALL) == VISITS


@pytest.mark.parametrize(
    ("age", "expected"),
    [(4, dt.date(2016, 2, 29)), (14, dt.date(2026, 3, 1)), (18, dt.date(2030, 3, 1))],
)
def test_a_leap_day_child_is_older_on_the_first_of_march_in_other_years(
    age: int, expected: dt.date
) -> None:
    assert rules.birthday(birth_date=LEAP, age=age) == expected


def test_a_leap_day_child_narrows_on_the_first_of_march() -> None:
    assert scopes(dt.date(2026, 2, 28), birth_date=LEAP) == ALL
    assert scopes(dt.date(2026, 3, 1), birth_date=LEAP) == VISITS


@given(
    birth_date=st.dates(dt.date(1950, 1, 1), dt.date(2026, 1, 1)),
    days=st.integers(0, 40_000),
    confirmed=st.frozensets(st.sampled_from(sorted(ALL))),
)
def test_scopes_never_grow_with_age(
    birth_date: dt.date, days: int, confirmed: frozenset[str]
) -> None:
    today = birth_date + dt.timedelta(days=days)

    now = scopes(today, birth_date=birth_date, confirmed=confirmed)
    later = scopes(today + ONE_DAY, birth_date=birth_date, confirmed=confirmed)

    assert later <= now <= ALL


@pytest.mark.parametrize(
    ("given_scopes", "expected"),
    [
        ({ProxyScope.RECORD_WRITE}, {ProxyScope.RECORD_WRITE, ProxyScope.RECORD_READ}),
        ({ProxyScope.VISITS}, {ProxyScope.VISITS}),
    ],
)
def test_writing_brings_reading_along(
    given_scopes: set[ProxyScope], expected: set[ProxyScope]
) -> None:
    assert rules.complete_scopes(scopes=frozenset(given_scopes)) == expected


def test_a_grant_of_an_adult_lasts_two_years_at_most() -> None:
    latest = rules.latest_grant_day(
        basis=ProxyBasis.CONSENT, birth_date=None, today=dt.date(2026, 3, 2)
    )

    assert latest == dt.date(2028, 3, 2)


def test_custody_lasts_until_the_day_before_the_child_is_an_adult() -> None:
    latest = rules.latest_grant_day(
        basis=ProxyBasis.CUSTODY, birth_date=BORN, today=dt.date(2026, 3, 2)
    )

    assert latest == dt.date(2030, 3, 1)


@pytest.mark.parametrize("birth_date", [None, dt.date(2008, 3, 2)])
def test_custody_is_for_children_whose_birth_date_is_known(birth_date: dt.date | None) -> None:
    with pytest.raises(rules.NotAChild):
        rules.latest_grant_day(
            basis=ProxyBasis.CUSTODY, birth_date=birth_date, today=dt.date(2026, 3, 2)
        )


@pytest.mark.parametrize("days", [-1, 11])
def test_a_grant_ends_within_its_limits(days: int) -> None:
    today = dt.date(2026, 3, 2)

    with pytest.raises(rules.GrantTooLong):
        rules.check_grant_day(
            last_day=today + dt.timedelta(days=days),
            today=today,
            latest=today + dt.timedelta(days=10),
        )


@pytest.mark.parametrize("days", [0, 10])
def test_a_grant_may_end_today_and_on_the_latest_day(days: int) -> None:
    today = dt.date(2026, 3, 2)

    rules.check_grant_day(
        last_day=today + dt.timedelta(days=days), today=today, latest=today + dt.timedelta(days=10)
    )

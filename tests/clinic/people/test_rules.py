"""Rules of people without a database."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.people import rules
from clinic.people.choices import ApprovalStatus, Role
from clinic.people.passwords import LongestPasswordValidator, NotTheAddressValidator
from tests.conftest import NOW


@pytest.mark.parametrize("held", [Role.ADMINISTRATOR, Role.PRACTITIONER])
def test_administrator_and_doctor_never_meet_in_one_account(held: Role) -> None:
    (other,) = rules.EXCLUSIVE_ROLES - {held}

    with pytest.raises(rules.RolesDoNotMix):
        rules.check_roles_mix(held=frozenset({held}), added=other)


def test_other_roles_mix() -> None:
    rules.check_roles_mix(held=frozenset({Role.PATIENT, Role.FRONT_DESK}), added=Role.PRACTITIONER)
    rules.check_roles_mix(held=frozenset({Role.PATIENT}), added=Role.ADMINISTRATOR)


@pytest.mark.parametrize("approval", [ApprovalStatus.APPROVED, ApprovalStatus.DECLINED])
def test_a_registration_is_decided_once(approval: str) -> None:
    rules.check_undecided(approval=ApprovalStatus.PENDING)
    with pytest.raises(rules.AlreadyDecided):
        rules.check_undecided(approval=approval)


@pytest.mark.parametrize(
    ("accepted", "withdrawn", "after"),
    [
        (NOW, None, dt.timedelta()),
        (None, NOW, dt.timedelta()),
        (None, None, rules.INVITATION_LIFETIME),
        (None, None, rules.INVITATION_LIFETIME + dt.timedelta(days=1)),
    ],
)
def test_invitation_is_over_once_used_withdrawn_or_seven_days_old(
    accepted: dt.datetime | None, withdrawn: dt.datetime | None, after: dt.timedelta
) -> None:
    with pytest.raises(rules.InvitationOver):
        rules.check_invitation_open(
            now=NOW + after,
            expires_at=NOW + rules.INVITATION_LIFETIME,
            accepted_at=accepted,
            withdrawn_at=withdrawn,
        )


def test_invitation_is_open_until_the_last_moment() -> None:
    rules.check_invitation_open(
        now=NOW + rules.INVITATION_LIFETIME - dt.timedelta(microseconds=1),
        expires_at=NOW + rules.INVITATION_LIFETIME,
        accepted_at=None,
        withdrawn_at=None,
    )


@pytest.mark.parametrize(
    ("born", "plausible"),
    [
        (dt.date(2026, 3, 2), True),
        (dt.date(2026, 3, 3), False),
        (dt.date(1896, 1, 1), True),
        (dt.date(1895, 12, 31), False),
        (dt.date(1, 1, 1), False),
        (dt.date(9999, 12, 31), False),
    ],
)
def test_birth_date_is_of_someone_living(born: dt.date, plausible: bool) -> None:
    today = dt.date(2026, 3, 2)
    assert rules.is_plausible_birth_date(birth_date=born, today=today) is plausible


def test_record_number_can_be_read_out() -> None:
    assert rules.record_number(position=1) == "BT 618 033"
    assert rules.record_number(position=1_000_001) == "BT 1 618 033"


@given(st.integers(0, 50_000_000), st.integers(0, 50_000_000))
def test_record_numbers_never_repeat(one: int, other: int) -> None:
    same = rules.record_number(position=one) == rules.record_number(position=other)
    assert same is (one == other)


@given(st.integers(0, 50_000_000))
def test_record_number_fits_its_column(position: int) -> None:
    assert len(rules.record_number(position=position)) <= 16


def test_neighbours_in_time_are_far_apart_in_number() -> None:
    numbers = [rules.record_number(position=n) for n in range(1000)]
    for one, other in zip(numbers, numbers[1:], strict=False):
        assert sum(a != b for a, b in zip(one, other, strict=True)) >= 2


def test_time_zones_are_places_of_the_database() -> None:
    assert "Europe/Berlin" in rules.time_zones()
    assert "Etc/GMT+5" not in rules.time_zones()
    assert rules.is_time_zone(name="UTC")
    assert not rules.is_time_zone(name="Europe/Atlantis")
    assert not rules.is_time_zone(name="../../etc/passwd")


def test_password_helpers_leave_the_words_to_the_form() -> None:
    assert LongestPasswordValidator().get_help_text() == ""
    assert NotTheAddressValidator().get_help_text() == ""

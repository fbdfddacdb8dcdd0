"""Tokens are equal for what a person would call equal, and different for everything else."""

from __future__ import annotations

import pytest

from clinic.crypto.blindindex import digits, folded, token


@pytest.mark.django_db
def test_token_is_steady_and_apart_by_column_and_value() -> None:
    tokens = [
        token(column="patient.phone", value="4930123"),
        token(column="patient.phone", value="4930124"),
        token(column="patient.email", value="4930123"),
        token(column="patient", value="phone\x004930123"),
    ]

    assert tokens[0] == token(column="patient.phone", value="4930123")
    assert len(set(tokens)) == 4
    assert {len(value) for value in tokens} == {16}


@pytest.mark.parametrize(
    ("one", "other"),
    [("Zoë", "ZOE"), ("Straße", "STRASSE"), ("  de  la Cruz ", "De La Cruz"), ("ﬁnn", "Finn")],
)
def test_folded_names_agree(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_digits_are_ascii_and_nothing_else() -> None:
    assert digits("+49 (30) 12-٣") == "4930123"

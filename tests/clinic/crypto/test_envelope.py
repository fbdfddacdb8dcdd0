"""A sealed value opens in its own place, whole, and nowhere else (SECURITY 2.2, attack 98)."""

from __future__ import annotations

import dataclasses
import uuid

import pytest

from clinic.crypto import datakeys
from clinic.crypto.envelope import Place, seal, unseal
from clinic.crypto.errors import OpenRefused, SealError
from clinic.crypto.models import DataKey

PLACE = Place(column="letters.body", row=uuid.UUID(int=1), scope="patient", owner=uuid.UUID(int=2))
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("text", ["HIV positive", "", "\x00", "Ж" * 3, "😀 \u202e", "x" * 20_000])
def test_what_was_sealed_opens_unchanged(text: str) -> None:
    blob = seal(text, PLACE)

    assert unseal(blob, PLACE) == text
    assert len(blob) == 30 + len(text.encode())


@pytest.mark.parametrize("text", ["", "yes", "no", "\x00\x00", "x" * 31, "Ж" * 16, "x" * 20_000])
def test_padded_text_opens_unchanged(text: str) -> None:
    blob = seal(text, PLACE, padded=True)

    assert unseal(blob, PLACE) == text
    assert (len(blob) - 30) % 32 == 0


def test_padding_hides_which_short_value_it_is() -> None:
    assert len({len(seal(code, PLACE, padded=True)) for code in ("", "no", "F20.9", "x" * 31)}) == 1
    assert len(seal("x" * 32, PLACE, padded=True)) == 30 + 64


def test_padded_value_does_not_pass_as_plain() -> None:
    blob = seal("no", PLACE, padded=True)

    with pytest.raises(OpenRefused):
        unseal(b"\x01" + blob[1:], PLACE)


def test_the_same_text_never_looks_the_same() -> None:
    assert seal("flu", PLACE) != seal("flu", PLACE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        dataclasses.replace(PLACE, column="letters.answer"),
        dataclasses.replace(PLACE, column="diaries.body"),
        dataclasses.replace(PLACE, row=uuid.UUID(int=9)),
        dataclasses.replace(PLACE, owner=uuid.UUID(int=9)),
        dataclasses.replace(PLACE, scope="clinic", owner=None),
    ],
)
def test_moved_value_does_not_open(elsewhere: Place) -> None:
    blob = seal("HIV positive", PLACE)
    datakeys.ensure(elsewhere.scope, elsewhere.owner)

    with pytest.raises(OpenRefused, match=elsewhere.column):
        unseal(blob, elsewhere)


def test_place_is_bound_even_under_the_same_key() -> None:
    """Somebody copied the wrapped key to another owner: it is bound to the first."""
    blob = seal("HIV positive", PLACE)
    key = DataKey.objects.get(owner=PLACE.owner)

    thief = uuid.UUID(int=9)
    DataKey.objects.create(scope="patient", owner=thief, wrapped=key.wrapped)

    with pytest.raises(OpenRefused, match="altered or moved"):
        unseal(blob, dataclasses.replace(PLACE, owner=thief))


@pytest.mark.parametrize("padded", [False, True])
def test_every_flipped_bit_is_noticed(padded: bool) -> None:
    blob = seal("HIV positive", PLACE, padded=padded)

    for position in range(len(blob)):
        for bit in range(8):
            damaged = bytearray(blob)
            damaged[position] ^= 1 << bit
            with pytest.raises(SealError):
                unseal(bytes(damaged), PLACE)


def test_every_truncation_and_any_tail_is_noticed() -> None:
    blob = seal("HIV positive", PLACE)

    for length in range(len(blob)):
        with pytest.raises(OpenRefused):
            unseal(blob[:length], PLACE)
    with pytest.raises(OpenRefused):
        unseal(blob + b"\x00", PLACE)


def test_lone_surrogate_is_refused_before_the_database() -> None:
    with pytest.raises(UnicodeEncodeError):
        seal("\ud800", PLACE)


def test_errors_tell_the_column_and_nothing_of_the_text() -> None:
    blob = seal("HIV positive", PLACE)

    with pytest.raises(OpenRefused) as refusal:
        unseal(blob[:-1] + bytes([blob[-1] ^ 1]), PLACE)

    assert "letters.body" in str(refusal.value)
    assert "HIV" not in repr(refusal.value)
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None

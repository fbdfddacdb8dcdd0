"""Whatever is sealed comes back; whatever was done to it meanwhile, it is refused (attack 98)."""

from __future__ import annotations

import io
import uuid
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from clinic.crypto.envelope import Place, seal, unseal
from clinic.crypto.errors import OpenRefused, SealError
from clinic.crypto.files import FilePlace, open_stream, seal_stream
from clinic.crypto.keyring import keyring

# The database is asked for the keys of a few owners only; all examples of a test share them.
MANY = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
TEXT = st.text(st.characters(codec="utf-8"), max_size=200)
OWNERS = st.sampled_from([uuid.UUID(int=n) for n in (1, 2, 3)])
IDS = st.uuids()
PLACES = st.builds(
    Place,
    column=st.sampled_from(
        ["records_note.plan", "records_note.subjective", "people_patient.phone"]
    ),
    row=IDS,
    scope=st.just("patient"),
    owner=OWNERS,
)
FILE = FilePlace(table="document", row=uuid.UUID(int=1), scope="patient", owner=uuid.UUID(int=1))
pytestmark = pytest.mark.django_db


def altered(blob: bytes, data: Any) -> bytes:
    """One byte changed, something cut off, something added, or two parts exchanged."""
    at = data.draw(st.integers(0, len(blob) - 1))
    way = data.draw(st.sampled_from(["change", "cut", "cut the head", "insert", "turn around"]))
    if way == "change":
        return blob[:at] + bytes([blob[at] ^ data.draw(st.integers(1, 255))]) + blob[at + 1 :]
    if way == "cut":
        return blob[:at]
    if way == "cut the head":
        return blob[at + 1 :]
    if way == "insert":
        return blob[:at] + data.draw(st.binary(min_size=1, max_size=4)) + blob[at:]
    return blob[at:] + blob[:at]


@MANY
@given(text=TEXT, place=PLACES, padded=st.booleans())
def test_any_text_comes_back_from_any_place(text: str, place: Place, padded: bool) -> None:
    assert unseal(seal(text, place, padded=padded), place) == text


@MANY
@given(text=TEXT, place=PLACES, padded=st.booleans(), data=st.data())
def test_any_altered_value_is_refused(text: str, place: Place, padded: bool, data: Any) -> None:
    blob = seal(text, place, padded=padded)
    damaged = altered(blob, data)
    assume(damaged != blob)

    with pytest.raises(OpenRefused):
        unseal(damaged, place)


@MANY
@given(text=TEXT, place=PLACES, elsewhere=PLACES)
def test_value_of_any_other_place_is_refused(text: str, place: Place, elsewhere: Place) -> None:
    assume(elsewhere != place)
    seal("", elsewhere)
    blob = seal(text, place)

    for moved in (
        elsewhere,
        replace(place, row=elsewhere.row),
        replace(place, owner=uuid.UUID(int=9)),
    ):
        if moved != place:
            with pytest.raises(OpenRefused):
                unseal(blob, moved)


@MANY
@given(content=st.binary(max_size=100), data=st.data())
def test_any_altered_file_is_refused(content: bytes, data: Any) -> None:
    target = io.BytesIO()
    seal_stream(source=[content], target=target, place=FILE, chunk_bytes=16)
    damaged = altered(target.getvalue(), data)
    assume(damaged != target.getvalue())

    with pytest.raises(OpenRefused):
        b"".join(open_stream(source=io.BytesIO(damaged), place=FILE))


@MANY
@given(secret=st.binary(min_size=32, max_size=32), label=st.binary(max_size=40), data=st.data())
def test_any_altered_data_key_is_refused(secret: bytes, label: bytes, data: Any) -> None:
    wrapped = keyring().wrap(secret, label=label)
    damaged = altered(wrapped, data)
    assume(damaged != wrapped)

    assert keyring().unwrap(wrapped, label=label) == secret
    with pytest.raises(SealError):
        keyring().unwrap(damaged, label=label)

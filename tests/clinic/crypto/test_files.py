"""Sealed files: every byte authenticated before it is seen, every change refused (SECURITY 2.7)."""

from __future__ import annotations

import dataclasses
import io
import uuid
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.crypto import datakeys
from clinic.crypto.errors import KeyShredded, OpenRefused
from clinic.crypto.fileformat import HEADER, LARGEST_CHUNK, TAG_BYTES
from clinic.crypto.files import FilePlace, OpenedFile, open_range, open_stream, seal_stream

PLACE = FilePlace(
    table="records_document", row=uuid.UUID(int=1), scope="patient", owner=uuid.UUID(int=2)
)
SMALL = 16
STEP = SMALL + TAG_BYTES
# The database is only asked for keys, and those are in the cache after the first example.
PROPERTY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
pytestmark = pytest.mark.django_db


def sealed(content: bytes, *, place: FilePlace = PLACE, chunk_bytes: int = SMALL) -> bytes:
    target = io.BytesIO()
    size = seal_stream(
        source=io.BytesIO(content), target=target, place=place, chunk_bytes=chunk_bytes
    )
    assert size == len(content)
    return target.getvalue()


def content_of(blob: bytes, place: FilePlace = PLACE) -> bytes:
    return b"".join(open_stream(source=io.BytesIO(blob), place=place))


def chunks_of(blob: bytes) -> tuple[bytes, list[bytes]]:
    head, body = blob[: HEADER.size], blob[HEADER.size :]
    return head, [body[at : at + STEP] for at in range(0, len(body), STEP)]


@PROPERTY
@given(content=st.binary(max_size=6 * SMALL))
def test_any_content_comes_back(content: bytes) -> None:
    blob = sealed(content)

    assert content_of(blob) == content
    assert len(blob) == HEADER.size + len(content) + TAG_BYTES * max(1, -(-len(content) // SMALL))


@pytest.mark.parametrize("size", [0, 1, SMALL - 1, SMALL, SMALL + 1, 3 * SMALL])
def test_sizes_around_a_chunk_come_back(size: int) -> None:
    assert content_of(sealed(b"x" * size)) == b"x" * size


def test_large_chunks_are_the_ordinary_size() -> None:
    content = bytes(range(256)) * 1024

    blob = sealed(content, chunk_bytes=64 * 1024)

    assert content_of(blob) == content
    assert len(blob) == HEADER.size + len(content) + 4 * TAG_BYTES
    assert content[:64] not in blob


@PROPERTY
@given(pieces=st.lists(st.binary(max_size=3 * SMALL), max_size=6))
def test_source_may_come_in_pieces_of_any_size(pieces: list[bytes]) -> None:
    target = io.BytesIO()

    size = seal_stream(source=iter(pieces), target=target, place=PLACE, chunk_bytes=SMALL)

    assert size == len(b"".join(pieces))
    assert content_of(target.getvalue()) == b"".join(pieces)


def test_source_that_reads_less_than_asked_is_read_to_its_end() -> None:
    class Slow(io.RawIOBase):
        """A socket-like source."""

        def __init__(self, content: bytes) -> None:
            self.rest = content

        def read(self, size: int = -1) -> bytes:
            piece, self.rest = self.rest[:5], self.rest[5:]
            return piece

    target = io.BytesIO()

    seal_stream(source=Slow(b"x" * 40), target=target, place=PLACE, chunk_bytes=SMALL)

    assert content_of(target.getvalue()) == b"x" * 40


def test_the_same_file_never_looks_the_same() -> None:
    assert sealed(b"scan")[4 + 4 :] != sealed(b"scan")[4 + 4 :]


def test_every_flipped_bit_is_refused() -> None:
    blob = sealed(b"x" * (SMALL + 3))

    for position in range(len(blob)):
        for bit in range(8):
            damaged = bytearray(blob)
            damaged[position] ^= 1 << bit
            with pytest.raises(OpenRefused):
                content_of(bytes(damaged))


def test_every_truncation_is_refused_before_the_first_byte() -> None:
    blob = sealed(b"x" * 3 * SMALL)

    for length in range(len(blob)):
        with pytest.raises(OpenRefused):
            open_stream(source=io.BytesIO(blob[:length]), place=PLACE)
        with pytest.raises(OpenRefused):
            open_range(source=io.BytesIO(blob[:length]), place=PLACE, start=0, end=1)


def rearranged() -> Iterator[tuple[str, bytes]]:
    head, chunks = chunks_of(sealed(b"a" * SMALL + b"b" * SMALL + b"c" * SMALL + b"dd"))
    one, two, three, last = chunks
    other_head, other_chunks = chunks_of(sealed(b"z" * 3 * SMALL + b"zz"))
    for name, parts in {
        "two swapped": [two, one, three, last],
        "one twice": [one, one, two, three, last],
        "one replaced by another": [one, one, three, last],
        "one missing": [one, three, last],
        "the last missing": [one, two, three],
        "the last twice": [one, two, three, last, last],
        "a tail": [one, two, three, last, b"\x00"],
        "a whole chunk more": [one, two, three, last, bytes(STEP)],
        "the tail of another file": [one, two, three, other_chunks[3]],
        "the middle of another file": [one, other_chunks[1], three, last],
        "the head of another file": [other_head, *chunks],
        "nothing but the last": [last],
    }.items():
        start = b"" if name == "the head of another file" else head
        yield name, start + b"".join(parts)


def test_rearranged_chunks_are_refused() -> None:
    for name, blob in rearranged():
        with pytest.raises(OpenRefused):
            content_of(blob)
            pytest.fail(name)


def test_what_comes_before_a_damaged_chunk_is_genuine() -> None:
    blob = bytearray(sealed(b"a" * SMALL + b"b" * SMALL + b"c"))
    blob[HEADER.size + STEP] ^= 1
    reading = open_stream(source=io.BytesIO(bytes(blob)), place=PLACE)

    assert next(reading) == b"a" * SMALL
    with pytest.raises(OpenRefused, match="Chunk 1 of a file of records_document"):
        next(reading)


@pytest.mark.parametrize(
    "elsewhere",
    [
        dataclasses.replace(PLACE, table="records_picture"),
        dataclasses.replace(PLACE, row=uuid.UUID(int=9)),
        dataclasses.replace(PLACE, owner=uuid.UUID(int=9)),
        dataclasses.replace(PLACE, scope="clinic", owner=None),
    ],
)
def test_file_of_another_place_does_not_open(elsewhere: FilePlace) -> None:
    blob = sealed(b"HIV positive")
    datakeys.ensure(elsewhere.scope, elsewhere.owner)

    with pytest.raises(OpenRefused, match="another row or owner"):
        content_of(blob, elsewhere)


def test_generation_that_does_not_exist_is_refused() -> None:
    blob = bytearray(sealed(b"scan"))
    blob[HEADER.size - 1] = 9

    with pytest.raises(OpenRefused, match="key of this record does not exist"):
        content_of(bytes(blob))


def test_shredded_key_opens_and_seals_no_file() -> None:
    import datetime as dt

    blob = sealed(b"scan")
    datakeys.shred("patient", PLACE.owner, now=dt.datetime(2026, 3, 2, tzinfo=dt.UTC))

    with pytest.raises(KeyShredded):
        content_of(blob)
    with pytest.raises(KeyShredded):
        sealed(b"scan")


@pytest.mark.parametrize("chunk_bytes", [0, LARGEST_CHUNK + 1, 2**32 - 1])
def test_impossible_chunk_size_is_refused_before_it_is_read(chunk_bytes: int) -> None:
    blob = sealed(b"scan")
    forged = blob[:4] + chunk_bytes.to_bytes(4, "big") + blob[8:]

    with pytest.raises(OpenRefused, match="impossible chunk size"):
        content_of(forged)


@pytest.mark.parametrize("blob", [b"", b"BTF1", b"%PDF-1.7" + bytes(100)])
def test_what_is_no_sealed_file_is_refused(blob: bytes) -> None:
    with pytest.raises(OpenRefused, match="not in a known format"):
        content_of(blob)


@PROPERTY
@given(start=st.integers(0, 80), end=st.integers(0, 80))
def test_any_range_gives_its_bytes(start: int, end: int) -> None:
    content = bytes(range(70))
    blob = sealed(content)

    part = open_range(source=io.BytesIO(blob), place=PLACE, start=start, end=end)

    assert b"".join(part) == content[start:end]


def test_range_opens_only_its_chunks() -> None:
    blob = bytearray(sealed(b"a" * SMALL + b"b" * SMALL + b"c" * SMALL))
    blob[HEADER.size] ^= 1
    file = OpenedFile(io.BytesIO(bytes(blob)), PLACE)

    assert file.chunk(1) == b"b" * SMALL
    assert file.size == 3 * SMALL
    with pytest.raises(OpenRefused):
        file.chunk(0)


@pytest.mark.parametrize("number", [-1, 3])
def test_chunk_that_is_not_there_is_an_index_error(number: int) -> None:
    file = OpenedFile(io.BytesIO(sealed(b"a" * 3 * SMALL)), PLACE)

    with pytest.raises(IndexError):
        file.chunk(number)


@pytest.mark.parametrize(("scope", "owner"), [("patient", None), ("clinic", uuid.UUID(int=2))])
def test_place_names_an_owner_exactly_when_its_scope_has_owners(
    scope: str, owner: uuid.UUID | None
) -> None:
    with pytest.raises(ValueError, match="owner"):
        FilePlace(table="records_document", row=uuid.UUID(int=1), scope=scope, owner=owner)


def test_file_of_the_clinic_opens_with_the_key_of_the_clinic() -> None:
    place = FilePlace(table="logo", row=uuid.UUID(int=1), scope="clinic", owner=None)

    assert content_of(sealed(b"logo", place=place), place) == b"logo"


@pytest.mark.django_db(transaction=True)
def test_file_opens_though_a_rolled_back_key_is_in_the_cache() -> None:
    from django.db import transaction

    with transaction.atomic():
        datakeys.ensure("patient", PLACE.owner)
        transaction.set_rollback(True)
    ghost = datakeys._cache[("patient", PLACE.owner)]
    blob = sealed(b"scan")
    datakeys._cache[("patient", PLACE.owner)] = ghost

    assert content_of(blob) == b"scan"

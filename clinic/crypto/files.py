"""Seal a file in chunks and open it again, or any part of it, without ever holding the whole.

The format, and what it is bound to, is told in `fileformat`.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from clinic.crypto import datakeys
from clinic.crypto.errors import OpenRefused
from clinic.crypto.fileformat import (
    CHUNK_BYTES,
    HEADER,
    PREFIX_BYTES,
    SALT_BYTES,
    TAG_BYTES,
    FilePlace,
    Header,
    read_header,
)
from clinic.crypto.signals import announcing

__all__ = ["FilePlace", "OpenedFile", "open_range", "open_stream", "seal_stream"]


def seal_stream(
    *,
    source: BinaryIO | Iterable[bytes],
    target: BinaryIO,
    place: FilePlace,
    chunk_bytes: int = CHUNK_BYTES,
) -> int:
    """Write `source` sealed for `place` to `target`; return how many bytes `source` had."""
    with announcing(place):
        key = datakeys.for_sealing(place.scope, place.owner)
    header = Header(chunk_bytes, os.urandom(SALT_BYTES), os.urandom(PREFIX_BYTES), key.gen)
    cipher, bound = header.cipher(key, place), header.bound_to(place)
    target.write(header.packed())
    total = 0
    for number, (chunk, last) in enumerate(_marked(_chunks(source, chunk_bytes))):
        target.write(cipher.encrypt(header.nonce(number, last=last), chunk, bound))
        total += len(chunk)
    return total


def open_stream(*, source: BinaryIO, place: FilePlace) -> Iterator[bytes]:
    """Return the content, chunk by chunk. `source` must be able to seek.

    A file that is cut off, or of another place, raises OpenRefused here, before the first byte. A
    damaged chunk raises when it is reached, after the good ones before it.
    """
    opened = OpenedFile(source, place)
    return opened.range(0, opened.size)


def open_range(*, source: BinaryIO, place: FilePlace, start: int, end: int) -> Iterator[bytes]:
    """Return the bytes from `start` to before `end`, opening only the chunks that hold them."""
    return OpenedFile(source, place).range(start, end)


class OpenedFile:
    """A sealed file of known length: its last chunk, which tells that nothing is missing, opened.

    `source` must be able to seek, and stays the caller's to close.
    """

    def __init__(self, source: BinaryIO, place: FilePlace) -> None:
        self._source, self._place = source, place
        with announcing(self._place):
            self._header = read_header(source)
            self._bound = self._header.bound_to(place)
            self._step = self._header.chunk_bytes + TAG_BYTES
            self.size = self._measure()
            self._cipher = self._find_cipher()

    def chunk(self, number: int) -> bytes:
        """Return one chunk; raises OpenRefused when it was altered, moved or cut."""
        if not 0 <= number <= self._last:
            raise IndexError(f"A file of {self._last + 1} chunks has no chunk {number}.")
        with announcing(self._place):
            return self._opened(number, self._cipher)

    def range(self, start: int, end: int) -> Iterator[bytes]:
        """Give the bytes from `start` to before `end`, as far as the file goes."""
        size, end = self._header.chunk_bytes, min(end, self.size)
        if start >= end:
            return
        for number in range(start // size, -(-end // size)):
            begin = number * size
            yield self.chunk(number)[max(0, start - begin) : end - begin]

    def _measure(self) -> int:
        """Return the length of the content, which the last chunk confirms when it opens."""
        stored = self._source.seek(0, io.SEEK_END) - HEADER.size
        chunks = max(1, -(-stored // self._step))
        if stored - (chunks - 1) * self._step < TAG_BYTES:
            raise OpenRefused(f"A file of {self._place.table} is cut off.")
        self._last = chunks - 1
        return stored - chunks * TAG_BYTES

    def _find_cipher(self) -> AESGCM:
        place = self._place
        for key in datakeys.candidates(place.scope, place.owner, self._header.gen):
            cipher = self._header.cipher(key, place)
            with suppress(OpenRefused):
                self._opened(self._last, cipher)
                return cipher
        raise OpenRefused(
            f"A file of {place.table} was cut off or altered, or belongs to another row or owner."
        )

    def _opened(self, number: int, cipher: AESGCM) -> bytes:
        self._source.seek(HEADER.size + number * self._step)
        sealed = self._source.read(self._step)
        nonce = self._header.nonce(number, last=number == self._last)
        try:
            return cipher.decrypt(nonce, sealed, self._bound)
        except InvalidTag:
            raise OpenRefused(
                f"Chunk {number} of a file of {self._place.table} was altered or moved."
            ) from None


def _chunks(source: BinaryIO | Iterable[bytes], size: int) -> Iterator[bytes]:
    """Cut `source` into pieces of exactly `size`, the last one as long as it happens to be."""
    pieces: Iterable[bytes]
    pieces = iter(lambda: source.read(size), b"") if hasattr(source, "read") else source
    waiting = bytearray()
    for piece in pieces:
        if not waiting and len(piece) == size:
            yield piece
            continue
        waiting += piece
        while len(waiting) >= size:
            yield bytes(waiting[:size])
            del waiting[:size]
    if waiting:
        yield bytes(waiting)


def _marked(chunks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Say of each chunk whether it is the last. An empty file is one empty chunk."""
    held = next(chunks, b"")
    for chunk in chunks:
        yield held, False
        held = chunk
    yield held, True

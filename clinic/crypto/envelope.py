"""Seal a text for one place and open it there: AES-256-GCM, bound to row, column and owner.

Format: version (1) | generation (1) | nonce (12) | ciphertext | tag (16). The place is
authenticated data, so a ciphertext copied to another row, column or patient does not open.
Version 1 holds the text as it is; version 2 holds it filled up to a multiple of 32 bytes, so that
the length of a short coded value does not tell which one it is.
"""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag

from clinic.crypto import datakeys
from clinic.crypto.errors import OpenRefused
from clinic.crypto.signals import announcing

PLAIN: Final = 1
PADDED: Final = 2
PAD_STEP: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
HEAD_BYTES: Final = 2 + NONCE_BYTES


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value belongs. `column` is "table.column", as frozen in the field."""

    column: str
    row: uuid.UUID
    scope: str
    owner: uuid.UUID | None

    def bound_to(self, gen: int, *, version: int = PLAIN) -> bytes:
        head, tail = _around_the_row(self.column, self.scope, self.owner, gen, version)
        return f"{head}{self.row}{tail}".encode()


@lru_cache(maxsize=4_096)
def _around_the_row(
    column: str, scope: str, owner: uuid.UUID | None, gen: int, version: int
) -> tuple[str, str]:
    """Return what stands before and behind the row's id: writing ids out costs more than AES."""
    table, _, name = column.partition(".")
    return f"v{version}|{table}|{name}|", f"|{scope}|{owner or ''}|{gen}"


def seal(text: str, place: Place, *, padded: bool = False) -> bytes:
    """Return `text` sealed for `place`.

    Raises KeyShredded when the owner's key was destroyed, OpenRefused when it was altered.
    """
    plain = text.encode("utf-8")
    version = PADDED if padded else PLAIN
    with announcing(place):
        key = datakeys.for_sealing(place.scope, place.owner)
    nonce = os.urandom(NONCE_BYTES)
    bound = place.bound_to(key.gen, version=version)
    sealed = key.cipher.encrypt(nonce, _filled(plain) if padded else plain, bound)
    return bytes([version, key.gen]) + nonce + sealed


def unseal(blob: bytes, place: Place) -> str:
    """Return the text sealed in `blob`; raises OpenRefused when it was altered or moved."""
    with announcing(place):
        return _unsealed(blob, place)


def _unsealed(blob: bytes, place: Place) -> str:
    if len(blob) < HEAD_BYTES + TAG_BYTES or blob[0] not in (PLAIN, PADDED):
        raise OpenRefused(f"{place.column} is not in a known format.")
    version, gen, nonce, sealed = blob[0], blob[1], blob[2:HEAD_BYTES], blob[HEAD_BYTES:]
    bound = place.bound_to(gen, version=version)
    for key in datakeys.candidates(place.scope, place.owner, gen):
        with suppress(InvalidTag):
            plain = key.cipher.decrypt(nonce, sealed, bound)
            return (_unfilled(plain) if version == PADDED else plain).decode()
    raise OpenRefused(f"{place.column} was altered, or belongs to another row or owner.")


def _filled(plain: bytes) -> bytes:
    """Add 0x80 and as many zeros as are missing (ISO/IEC 7816-4)."""
    marked = plain + b"\x80"
    return marked + bytes(-len(marked) % PAD_STEP)


def _unfilled(plain: bytes) -> bytes:
    return plain.rstrip(b"\x00")[:-1]

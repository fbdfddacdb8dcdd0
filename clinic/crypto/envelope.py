"""Seal a text for one place and open it there: AES-256-GCM, bound to row, column and owner.

Format: 0x01 | generation (1) | nonce (12) | ciphertext | tag (16). The place is authenticated
data, so a ciphertext copied to another row, column or patient does not open.
"""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag

from clinic.crypto import datakeys
from clinic.crypto.errors import OpenRefused
from clinic.crypto.signals import announce_refusal

VERSION: Final = 1
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

    def bound_to(self, gen: int) -> bytes:
        table, _, name = self.column.partition(".")
        owner = self.owner or ""
        return f"v1|{table}|{name}|{self.row}|{self.scope}|{owner}|{gen}".encode()


def seal(text: str, place: Place) -> bytes:
    """Return `text` sealed for `place`; raises KeyShredded when the owner's key was destroyed."""
    plain = text.encode("utf-8")
    key = datakeys.for_sealing(place.scope, place.owner)
    nonce = os.urandom(NONCE_BYTES)
    sealed = key.cipher().encrypt(nonce, plain, place.bound_to(key.gen))
    return bytes([VERSION, key.gen]) + nonce + sealed


def unseal(blob: bytes, place: Place) -> str:
    """Return the text sealed in `blob`; raises OpenRefused when it was altered or moved."""
    try:
        return _unsealed(blob, place)
    except OpenRefused:
        announce_refusal(place)
        raise


def _unsealed(blob: bytes, place: Place) -> str:
    if len(blob) < HEAD_BYTES + TAG_BYTES or blob[0] != VERSION:
        raise OpenRefused(f"{place.column} is not in a known format.")
    gen, nonce, sealed = blob[1], blob[2:HEAD_BYTES], blob[HEAD_BYTES:]
    for key in datakeys.candidates(place.scope, place.owner, gen):
        with suppress(InvalidTag):
            return key.cipher().decrypt(nonce, sealed, place.bound_to(gen)).decode()
    raise OpenRefused(f"{place.column} was altered, or belongs to another row or owner.")

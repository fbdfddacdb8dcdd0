"""The format of a sealed file: the STREAM construction over AES-256-GCM.

    "BTF1" | chunk size (4) | salt (32) | nonce prefix (7) | generation (1)
    then per chunk: ciphertext | tag (16)

Each file has a key of its own, derived from its owner's data key. A chunk's nonce is
`prefix | number | 1 for the last`, so a chunk that is missing, moved, repeated or added does not
open; header, table, id and owner are authenticated with every chunk, so neither does a file under
another name or owner.
"""

from __future__ import annotations

import struct
import uuid
from dataclasses import dataclass
from typing import BinaryIO, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from clinic.crypto import datakeys
from clinic.crypto.errors import OpenRefused

MAGIC: Final = b"BTF1"
CHUNK_BYTES: Final = 64 * 1024
LARGEST_CHUNK: Final = 1024 * 1024
SALT_BYTES: Final = 32
PREFIX_BYTES: Final = 7
TAG_BYTES: Final = 16
HEADER: Final = struct.Struct(f">4sI{SALT_BYTES}s{PREFIX_BYTES}sB")
NONCE: Final = struct.Struct(f">{PREFIX_BYTES}sIB")


@dataclass(frozen=True, slots=True)
class FilePlace:
    """Where a file belongs. `table` is a fixed name; `row` is the id the file is stored under."""

    table: str
    row: uuid.UUID
    scope: str
    owner: uuid.UUID | None

    def __post_init__(self) -> None:
        if (self.owner is None) != (self.scope in datakeys.CLINIC_WIDE):
            raise ValueError(f"A patient's file needs an owner, a clinic's has none: {self.table}.")

    @property
    def column(self) -> str:
        """What a refusal calls it."""
        return self.table


@dataclass(frozen=True, slots=True)
class Header:
    """The first bytes of a sealed file. They are in clear, and every chunk is bound to them."""

    chunk_bytes: int
    salt: bytes
    prefix: bytes
    gen: int

    def packed(self) -> bytes:
        return HEADER.pack(MAGIC, self.chunk_bytes, self.salt, self.prefix, self.gen)

    def bound_to(self, place: FilePlace) -> bytes:
        owner = place.owner or ""
        return self.packed() + f"|{place.table}|{place.row}|{place.scope}|{owner}".encode()

    def nonce(self, number: int, *, last: bool) -> bytes:
        return NONCE.pack(self.prefix, number, last)

    def cipher(self, key: datakeys.OpenKey, place: FilePlace) -> AESGCM:
        """Return the cipher of this one file; raises KeyShredded."""
        info = b"file|" + self.bound_to(place)
        derive = HKDF(algorithm=hashes.SHA256(), length=32, salt=self.salt, info=info)
        return AESGCM(derive.derive(key.usable()))


def read_header(source: BinaryIO) -> Header:
    """Return the header at the start of `source`; raises OpenRefused when it is none of ours."""
    source.seek(0)
    head = source.read(HEADER.size)
    if len(head) < HEADER.size or not head.startswith(MAGIC):
        raise OpenRefused("A stored file is not in a known format.")
    _, chunk_bytes, salt, prefix, gen = HEADER.unpack(head)
    if not 0 < chunk_bytes <= LARGEST_CHUNK:
        raise OpenRefused("A stored file names an impossible chunk size.")
    return Header(chunk_bytes, salt, prefix, gen)

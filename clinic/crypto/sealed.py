"""Ciphertext between the database and a model: what was loaded, and for which place."""

from __future__ import annotations

from dataclasses import dataclass

from clinic.crypto.envelope import Place, unseal
from clinic.crypto.errors import SealedFieldMisuse

# Where an instance keeps its origins, by column.
ORIGINS = "_sealed_origins"


class Sealed:
    """Ciphertext on its way from or to the database. Cannot be shown by accident."""

    __slots__ = ("blob",)

    def __init__(self, blob: bytes) -> None:
        self.blob = blob

    def __repr__(self) -> str:
        return "<Sealed>"

    def __str__(self) -> str:
        raise SealedFieldMisuse("A sealed value was read past its model; read an instance.")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and other.blob == self.blob

    def __hash__(self) -> int:
        return hash(self.blob)


@dataclass(slots=True)
class Origin:
    """What was loaded, for which place, and the text once it has been opened."""

    sealed: Sealed
    place: Place
    text: str | None = None

    def open(self) -> str:
        self.text = unseal(self.sealed.blob, self.place)
        return self.text

"""What a reader of a release file yields: one concept, or a line that it did not understand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from clinic.terminology import words
from clinic.terminology.choices import Kind, System


@dataclass(frozen=True, slots=True)
class Row:
    """A concept as a file tells it; `names` are plain words, `terms` other synonyms."""

    kind: Kind
    system: System
    code: str
    display: str
    rank: int
    names: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)

    def searchable(self) -> str:
        return words.searchable(code=self.code, texts=(self.display, *self.names, *self.terms))

    def stored_details(self) -> dict[str, Any]:
        told = {"names": list(self.names), "terms": list(self.terms), **self.details}
        return {name: value for name, value in told.items() if value not in ([], "", None)}


@dataclass(frozen=True, slots=True)
class Odd:
    """A line that is left out, and why. The line itself may be long: only its number is kept."""

    line: int
    reason: str


Read = Iterator[Row | Odd]


def batches(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """Cut rows into lists of a size; the last may be shorter."""
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch

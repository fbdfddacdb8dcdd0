"""One line of the table that `python -m bench` prints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A measured value beside a reference from the same run; `ratio` is value to reference."""

    name: str
    value: float
    unit: str
    reference: str
    ratio: float | None = None
    target: str = ""

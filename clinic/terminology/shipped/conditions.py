"""Plain words for the conditions that primary care sees most, in the order of suggestion."""

from __future__ import annotations

from functools import lru_cache

from clinic.terminology.shipped import tables


def names_of(code: str) -> tuple[str, ...]:
    """Return the plain words for a code, the best first."""
    return _common().get(code, (0, ()))[1]


def rank_of(code: str) -> int | None:
    """Return the place of a code among the common ones, None where it is not among them."""
    found = _common().get(code)
    return None if found is None else found[0]


@lru_cache(maxsize=1)
def _common() -> dict[str, tuple[int, tuple[str, ...]]]:
    rows = tables.read("conditions")
    return {code: (place * 10, tables.several(cell)) for place, (code, cell) in enumerate(rows)}

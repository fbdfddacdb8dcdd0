"""Plain names of the common vaccines by their CVX code."""

from __future__ import annotations

from functools import lru_cache

from clinic.terminology.shipped import tables


def plain_name(code: str) -> tuple[int | None, str, tuple[str, ...]]:
    """Return the place, the plain name and other words of a vaccine; nothing for others."""
    return _by_code().get(code, (None, "", ()))


@lru_cache(maxsize=1)
def _by_code() -> dict[str, tuple[int | None, str, tuple[str, ...]]]:
    rows = tables.read("vaccines")
    return {
        code: (place, name, tables.several(others))
        for place, (code, name, others) in enumerate(rows)
    }

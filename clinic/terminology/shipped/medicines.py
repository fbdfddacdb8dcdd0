"""The common medicines, their ingredients, classes and trade names, and what reacts with what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from clinic.terminology import words
from clinic.terminology.shipped import tables


@dataclass(frozen=True, slots=True)
class Medicine:
    """A medicine by its general name; `forms` are pairs of form and strength."""

    name: str
    ingredients: tuple[str, ...]
    forms: tuple[tuple[str, str], ...]
    brands: tuple[str, ...]


@lru_cache(maxsize=1)
def medicines() -> tuple[Medicine, ...]:
    """Return the list, the most used first."""
    return tuple(
        Medicine(
            name=name,
            ingredients=tables.several(ingredients) or (words.plain(name),),
            forms=tuple(_forms(forms)),
            brands=tables.several(brands),
        )
        for name, ingredients, _classes, forms, brands in tables.read("medicines")
    )


def _forms(cell: str) -> Iterator[tuple[str, str]]:
    """Cut "tablet 5 mg, 10 mg; gel 1%" into form and strength."""
    for entry in tables.several(cell):
        first = next(at for at, letter in enumerate(entry) if letter.isdigit())
        for strength in entry[first:].split(", "):
            yield entry[:first].strip(), strength


@lru_cache(maxsize=1)
def classes() -> dict[str, tuple[str, ...]]:
    """Return the classes of every ingredient."""
    rows = tables.read("medicines")
    return {words.plain(name): tables.several(cell) for name, _parts, cell, *_rest in rows if cell}


@lru_cache(maxsize=1)
def cross_reactions() -> dict[str, tuple[tuple[str, ...], str]]:
    """Return for a class the classes that may react likewise, and why."""
    rows = tables.read("cross_reactions")
    return {name: (tables.several(others), why) for name, others, why in rows}


@lru_cache(maxsize=1)
def named() -> dict[tuple[str, ...], tuple[str, ...]]:
    """Return the ingredients behind every name, general or of a trade, by the words of the name."""
    found = {}
    for medicine in reversed(medicines()):
        for name in (*medicine.brands, medicine.name):
            found[tuple(words.cut(name))] = medicine.ingredients
    return found

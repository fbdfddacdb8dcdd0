"""What a medicine contains, what its ingredients are, and what reacts likewise.

Best effort, from the list that ships: an ingredient that is not on it has no class, and whoever
warns says so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from clinic.terminology import words
from clinic.terminology.shipped import medicines

BETWEEN = re.compile(r"[/+;,&]|\b(?:and|with|plus)\b", re.IGNORECASE)
LONGEST_NAME = 5
# The second word of a salt is not an ingredient: "losartan potassium", "naproxen sodium".
SALTS = frozenset(
    ["calcium", "magnesium", "potassium", "sodium", "zinc", "iron", "chloride", "sulfate"]
)
# A class that people take several of on purpose, or that says nothing of the effect.
NOT_DOUBLED = frozenset(
    ["antibiotic", "anticonvulsant", "corticosteroid", "insulin", "laxative", "anticholinergic"]
    + ["sympathomimetic", "antacid", "anticoagulant", "antiplatelet", "antihistamine", "estrogen"]
    + ["progestin", "hormonal contraceptive", "magnesium salt", "calcium salt", "antipsychotic"]
    + ["strong CYP3A4 inhibitor", "CYP3A4 inducer", "vitamin D", "salicylate", "opioid", "MAOI"]
    + ["antiarrhythmic", "inhaled or nasal corticosteroid", "aromatic anticonvulsant"]
)


@dataclass(frozen=True, slots=True)
class Contents:
    """The ingredients of a medicine in lower case, and the classes of all of them."""

    ingredients: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Doubled:
    """Several ingredients of one class: the same treatment twice."""

    of_class: str
    ingredients: tuple[str, ...]


def contents_of(ingredients: Collection[str]) -> Contents:
    """Return these ingredients, each once, with their classes."""
    once = tuple(dict.fromkeys(ingredients))
    found = dict.fromkeys(name for one in once for name in class_of(one))
    return Contents(once, tuple(found))


def class_of(ingredient: str) -> tuple[str, ...]:
    """Return the classes of an ingredient, none where it is not on the list that ships."""
    return medicines.classes().get(words.plain(ingredient).strip(), ())


def named_in(text: str) -> tuple[str, ...]:
    """Return the ingredients that a text names: "Panadol", "Lisinopril 10 MG Oral Tablet"."""
    found = (name for part in BETWEEN.split(text) for name in _in_part(words.cut(part)))
    return tuple(dict.fromkeys(found))


def _in_part(part: list[str]) -> Iterator[str]:
    at, any_yet = 0, False
    while at < len(part):
        length = _name_at(part, at)
        if length and not (any_yet and length == 1 and part[at] in SALTS):
            yield from medicines.named()[tuple(part[at : at + length])]
            any_yet = True
        at += max(length, 1)


def _name_at(part: list[str], at: int) -> int:
    """Return how many words from here are a name, the longest; 0 for none."""
    names = medicines.named()
    lengths = range(min(LONGEST_NAME, len(part) - at), 0, -1)
    return next((length for length in lengths if tuple(part[at : at + length]) in names), 0)


def cross_reactive(ingredient_or_class: str) -> tuple[str, ...]:
    """Return the classes that may react like this ingredient or class, its own among them."""
    own = class_of(ingredient_or_class) or (_class_named(ingredient_or_class),)
    table = medicines.cross_reactions()
    found = (other for name in own if name in table for other in table[name][0])
    return tuple(dict.fromkeys(found))


def why_cross_reactive(name: str) -> str:
    """Return one sentence on why a class reacts like others, empty where there is none."""
    return medicines.cross_reactions().get(_class_named(name), ((), ""))[1]


def _class_named(name: str) -> str:
    """Return the spelling of a class in the table: "nsaids" is "NSAID"."""
    bare = words.plain(name).strip()
    spelled = {words.plain(known): known for known in medicines.cross_reactions()}
    return spelled.get(bare) or spelled.get(bare.removesuffix("s")) or name


def doubled(ingredients: Collection[str]) -> list[Doubled]:
    """Return the classes of which there is more than one ingredient."""
    by_class: dict[str, list[str]] = {}
    for one in dict.fromkeys(ingredients):
        for name in class_of(one):
            if name not in NOT_DOUBLED:
                by_class.setdefault(name, []).append(one)
    return [Doubled(name, tuple(those)) for name, those in by_class.items() if len(those) > 1]

"""Which medicines do not go well together: a short table of our own, by ingredient and class.

It holds what is clinically important and common, with the label that says so. It is no complete
checker: dose, kidneys, age and everything that is not in the table are not looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.terminology import drugs, words
from clinic.terminology.shipped import tables


class Severity(models.TextChoices):
    """How much two medicines are against each other, the worst first."""

    AVOID = "avoid", _("Do not combine")
    SERIOUS = "serious", _("Serious")
    CAUTION = "caution", _("Take care")


@dataclass(frozen=True, slots=True)
class Interaction:
    """Two ingredients that were both given, and what may happen."""

    first: str
    second: str
    severity: Severity
    sentence: str
    source: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A line of the table: two ingredients or classes."""

    one: str
    other: str
    severity: Severity
    sentence: str
    source: str


def check_pairs(
    ingredients: Collection[str], classes: Mapping[str, Collection[str]] | None = None
) -> list[Interaction]:
    """Return what is known of each two of these ingredients, the worst first.

    `classes` tells the classes of an ingredient where the list that ships is not to be asked.
    """
    names = {}
    for one in dict.fromkeys(words.plain(ingredient).strip() for ingredient in ingredients):
        its = drugs.class_of(one) if classes is None else classes.get(one, ())
        names[one] = {one, *its}
    found = []
    for first, second in combinations(names, 2):
        if worst := _worst(names[first], names[second]):
            found.append(Interaction(first, second, worst.severity, worst.sentence, worst.source))
    return sorted(found, key=lambda one: ORDER[one.severity])


ORDER = {severity: place for place, severity in enumerate(Severity)}


def _worst(first: set[str], second: set[str]) -> Pair | None:
    """Return the line that counts for two ingredients; the same danger is told once."""
    fitting = [
        pair
        for pair in pairs()
        if (pair.one in first and pair.other in second)
        or (pair.one in second and pair.other in first)
    ]
    return min(fitting, key=lambda pair: ORDER[pair.severity], default=None)


@lru_cache(maxsize=1)
def pairs() -> tuple[Pair, ...]:
    """Return the table."""
    rows = tables.read("interactions")
    return tuple(Pair(one, other, Severity(how), *rest) for one, other, how, *rest in rows)

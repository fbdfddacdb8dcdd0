"""Writes what releases shout in capitals as people read it, and finds the ingredients in it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from clinic.terminology import drugs, words

# The salt or hydrate of a medicine; the ingredient is what stands before it.
SALT = re.compile(
    r"\b(?:(?:mono|di|tri|hemi|sesqui)?(?:hydrochloride|hydrate|hydrobromide|sodium|potassium)"
    r"|calcium|magnesium|sulfate|phosphate|acetate|maleate|tartrate|bitartrate|fumarate|succinate"
    r"|mesylate|besylate|citrate|nitrate|medoxomil|cilexetil|disodium|bromide|chloride|anhydrous"
    r"|axetil|tromethamine|gluconate|lactate|pamoate|malate|tosylate|hyclate|bisulfate)\b",
    re.IGNORECASE,
)


def sentence(text: str) -> str:
    """Return "LISINOPRIL TABLET" as "Lisinopril tablet"; mixed writing stays as it is."""
    clean = " ".join(text.split())
    lower = clean.lower() if clean.isupper() else clean
    return lower[:1].upper() + lower[1:]


def ingredients(names: Iterable[str]) -> list[str]:
    """Return the ingredients that a release names, without their salts, as our list calls them."""
    found: list[str] = []
    for name in names:
        known = drugs.named_in(name)
        bare = " ".join(SALT.sub(" ", words.plain(name)).split())
        # "Potassium chloride" is nothing but salt, and an ingredient all the same.
        found += known or [bare or words.plain(name).strip()]
    return list(dict.fromkeys(one for one in found if one))


def contents(names: Iterable[str]) -> dict[str, list[str]]:
    """Return the details of a medicine: its ingredients and their classes."""
    found = drugs.contents_of(ingredients(names))
    return {"ingredients": list(found.ingredients), "classes": list(found.classes)}

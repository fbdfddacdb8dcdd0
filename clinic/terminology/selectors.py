"""Every read of code systems. They are public and know no person, so nobody is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from clinic.terminology import drugs, search, words
from clinic.terminology.choices import Kind
from clinic.terminology.drugs import Contents, contents_of, named_in
from clinic.terminology.models import Concept
from clinic.terminology.suggestions import Suggestion, arrange

SHORTEST_CORRECTED = 4


def search_concepts(*, kind: Kind, query: str, limit: int = 10) -> list[Suggestion]:
    """Return what somebody may mean who has typed this much; mistyped words are understood."""
    asked = words.asked(query)
    if not asked:
        return []
    found = search.matching(kind=kind, words=asked)
    lines = arrange(found=found, asked=asked, limit=limit)
    if any(one.is_likely(asked) for one in found):
        return lines
    for attempt in _attempts(kind, asked, found=bool(found)):
        other = search.matching(kind=kind, words=attempt)
        if other and (not found or other[0].is_common):
            return (arrange(found=other, asked=attempt, limit=limit) + lines)[:limit]
    return lines


def _attempts(kind: Kind, asked: list[str], *, found: bool) -> Iterator[list[str]]:
    """Yield what else to look for: corrected words, all but one, each alone."""
    if found:
        # "asma" begins the name of a rare enzyme, and is asthma all the same.
        if len(asked) == 1 and (other := _corrected(kind, asked[0], least=1)):
            yield [other]
        return
    known = [meant for word in asked if (meant := _meant(kind, word))]
    if known and known != asked:
        yield known
    if len(known) > 2:
        for left_out in range(len(known)):
            yield known[:left_out] + known[left_out + 1 :]
    if len(known) > 1:
        for word in sorted(known, key=len, reverse=True):
            yield [word]


def _meant(kind: Kind, word: str) -> str | None:
    if any(letter.isdigit() for letter in word) or search.is_known(kind=kind, word=word):
        return word
    return _corrected(kind, word)


def _corrected(kind: Kind, word: str, *, least: int = 0) -> str | None:
    if len(word) < SHORTEST_CORRECTED:
        return None
    return search.nearest(kind=kind, word=word, least=least)


def concept(*, system: str, code: str) -> Concept | None:
    """Return a code of a system, also a retired one: records name it for as long as they live."""
    return Concept.objects.filter(system=system, code=code).first()


def is_name_of(*, kind: Kind, text: str, system: str, code: str) -> bool:
    """Say whether a text is a name of this active code, so that the pair may be stored."""
    found = Concept.objects.filter(system=system, code=code, kind=kind, active=True).first()
    if found is None:
        return False
    names = [found.display, *found.details.get("names", ())]
    return words.plain(text) in {words.plain(name) for name in names}


def ingredients_of(*, text: str = "", system: str = "", code: str = "") -> Contents:
    """Return what a medicine contains, as far as its code or its text tells.

    A code counts before the text; an empty answer means unknown, never "nothing".
    """
    coded = concept(system=system, code=code) if code else None
    told = coded.details.get("ingredients", []) if coded else []
    if told:
        return contents_of(told)
    named = named_in(text) or named_in(coded.display if coded else "")
    return contents_of(named or _as_in_a_release(text))


def _as_in_a_release(text: str) -> list[str]:
    """Look the first word up among loaded medicines, by ingredient and trade name."""
    first = next((word for word in words.cut(text) if not word.isdigit()), "")
    if len(first) < SHORTEST_CORRECTED:
        return []
    for one in search.matching(kind=Kind.MEDICINE, words=[first]):
        names = [*one.details.get("ingredients", []), *one.details.get("brands", [])]
        if any(first in words.cut(name) for name in names):
            return list(one.details.get("ingredients", []))
    return []


def class_of(*, ingredient: str) -> tuple[str, ...]:
    """Return the classes of an ingredient: "ibuprofen" is an "NSAID"."""
    return drugs.class_of(ingredient)


def cross_reactive(*, ingredient_or_class: str) -> tuple[str, ...]:
    """Return the classes that may react like this ingredient or class, its own among them."""
    return drugs.cross_reactive(ingredient_or_class)

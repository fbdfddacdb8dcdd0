"""What is offered to somebody who types, and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from clinic.terminology import words
from clinic.terminology.choices import System

# Ranks below are given one by one in the lists that ship; loaded releases begin here.
COMMON_BELOW = 10_000


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line of the list: what choosing it writes, its code, and what tells it from others."""

    text: str
    detail: str
    system: str
    code: str

    @property
    def shown(self) -> str:
        """The code, where people know it by heart; numbers of other systems say nothing to them."""
        return self.code if self.system == System.ICD10CM else ""


@dataclass(frozen=True, slots=True)
class Found:
    """A concept that matched, as it was read."""

    system: str
    code: str
    display: str
    words: str
    details: dict[str, Any]
    rank: int

    @property
    def is_common(self) -> bool:
        return self.rank < COMMON_BELOW

    def is_likely(self, asked: list[str]) -> bool:
        """Say whether this is what somebody meant: a code, something common, or whole words."""
        has = set(self.words.split())
        return self.is_code(asked) or self.is_common or all(word in has for word in asked)

    def is_code(self, asked: list[str]) -> bool:
        return len(asked) == 1 and "".join(words.cut(self.code)) == asked[0]


def arrange(*, found: list[Found], asked: list[str], limit: int) -> list[Suggestion]:
    """Return the best lines: the exact code, plain names, whole words, then by rank."""
    ordered = sorted(found, key=lambda one: _order(one, asked))
    lines: dict[str, Suggestion] = {}
    for one in ordered:
        line = _line(one, asked)
        # Several products have one name; the first stands for all.
        lines.setdefault(line.text.casefold(), line)
    return list(lines.values())[:limit]


def _order(one: Found, asked: list[str]) -> tuple[int, int, int, int]:
    names = one.details.get("names", [])
    fitting = [place for place, name in enumerate(names) if _fits(name, asked)]
    exact = any(words.cut(names[place]) == asked for place in fitting)
    has = set(one.words.split())
    missing = sum(word not in has for word in asked)
    return (
        0 if one.is_code(asked) else 1 if exact else 2,
        0 if 0 in fitting else 1 if fitting else 2,
        missing,
        one.rank,
    )


def _line(one: Found, asked: list[str]) -> Suggestion:
    """Return what was meant: a plain name, the official title, or the title of a synonym."""
    name = None if one.is_code(asked) else _matching(one.details.get("names", []), asked)
    if name is not None:
        text = name[:1].upper() + name[1:]
        detail = "" if words.cut(text) == words.cut(one.display) else one.display
        return Suggestion(text, detail, one.system, one.code)
    if _fits(one.display, asked):
        return Suggestion(one.display, "", one.system, one.code)
    term = _matching(one.details.get("terms", []), asked)
    return Suggestion(one.display, term or "", one.system, one.code)


def _matching(phrases: list[str], asked: list[str]) -> str | None:
    """Return the phrase in which every asked word begins a word, rather one of no other words."""
    fitting = [phrase for phrase in phrases if _fits(phrase, asked)]
    return min(fitting, key=lambda phrase: words.cut(phrase) != asked, default=None)


def _fits(phrase: str, asked: list[str]) -> bool:
    there = words.cut(phrase)
    return all(any(word.startswith(beginning) for word in there) for beginning in asked)

"""Cuts text into the words that are stored and looked up: one function for both sides."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

WORD = re.compile(r"[^\W_]+")
MOST_WORDS = 8
LONGEST = 40
# "E11.9", "e11.", "I10", "S72.001A": one word although it holds a dot.
CODE = re.compile(r"^[a-z][0-9][0-9a-z](?:\.?[0-9a-z]{0,4})$")
# They say nothing of what is meant, and people leave them out or put them in as they like.
STOP = frozenset(["a", "an", "and", "by", "for", "from", "in", "my", "of", "on", "or", "the", "to"])
STOP |= {"with"}
# Hepatitis A to E, vitamins A to E and K. Any other last letter only begins a word.
LETTERS = frozenset("abcdek")


def plain(text: str) -> str:
    """Return text in lower case, without accents and apostrophes."""
    if text.isascii():
        return text.replace("'", "").lower()
    folded = unicodedata.normalize("NFKD", text.replace("'", "").replace("\u2019", "")).casefold()
    return "".join(letter for letter in folded if not unicodedata.combining(letter))


def cut(text: str) -> list[str]:
    """Return the words of a text in their order, each cut to a sane length."""
    return [word[:LONGEST] for word in WORD.findall(plain(text))]


def asked(query: str) -> list[str]:
    """Return the words of something typed; a code with its dot is one word."""
    bare = plain(query).strip()
    if CODE.match(bare):
        return [bare.replace(".", "")]
    found = list(dict.fromkeys(cut(query)))
    telling = [word for word in found if _tells(word, last=word == found[-1])]
    return (telling or found[-1:])[:MOST_WORDS]


def _tells(word: str, *, last: bool) -> bool:
    """Say whether a word narrows anything: one letter does not, except where it is a name."""
    if len(word) == 1 and not word.isdigit():
        return last and word in LETTERS
    return word not in STOP


def searchable(*, code: str, texts: Iterable[str]) -> str:
    """Return the words by which a concept is found, each once, in order, single spaces between."""
    words = {word for text in texts for word in cut(text)}
    words |= {"".join(cut(code))} - {""}
    return " ".join(sorted(words))

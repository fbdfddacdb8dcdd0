"""Finds concepts by the beginnings of words, and what a mistyped word may have meant."""

from __future__ import annotations

import json

from django.db import connection

from clinic.terminology.choices import Kind
from clinic.terminology.suggestions import COMMON_BELOW, Found

# More than are shown: the order within is decided by what was typed.
POOL = 60
LIKELY = 12
# The first few thousand concepts of a kind. So many answers among them are all that anybody reads.
HEAD_BELOW = COMMON_BELOW + 300
ENOUGH = 12

# Two ways, because no plan is good for both: "a" begins a word of every second concept, so reading
# in the order of the answer ends at once; "driver" is in a thousand and none is near the front. The
# planner, left to choose, walked through 40,000 rows to them.
HEAD = """
SELECT system, code, display, words, details, rank FROM terminology_concept
WHERE kind = %s AND active AND rank < %s AND lexemes @@ %s::tsquery
ORDER BY rank, id LIMIT %s
"""
# Materialized, so that the index of words is taken; narrow, so that thousands are sorted quickly.
ALL = """
WITH matched AS MATERIALIZED (
  SELECT id, rank FROM terminology_concept
  WHERE kind = %s AND active AND lexemes @@ %s::tsquery
), likely AS (SELECT id FROM matched ORDER BY rank, id LIMIT %s)
SELECT system, code, display, words, details, rank
FROM likely JOIN terminology_concept USING (id) ORDER BY rank, id
"""
BEGINS = "SELECT EXISTS (SELECT 1 FROM terminology_word WHERE kind = %s AND text LIKE %s)"
LIKE_IT = """
SELECT text FROM terminology_word WHERE kind = %s AND text %% %s
ORDER BY similarity(text, %s) DESC, uses DESC LIMIT %s
"""


def matching(*, kind: Kind, words: list[str]) -> list[Found]:
    """Return the concepts in which every word begins a word, the likely ones first."""
    asked = " & ".join(f"'{word}':*" for word in words)
    # The code itself may stand far behind the common ones that begin like it.
    if not any(letter.isdigit() for word in words for letter in word):
        first = _read(HEAD, [kind, HEAD_BELOW, asked, POOL])
        if len(first) >= ENOUGH:
            return first
    return _read(ALL, [kind, asked, POOL])


def _read(statement: str, values: list[str | int]) -> list[Found]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [_found(row) for row in cursor.fetchall()]


def _found(row: tuple[str, str, str, str, str, int]) -> Found:
    # Django switches the driver's reading of JSON off.
    system, code, display, words, details, rank = row
    return Found(system, code, display, words, json.loads(details), rank)


def is_known(*, kind: Kind, word: str) -> bool:
    """Say whether any word of this kind begins like this."""
    with connection.cursor() as cursor:
        cursor.execute(BEGINS, [kind, f"{word}%"])
        return bool(cursor.fetchone()[0])


def nearest(*, kind: Kind, word: str, least: int = 0) -> str | None:
    """Return the known word that a mistyped one most likely meant, None where nothing is near.

    With `least`, a word must differ by so many letters: 1 leaves out what begins like the word.
    """
    with connection.cursor() as cursor:
        cursor.execute(LIKE_IT, [kind, word, word, LIKELY])
        likely = [text for (text,) in cursor.fetchall()]
    most = (len(word) + 2) // 3
    near = [(steps(word, text), text) for text in likely]
    return min((pair for pair in near if least <= pair[0] <= most), default=(0, None))[1]


def steps(typed: str, meant: str) -> int:
    """Return how many letters to change, add, drop or swap until `typed` begins `meant`."""
    before: list[int] = []
    row = list(range(len(meant) + 1))
    for at, letter in enumerate(typed, start=1):
        older, before, row = before, row, [at]
        for to, other in enumerate(meant, start=1):
            cost = min(before[to] + 1, row[to - 1] + 1, before[to - 1] + (letter != other))
            if at > 1 and to > 1 and letter == meant[to - 2] and typed[at - 2] == other:
                cost = min(cost, older[to - 2] + 1)
            row.append(cost)
    return min(row)

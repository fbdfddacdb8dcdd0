"""Writes concepts: what is new is added, what differs is changed, what is missing is retired.

A retired code stays as a row, because records may name it. Running the same file again changes
nothing. Every batch is a transaction of its own, so a load that was stopped is run again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection, transaction

from clinic.terminology.choices import Kind, System
from clinic.terminology.loading.rows import Row

COLUMNS = "kind, system, code, display, words, details, rank"
STAGE = """
CREATE TEMPORARY TABLE concept_stage (
  kind text, system text, code text, display text, words text, details jsonb, rank integer
)
"""
# The same code twice in a batch: the first line of the file counts.
UPSERT = f"""
INSERT INTO terminology_concept ({COLUMNS}, active)
SELECT DISTINCT ON (system, code) {COLUMNS}, true FROM concept_stage
ON CONFLICT (system, code) DO UPDATE SET
  kind = excluded.kind, display = excluded.display, words = excluded.words,
  details = excluded.details, rank = excluded.rank, active = true
WHERE (terminology_concept.kind, terminology_concept.display, terminology_concept.words,
       terminology_concept.details, terminology_concept.rank, terminology_concept.active)
  IS DISTINCT FROM (excluded.kind, excluded.display, excluded.words,
       excluded.details, excluded.rank, true)
  AND (NOT %s OR terminology_concept.details ? 'shipped')
RETURNING (xmax = 0)
"""
RETIRE = """
UPDATE terminology_concept SET active = false
WHERE system = %s AND kind = ANY(%s) AND active AND (details ? 'shipped') = %s
  AND code NOT IN (SELECT unnest(%s::text[]))
"""
FORGET_WORDS = "DELETE FROM terminology_word WHERE kind = %s"
# Codes are not mistyped words, and short words are like everything.
LEARN_WORDS = """
INSERT INTO terminology_word (kind, text, uses)
SELECT %s, word, ndoc FROM ts_stat(%s) WHERE length(word) > 2 AND word !~ '[0-9]'
"""
LEXEMES = "SELECT lexemes FROM terminology_concept WHERE active AND kind = '{}'"


@dataclass(slots=True)
class Stored:
    """How many rows were added, changed, retired or already as told."""

    added: int = 0
    changed: int = 0
    retired: int = 0
    same: int = 0
    seen: set[tuple[System, str]] = field(default_factory=set)
    kinds: set[Kind] = field(default_factory=set)

    @property
    def wrote(self) -> bool:
        return bool(self.added or self.changed or self.retired)


def store_batch(*, rows: list[Row], into: Stored, shipped: bool = False) -> None:
    """Write one batch. With `shipped`, rows of an official release are left as they are."""
    new = [row for row in rows if (row.system, row.code) not in into.seen]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(STAGE)
        with cursor.copy(f"COPY concept_stage ({COLUMNS}) FROM STDIN") as copy:
            for row in new:
                copy.write_row(_values(row, shipped=shipped))
        cursor.execute(UPSERT, [shipped])
        fresh = [added for (added,) in cursor.fetchall()]
        # At the end of the transaction it would stand in the way of a batch within the same one.
        cursor.execute("DROP TABLE concept_stage")
    into.added += sum(fresh)
    into.changed += len(fresh) - sum(fresh)
    into.same += len(new) - len(fresh)
    into.seen |= {(row.system, row.code) for row in new}
    into.kinds |= {row.kind for row in new}


def _values(row: Row, *, shipped: bool) -> tuple[str | int, ...]:
    details = row.stored_details() | ({"shipped": True} if shipped else {})
    told = json.dumps(details, ensure_ascii=False)
    return (row.kind, row.system, row.code, row.display, row.searchable(), told, row.rank)


def retire_missing(*, systems: Iterable[System], into: Stored, shipped: bool = False) -> None:
    """Take the codes of these systems that the file no longer holds out of the suggestions.

    What ships is retired by a newer list that ships, what a release brought by a newer release.
    """
    kinds = [str(kind) for kind in into.kinds]
    with transaction.atomic(), connection.cursor() as cursor:
        for system in systems:
            codes = [code for its, code in into.seen if its == system]
            if codes:
                cursor.execute(RETIRE, [system, kinds, shipped, codes])
                into.retired += cursor.rowcount


def learn_words(*, kinds: Iterable[Kind]) -> None:
    """Write anew which words occur in active concepts, and let the planner know."""
    with transaction.atomic(), connection.cursor() as cursor:
        for kind in kinds:
            cursor.execute(FORGET_WORDS, [kind])
            cursor.execute(LEARN_WORDS, [kind, LEXEMES.format(kind)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE terminology_concept, terminology_word")


def is_loaded(*, system: System) -> bool:
    """Say whether anything of a system is there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM terminology_concept WHERE system = %s)", [system]
        )
        found: bool = cursor.fetchone()[0]
        return found

"""RxNorm: the folder rrf of a release, with RXNCONSO.RRF and RXNREL.RRF, separated by "|".

Only what NLM itself adds (source RXNORM) is read; the other sources have licences of their own.
Columns: https://www.nlm.nih.gov/research/umls/rxnorm/docs/techdoc.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from clinic.terminology import drugs
from clinic.terminology.choices import Kind, System
from clinic.terminology.loading import names, tables
from clinic.terminology.loading.rows import Odd, Read, Row
from clinic.terminology.suggestions import COMMON_BELOW

RANK = COMMON_BELOW + 500
# Ingredient, several of them, brand, clinical drug, branded drug: in this order of suggestion.
KINDS = {"IN": 0, "MIN": 200, "BN": 300, "SCD": 400, "SBD": 700}
COLUMNS, RELATIONS = 18, 8
# What leads from a drug to its ingredients: drug - component - ingredient, brand - ingredient.
LEADS = {"has_ingredient", "consists_of", "tradename_of", "has_precise_ingredient", "has_part"}


def read_concepts(file: TextIO) -> Read:
    """Read RXNCONSO.RRF, with the relations from RXNREL.RRF beside it where that is there."""
    rows = list(_concepts(file))
    called = {
        cells[0]: cells[14] for cells in rows if not isinstance(cells, Odd) and cells[12] == "IN"
    }
    leads = _relations(Path(file.name).with_name("RXNREL.RRF")) if hasattr(file, "name") else {}
    for cells in rows:
        if isinstance(cells, Odd):
            yield cells
        elif cells[12] in KINDS:
            yield _row(cells, [called[end] for end in _ends(cells[0], leads) if end in called])


def _concepts(file: TextIO) -> Iterator[list[str] | Odd]:
    for number, line in enumerate(file, start=1):
        cells = line.rstrip("\r\n").split("|")
        if len(cells) < COLUMNS or not cells[0].isdigit():
            yield Odd(number, "not a line of RXNCONSO.RRF")
        elif cells[11] == "RXNORM" and cells[1] == "ENG" and cells[16] == "N":
            yield cells


def _relations(path: Path) -> dict[str, list[str]]:
    """Return where every drug leads; in RXNREL the second concept has the relation to the first."""
    leads: dict[str, list[str]] = defaultdict(list)
    if path.exists():
        with path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                cells = line.split("|")
                if len(cells) >= RELATIONS and cells[7] in LEADS:
                    leads[cells[4]].append(cells[0])
    return leads


def _ends(start: str, leads: dict[str, list[str]]) -> list[str]:
    """Return everything that a drug leads to, itself among it."""
    seen, waiting = {start: None}, [start]
    while waiting:
        for found in leads.get(waiting.pop(), ()):
            if found not in seen:
                seen[found] = None
                waiting.append(found)
    return list(seen)


def _row(cells: list[str], parts: list[str]) -> Row:
    display = names.sentence(cells[14])
    told = names.contents(parts or drugs.named_in(display))
    return Row(
        kind=Kind.MEDICINE,
        system=System.RXNORM,
        code=cells[0],
        display=display,
        rank=RANK + KINDS[cells[12]] + min(len(display), 255),
        details={**told, "brands": [display] if cells[12] == "BN" else []},
    )


def read_allergens(file: TextIO) -> Read:
    """Read a table of substances with system, code and display: what people are allergic to."""
    for line in tables.lines(file, separator="\t", needed=("code", "display"), quoted=True):
        if isinstance(line, Odd):
            yield line
            continue
        cells = line[1]
        told = names.contents(cells["display"].split("/"))
        yield Row(
            kind=Kind.ALLERGEN,
            system=System.RXNORM,
            code=cells["code"],
            display=names.sentence(cells["display"]),
            rank=RANK + min(len(cells["display"]), 255),
            details={**told, "category": "medication"},
        )

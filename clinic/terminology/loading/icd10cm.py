"""ICD-10-CM: the release in the package simple-icd-10-cm, or the order file of CMS."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from typing import TextIO

from clinic.terminology.choices import Kind, System
from clinic.terminology.loading.rows import Odd, Read, Row
from clinic.terminology.shipped import conditions
from clinic.terminology.suggestions import COMMON_BELOW

CODE = re.compile(r"^[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?$")
SHOWN_TERMS = 12
# What is common stands before all others; the rest by how likely somebody looks for it.
NOT_BILLABLE = 1_500
# Injuries by encounter, pregnancy, causes and circumstances: thousands of codes seldom looked for.
CHAPTERS = {"O": 1_000, "P": 1_500, "S": 2_000, "T": 2_500}
CHAPTERS |= dict.fromkeys("VWXYZ", 4_000)
LATER = ("subsequent encounter", "sequela")


def rank_of(*, code: str, display: str, billable: bool) -> int:
    """Return the place of a code: common ones first, then billable, plain and short ones."""
    common = conditions.rank_of(code)
    if common is not None:
        return common
    rank = COMMON_BELOW + min(len(display), 255) * 10
    rank += CHAPTERS.get(code[0], 0) + (0 if billable else NOT_BILLABLE)
    return rank + (3_000 if display.endswith(LATER) else 0)


def read_package() -> Read:
    """Read the release of the package; its import alone takes two seconds and 150 MB."""
    import simple_icd_10_cm as release

    for code in dict.fromkeys(release.get_all_codes()):
        if CODE.match(code):
            yield _row(
                code=code,
                display=release.get_description(code),
                billable=release.is_leaf(code),
                terms=[*release.get_inclusion_term(code), *release.get_includes(code)],
            )


def read_order_file(file: TextIO) -> Read:
    """Read icd10cm-order-YYYY.txt: number, code, billable, short and long title at fixed places."""
    for number, line in enumerate(file, start=1):
        code, billable, title = line[6:13].strip(), line[14:15], line[77:].strip()
        dotted = code if len(code) <= 3 else f"{code[:3]}.{code[3:]}"
        if CODE.match(dotted) and billable in "01" and title:
            yield _row(code=dotted, display=title, billable=billable == "1")
        elif line.strip():
            yield Odd(number, "not a line of the order file")


def read_table(file: TextIO) -> Read:
    """Read a table with code, description, billable and inclusion_terms."""
    for number, line in enumerate(csv.DictReader(file, delimiter="\t"), start=2):
        code, display = line.get("code") or "", line.get("description") or ""
        if CODE.match(code) and display:
            terms = (line.get("inclusion_terms") or "").split(";")
            yield _row(
                code=code, display=display, billable=line.get("billable") == "1", terms=terms
            )
        else:
            yield Odd(number, "no code or no description")


def _row(*, code: str, display: str, billable: bool, terms: Iterable[str] = ()) -> Row:
    return Row(
        kind=Kind.CONDITION,
        system=System.ICD10CM,
        code=code,
        display=display,
        rank=rank_of(code=code, display=display, billable=billable),
        names=conditions.names_of(code),
        terms=tuple(_told(terms))[:SHOWN_TERMS],
        details={"billable": billable},
    )


def _told(terms: Iterable[str]) -> Iterator[str]:
    return (term for term in (term.strip() for term in terms) if term)

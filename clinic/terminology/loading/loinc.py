"""LOINC: Loinc.csv of a release, or a short table. Its notice stands in docs/terminology.md."""

from __future__ import annotations

from typing import TextIO

from clinic.terminology.choices import Kind, System
from clinic.terminology.loading import tables
from clinic.terminology.loading.rows import Odd, Read, Row
from clinic.terminology.suggestions import COMMON_BELOW

# COMMON_TEST_RANK is 0 where a test is not among the two thousand common ones.
NOT_COMMON = 30_000


def read_release(file: TextIO) -> Read:
    """Read Loinc.csv; deprecated and discouraged codes are odd."""
    needed = ("LOINC_NUM", "LONG_COMMON_NAME")
    for line in tables.lines(file, separator=",", needed=needed, quoted=True):
        if isinstance(line, Odd):
            yield line
            continue
        number, cells = line
        if cells.get("STATUS", "ACTIVE") not in ("ACTIVE", "TRIAL"):
            yield Odd(number, "no longer to be used")
            continue
        place = cells.get("COMMON_TEST_RANK", "")
        yield _row(
            code=cells["LOINC_NUM"],
            display=cells["LONG_COMMON_NAME"],
            unit=cells.get("EXAMPLE_UCUM_UNITS", ""),
            place=int(place) if place.isdigit() and place != "0" else NOT_COMMON,
            terms=(cells.get("SHORTNAME", ""), cells.get("CONSUMER_NAME", "")),
        )


def read_table(file: TextIO) -> Read:
    """Read a table with loinc, display and ucum."""
    for line in tables.lines(file, separator="\t", needed=("loinc", "display"), quoted=True):
        if isinstance(line, Odd):
            yield line
        else:
            number, cells = line
            code, display, unit = cells["loinc"], cells["display"], cells["ucum"]
            yield _row(code=code, display=display, unit=unit, place=number)


def _row(*, code: str, display: str, unit: str, place: int, terms: tuple[str, ...] = ()) -> Row:
    return Row(
        kind=Kind.OBSERVATION,
        system=System.LOINC,
        code=code,
        display=display,
        rank=COMMON_BELOW + place,
        terms=tuple(term for term in terms if term),
        details={"unit": unit},
    )

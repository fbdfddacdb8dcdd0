"""CDC vaccine codes: cvx.txt, separated by "|" and without a header. Public domain.

Columns: code, short description, full name, notes, status, non-vaccine, last update
(https://www2.cdc.gov/vaccines/iis/iisstandards/vaccines.asp?rpt=cvx).
"""

from __future__ import annotations

from typing import TextIO

from clinic.terminology.choices import Kind, System
from clinic.terminology.loading import tables
from clinic.terminology.loading.rows import Odd, Read, Row
from clinic.terminology.shipped.vaccines import plain_name
from clinic.terminology.suggestions import COMMON_BELOW

COLUMNS = 6
GIVEN_NO_MORE = 5_000


def read_codes(file: TextIO) -> Read:
    """Read cvx.txt; immune globulins and skin tests stand in it too and are taken."""
    for number, line in enumerate(file, start=1):
        cells = [cell.strip() for cell in line.rstrip("\r\n").split("|")]
        if len(cells) < COLUMNS or not cells[0].isdigit() or not cells[2]:
            if line.strip():
                yield Odd(number, "not a line of cvx.txt")
            continue
        code, short, full, _notes, status = cells[:5]
        yield _row(code=code, full=full, short=short, given=status == "Active")


def read_table(file: TextIO) -> Read:
    """Read a table with code and display."""
    for line in tables.lines(file, separator="\t", needed=("cvx", "display"), quoted=True):
        if isinstance(line, Odd):
            yield line
        else:
            yield _row(code=line[1]["cvx"], full=line[1]["display"])


def _row(*, code: str, full: str, short: str = "", given: bool = True) -> Row:
    place, name, others = plain_name(code.zfill(2))
    rank = COMMON_BELOW + min(len(full), 255) if place is None else place
    return Row(
        kind=Kind.VACCINE,
        system=System.CVX,
        code=code.zfill(2),
        display=full,
        rank=rank + (0 if given else GIVEN_NO_MORE),
        names=(name,) if name else (),
        terms=tuple(dict.fromkeys(word for word in (short, *others) if word)),
    )

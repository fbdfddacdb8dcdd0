"""Reads files with a header line whose cells are separated by one character."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from typing import TextIO

from clinic.terminology.loading.rows import Odd

# A cell of RxNorm or of a label may be long.
csv.field_size_limit(min(sys.maxsize, 1 << 20))


def lines(
    file: TextIO, *, separator: str, needed: tuple[str, ...], quoted: bool = False
) -> Iterator[tuple[int, dict[str, str]] | Odd]:
    """Yield the number and the cells of every line that has all its cells, and odd ones as such."""
    reader = csv.DictReader(
        file, delimiter=separator, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    )
    for line in reader:
        number = reader.line_num
        if None in line or None in line.values():
            yield Odd(number, "another number of columns than the header")
        elif not all(line.get(name, "").strip() for name in needed):
            yield Odd(number, f"no {' or '.join(needed)}")
        else:
            yield number, {name: value.strip() for name, value in line.items()}

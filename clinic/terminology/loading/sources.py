"""The code systems that `load_codes` knows, and how the file of each is opened."""

from __future__ import annotations

import contextlib
import lzma
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from clinic.terminology.choices import System
from clinic.terminology.loading import cvx, icd10cm, loinc, ndc, orange_book, own, rxnorm, store
from clinic.terminology.loading.rows import Read

Reader = Callable[[TextIO], Read]


class NotThatFile(Exception):
    """The file is not what its code system publishes; the text says what is expected."""


@dataclass(frozen=True, slots=True)
class Source:
    """One code system: what it is called, what reads it, what a new release retires.

    `readers` maps how the first line begins to the reader of that format; the empty beginning
    takes whatever the others do not.
    """

    title: str
    retires: tuple[System, ...]
    readers: tuple[tuple[str, Reader], ...] = ()
    without_file: Callable[[], Read] | None = None
    shipped: bool = False

    @contextlib.contextmanager
    def open(self, path: Path | None) -> Iterator[Read]:
        """Open a file, or what ships where none is named."""
        if path is None:
            if self.without_file is None:
                raise NotThatFile(f"{self.title} needs the file of its release.")
            yield self.without_file()
            return
        if not self.readers:
            raise NotThatFile(f"{self.title} is loaded without a file.")
        with open_text(path) as file:
            begins = file.read(200)
            file.seek(0)
            yield self._reader(begins)(file)

    def _reader(self, begins: str) -> Reader:
        for beginning, reader in self.readers:
            if begins.startswith(beginning):
                return reader
        raise NotThatFile(f"This is not a file of {self.title}.")


def open_text(path: Path) -> TextIO:
    """Open a text file, unpacking .xz; bytes that are no UTF-8 are shown as such, not dropped."""
    if path.suffix == ".xz":
        return lzma.open(path, "rt", encoding="utf-8", errors="replace", newline="")
    return path.open(encoding="utf-8", errors="replace", newline="")


SOURCES: dict[str, Source] = {
    "shipped": Source(
        title="What ships",
        retires=(System.BETONY, System.CVX, System.LOINC, System.UCUM),
        without_file=own.read_shipped,
        shipped=True,
    ),
    "icd10cm": Source(
        title="ICD-10-CM",
        retires=(System.ICD10CM,),
        readers=(("code\tdescription", icd10cm.read_table), ("", icd10cm.read_order_file)),
        without_file=icd10cm.read_package,
    ),
    "orange-book": Source(
        title="FDA Orange Book",
        retires=(System.ORANGE_BOOK,),
        readers=(
            ("Ingredient~", orange_book.read_products),
            ("ingredient\tform", orange_book.read_table),
        ),
    ),
    "ndc": Source(
        title="FDA NDC directory",
        retires=(System.NDC,),
        readers=(("PRODUCTID\t", ndc.read_products),),
    ),
    "cvx": Source(
        title="CVX",
        retires=(System.CVX,),
        readers=(("cvx\tdisplay", cvx.read_table), ("", cvx.read_codes)),
    ),
    "rxnorm": Source(
        title="RxNorm",
        retires=(System.RXNORM,),
        readers=(("system\tcode\tdisplay", rxnorm.read_allergens), ("", rxnorm.read_concepts)),
    ),
    "loinc": Source(
        title="LOINC",
        retires=(System.LOINC,),
        readers=(
            ("loinc\tdisplay", loinc.read_table),
            ('"LOINC_NUM"', loinc.read_release),
            ("LOINC_NUM,", loinc.read_release),
        ),
    ),
}


def at_start() -> list[str]:
    """Return what every start brings up to date: what ships, and ICD-10-CM where there is none."""
    return ["shipped"] if store.is_loaded(system=System.ICD10CM) else ["shipped", "icd10cm"]

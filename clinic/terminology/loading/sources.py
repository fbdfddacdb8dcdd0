"""The code systems that `load_codes` knows, and how the file of each is opened."""

from __future__ import annotations

import contextlib
import lzma
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from clinic.terminology.choices import System
from clinic.terminology.loading import icd10cm, own, store
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
        retires=(System.BETONY,),
        without_file=own.read_shipped,
        shipped=True,
    ),
    "icd10cm": Source(
        title="ICD-10-CM",
        retires=(System.ICD10CM,),
        readers=(("code\tdescription", icd10cm.read_table), ("", icd10cm.read_order_file)),
        without_file=icd10cm.read_package,
    ),
}


def missing() -> list[str]:
    """Return what is to be loaded at the first start: all that comes with the product."""
    marks = {"shipped": System.BETONY, "icd10cm": System.ICD10CM}
    return [name for name, system in marks.items() if not store.is_loaded(system=system)]

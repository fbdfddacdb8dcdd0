"""Serve one style sheet where fifty files are edited, without a build step.

`css/app.css` is a list of `@import url("…") layer(…);`. The finder hands out the same sheet with
the files put in place of their lines: one request instead of fifty, and the order is the same.
"""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

SHEET = "css/app.css"

_IMPORT = re.compile(r'@import url\("(?P<file>[^":]+)"\)(?: layer\((?P<layer>[\w-]+)\))?;')
_URL = re.compile(r'url\("(?!data:|https?:|/|#)(?P<file>[^"]+)"\)')


def parts_of(sheet: Path) -> list[Path]:
    """Return the files that a sheet imports, in order."""
    return [sheet.parent / found["file"] for found in _IMPORT.finditer(sheet.read_text())]


def inlined(sheet: Path) -> str:
    """Return the sheet with its imported files in place, and the addresses inside them right."""

    def text_of(found: re.Match[str]) -> str:
        folder = posixpath.dirname(found["file"])

        def moved(url: re.Match[str]) -> str:
            return f'url("{posixpath.normpath(posixpath.join(folder, url["file"]))}")'

        text = _URL.sub(moved, (sheet.parent / found["file"]).read_text())
        return f"@layer {found['layer']} {{\n{text}}}" if found["layer"] else text

    return _IMPORT.sub(text_of, sheet.read_text())


class StylesheetFinder(BaseFinder):
    """Finds `css/app.css` in its inlined form; made again when one of its files is newer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.source = Path(settings.BASE_DIR) / "static" / SHEET
        self.storage = FileSystemStorage(location=Path(settings.CLINIC_VAR) / "stylesheets")
        super().__init__(*args, **kwargs)

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        if path != SHEET:
            return []
        return [self._made()] if find_all else self._made()

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        self._made()
        yield SHEET, self.storage

    def _made(self) -> str:
        target = Path(self.storage.path(SHEET))
        sources = (self.source, *parts_of(self.source))
        newest = max(source.stat().st_mtime for source in sources)
        if not target.exists() or target.stat().st_mtime < newest:
            target.parent.mkdir(parents=True, exist_ok=True)
            # Under another name first: a request beside this one must not read half a sheet.
            draft = target.with_suffix(".draft")
            draft.write_text(inlined(self.source))
            draft.replace(target)
        return str(target)

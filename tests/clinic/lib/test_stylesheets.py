"""One style sheet is served where many files are edited."""

import os
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.finders import FileSystemFinder

from clinic.lib.stylesheets import SHEET, StylesheetFinder, inlined, parts_of

SOURCE = Path(__file__).resolve().parents[3] / "static" / SHEET


def test_every_style_sheet_is_imported_once() -> None:
    files = {path for path in SOURCE.parent.rglob("*.css") if path != SOURCE}
    parts = [path.resolve() for path in parts_of(SOURCE)]

    own = {path for path in files if path.name != "mailpage.css"}
    assert sorted(parts) == sorted(own)


def test_inlined_sheet_holds_the_parts_in_their_layers(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "a.css").write_text('.a {\n  background: url("../../icons/x.svg");\n}\n')
    (tmp_path / "plain.css").write_text('@font-face {\n  src: url("../fonts/x.woff2");\n}\n')
    sheet = tmp_path / "app.css"
    sheet.write_text('@import url("plain.css");\n@import url("parts/a.css") layer(components);\n')

    text = inlined(sheet)

    assert '@font-face {\n  src: url("../fonts/x.woff2");' in text
    assert '@layer components {\n.a {\n  background: url("../icons/x.svg");\n}\n}' in text
    assert "@import" not in text


def test_finder_makes_the_sheet_again_when_a_part_is_newer(
    settings: pytest.FixtureRequest, tmp_path: Path
) -> None:
    settings.BASE_DIR, settings.CLINIC_VAR = tmp_path, tmp_path / "var"  # type: ignore[attr-defined]
    folder = tmp_path / "static" / "css"
    folder.mkdir(parents=True)
    (folder / "app.css").write_text('@import url("a.css");\n')
    (folder / "a.css").write_text(".old {\n}\n")
    finder = StylesheetFinder()
    made = Path(finder.find(SHEET))
    assert ".old" in made.read_text()

    (folder / "a.css").write_text(".new {\n}\n")
    os.utime(folder / "a.css", (made.stat().st_mtime + 1,) * 2)

    assert ".new" in Path(finder.find(SHEET)).read_text()


def test_finder_leaves_other_files_to_the_others() -> None:
    finder = StylesheetFinder()

    assert finder.find("css/base.css") == []
    assert finder.find(SHEET, find_all=True) == [finder.find(SHEET)]
    assert [path for path, _storage in finder.list([])] == [SHEET]
    assert finder.check() == []


def test_the_inlined_sheet_is_found_first() -> None:
    found = finders.find(SHEET)

    assert found == StylesheetFinder().find(SHEET)
    assert found != FileSystemFinder().find(SHEET)

"""Rules of the front end that a reader would not notice being broken."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    path
    for path in (ROOT / "templates").rglob("*.html")
    # Mail clients know no style sheets, so messages carry their styles inside, and so does the
    # copy of a record that a patient opens from a disk.
    if not {"email", "reminders", "mail"} & set(path.parts) and path.name != "copy.html"
]
SHEETS = sorted((ROOT / "static" / "css").rglob("*.css"))
SCRIPTS = sorted((ROOT / "static" / "js").rglob("*.js"))

INLINE = re.compile(
    r"""\sstyle=["']|<style|\son[a-z]+=["']|\bhx-on|["']js:|<script(?![^>]*\ssrc=)"""
)
TRIGGER_FILTER = re.compile(r"""hx-trigger=["'][^"']*\[""")
LONE_COLOR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch)\(", re.IGNORECASE)
ICON = re.compile(r"""{%\s*icon\s+"([^"]+)""")


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_holds_nothing_the_content_policy_refuses(page: Path) -> None:
    source = page.read_text()

    assert INLINE.findall(source) == []
    assert TRIGGER_FILTER.findall(source) == []


def test_every_icon_asked_for_is_in_the_sprite() -> None:
    sprite = (ROOT / "static" / "icons" / "icons.svg").read_text()
    known = set(re.findall(r'symbol id="([^"]+)"', sprite))
    asked = {name for page in PAGES for name in ICON.findall(page.read_text())}

    assert asked - known == set()


def test_no_style_shouts_or_depends_on_an_id() -> None:
    text = {
        path.name: re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL) for path in SHEETS
    }

    assert [name for name, css in text.items() if "!important" in css] == []
    assert [name for name, css in text.items() if re.search(r"(?m)^\s*#[a-z]", css)] == []


def test_colors_come_from_the_tokens() -> None:
    others = [path for path in SHEETS if path.name not in ("tokens.css", "mailpage.css")]

    assert [path.name for path in others if LONE_COLOR.search(path.read_text())] == []


def test_third_party_files_carry_their_version_and_licence() -> None:
    for folder in (ROOT / "static" / "vendor", ROOT / "tests" / "vendor"):
        names = {path.name for path in folder.iterdir()}
        for name in names:
            assert re.search(r"-\d+\.\d+\.\d+", name), name
        assert any(name.endswith("-LICENSE.txt") for name in names)


def test_a_script_of_ours_is_short_and_evaluates_nothing() -> None:
    for script in SCRIPTS:
        source = script.read_text()
        assert source.count("\n") <= 200, script.name
        assert not re.search(r"\beval\(|new Function|innerHTML|document\.write", source), (
            script.name
        )


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500])
def test_an_error_page_renders_without_a_request(status: int) -> None:
    html = render_to_string(f"{status}.html")

    assert f"Error {status}" in html
    assert "<h1>" in html

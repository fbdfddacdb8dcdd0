"""What the docs name is there: files, headings, decisions, commands, rooms."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """Yield the file and the anchor of every link that stays in the repository."""
    for link in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        if "://" not in link:
            path, _, anchor = link.partition("#")
            yield (page.parent / path).resolve() if path else page, anchor


def anchors(page: Path) -> set[str]:
    """Return what the headings of a page are called in links."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_somewhere(page: Path) -> None:
    lost = [
        f"{target.name}#{anchor}"
        for target, anchor in links(page)
        if not target.exists() or (anchor and anchor not in anchors(target))
    ]

    assert lost == []


@pytest.mark.parametrize("page", DECISIONS, ids=named)
def test_a_decision_has_the_number_of_its_file(page: Path) -> None:
    assert page.read_text().startswith(f"# {int(page.name[:4])}. ")


def test_no_two_decisions_share_a_number() -> None:
    numbers = [page.name[:4] for page in DECISIONS]

    assert len(numbers) == len(set(numbers))


def test_commands_of_the_readme_are_there() -> None:
    section = (ROOT / "README.md").read_text().split("## Commands")[1].split("\n## ")[0]
    told = set(re.findall(r"^\| `(\w+)", section, re.MULTILINE))

    assert "verify_audit" in told
    assert told <= set(get_commands())


def test_the_rooms_are_told_in_their_order() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = project["tool"]["importlinter"]["contracts"]
    [layers] = [one["layers"] for one in contracts if one.get("containers") == ["clinic"]]
    picture = (ROOT / "docs/architecture.md").read_text().split("## Rooms")[1].split("```")[1]
    said = (ROOT / "CONTRIBUTING.md").read_text()

    assert re.findall(r"clinic\.(\w+)", picture) == layers
    assert " → ".join(f"`clinic.{room}`" for room in layers) in " ".join(said.split())

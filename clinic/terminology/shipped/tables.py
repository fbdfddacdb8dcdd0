"""Reads the tab-separated tables of this folder; `#` begins a remark, `;` separates words."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).resolve().parent


def read(name: str) -> list[list[str]]:
    """Return the rows of a table, each a list of its trimmed cells."""
    lines = (HERE / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    return [
        [cell.strip() for cell in line.split("\t")]
        for line in lines
        if line and not line.startswith("#")
    ]


def several(cell: str) -> tuple[str, ...]:
    """Return the entries of a cell that holds several."""
    return tuple(entry for entry in (entry.strip() for entry in cell.split(";")) if entry)

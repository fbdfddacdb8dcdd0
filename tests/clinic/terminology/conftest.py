"""A small terminology: what ships, and a handful of ICD-10-CM codes from a file of its layout."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

Load = Callable[..., str]
Write = Callable[[str, str], Path]

# Number, code, billable, short title, long title: at the places of icd10cm-order-2026.txt.
ORDER_LINE = "{:05d} {:<7} {} {:<60} {}\n"
CODES = [
    ("E11", 0, "Type 2 diabetes mellitus"),
    ("E119", 1, "Type 2 diabetes mellitus without complications"),
    ("E1165", 1, "Type 2 diabetes mellitus with hyperglycemia"),
    ("E232", 1, "Diabetes insipidus"),
    ("I10", 1, "Essential (primary) hypertension"),
    ("I219", 1, "Acute myocardial infarction, unspecified"),
    ("J111", 1, "Influenza due to unidentified influenza virus with other manifestations"),
    ("J45909", 1, "Unspecified asthma, uncomplicated"),
    ("E75240", 1, "Niemann-Pick disease type A (asmase deficiency)"),
    ("N200", 1, "Calculus of kidney"),
    ("R109", 1, "Unspecified abdominal pain"),
    ("S72001A", 1, "Fracture of unspecified part of neck of right femur, initial encounter"),
    ("S72001D", 1, "Fracture of unspecified part of neck of right femur, subsequent encounter"),
    ("W5581XA", 1, "Bitten by other mammals, initial encounter"),
]


def order_file(codes: list[tuple[str, int, str]]) -> str:
    return "".join(
        ORDER_LINE.format(number, code, billable, title[:60], title)
        for number, (code, billable, title) in enumerate(codes, start=1)
    )


@pytest.fixture
def load() -> Load:
    """Run `load_codes` and return what it says."""

    def run(*arguments: str | Path, **options: bool) -> str:
        said = StringIO()
        call_command("load_codes", *map(str, arguments), stdout=said, stderr=StringIO(), **options)
        return said.getvalue()

    return run


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file and return its path."""

    def written(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written


@pytest.fixture
def conditions(db: None, load: Load, write: Write) -> None:
    load("icd10cm", write("icd10cm-order-2026.txt", order_file(CODES)))


@pytest.fixture
def shipped(db: None, load: Load) -> None:
    load("shipped")

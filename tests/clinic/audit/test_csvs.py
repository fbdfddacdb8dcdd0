"""Attack 71: a spreadsheet that opens the export computes nothing."""

from __future__ import annotations

import csv

import pytest

from clinic.audit.csvs import csv_lines, safe_cell

NARROW = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1"]
ATTACKS = [*NARROW, "＝1", "＋1", "－1", "＠1"]


@pytest.mark.parametrize("text", ATTACKS)
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Amara", "a=b", "2026-03-02", '"=1"'])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert safe_cell(text) == text


def test_lines_can_be_read_back() -> None:
    rows = [["a", 'quote "', "two\nlines"], ["=1", "", "ü"]]

    lines = csv_lines(rows)

    assert list(csv.reader(lines.splitlines(keepends=True))) == [rows[0], ["'=1", "", "ü"]]

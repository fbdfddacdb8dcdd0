"""Values come out as they went in, in a document that a screen reader can follow."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pikepdf
import pytest

from clinic.people.models import Patient
from clinic.records import pdf

MADE = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


def plan(**other: Any) -> dict[str, Any]:
    person = Patient(
        given_name="Amara",
        family_name="Fenwick",
        birth_date=dt.date(1984, 3, 9),
        record_number="9000-0001",
    )
    sheet = pdf.Sheet("Medication plan", person, MADE, "Europe/Berlin", address="14 Harbour Street")
    row = {"name": "Ramipril 5 mg", "reason": "", "how": "1 tablet in the morning"}
    row |= {"morning": "1", "midday": "", "evening": "", "night": ""}
    columns = {name: name.title() for name in ("medicine", "morning", "midday", "evening", "night")}
    content = {
        "allergies": {"title": "Allergies", "text": "Penicillin"},
        "columns": columns | {"how": "How to take it"},
        "groups": [{"title": "Every day", "has_times": True, "rows": [row]}],
        "empty": "",
        "notes": [],
    }
    return sheet.as_json() | content | other


def test_document_is_tagged_and_says_title_and_language():
    made = pikepdf.open(io.BytesIO(pdf.render("plan", plan())))

    assert made.Root.MarkInfo.Marked
    assert str(made.Root.Lang) == "en"
    assert str(made.docinfo["/Title"]) == "Medication plan"
    assert made.open_metadata()["pdfuaid:part"] == "1"


def test_what_a_person_typed_is_never_markup():
    hostile = '#panic("x") $ #read("/etc/passwd") <a> *bold* \\ [ ] // "'

    made = pdf.render("plan", plan(notes=[hostile], empty=hostile))

    assert made.startswith(b"%PDF-")


def test_letters_no_font_has_do_not_keep_the_document_from_being_made():
    assert pdf.render("plan", plan(notes=["\U0001f98a \u5c71\u7530"])).startswith(b"%PDF-")


@pytest.mark.parametrize("name", ["no_such_layout", "../rendering", "plan.typ", ""])
def test_unknown_layout_is_refused_without_its_content(name):
    with pytest.raises(pdf.PdfFailed) as refusal:
        pdf.render(name, {"secret": "HIV"})

    assert "HIV" not in str(refusal.value)


def test_sheet_says_the_time_of_the_clinic():
    assert plan()["made"] == "Made on Monday 2 March 2026 at 10:00"

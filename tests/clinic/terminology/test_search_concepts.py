"""Somebody types; the first lines are what they meant."""

from __future__ import annotations

import pytest

from clinic.terminology import search, selectors
from clinic.terminology.choices import Kind, System
from clinic.terminology.search import steps
from tests.clinic.terminology.conftest import Load, Write, order_file


def codes(query: str, kind: Kind = Kind.CONDITION) -> list[str]:
    return [line.code for line in selectors.search_concepts(kind=kind, query=query)]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("high blood", "I10"),
        ("high blood pressure", "I10"),
        ("sugar diab", "E11.9"),
        ("e11", "E11"),
        ("E11.9", "E11.9"),
        ("I10", "I10"),
        ("heart attack", "I21.9"),
        ("flu", "J11.1"),
        ("kidney stones", "N20.0"),
        ("tummy ache", "R10.9"),
        ("calculus kid", "N20.0"),
        ("type 2 diabetes", "E11.9"),
    ],
)
def test_the_first_line_is_what_was_meant(conditions: None, typed: str, code: str) -> None:
    assert codes(typed)[0] == code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("diabtes", "E11.9"),
        ("hart atack", "I21.9"),
        ("hypertnesion", "I10"),
        # It begins the name of a rare enzyme, and is asthma all the same.
        ("asma", "J45.909"),
    ],
)
def test_a_mistyped_word_is_understood(conditions: None, typed: str, code: str) -> None:
    assert codes(typed)[0] == code


def test_words_that_do_not_belong_are_left_out(conditions: None) -> None:
    assert codes("very bad tummy ache today")[0] == "R10.9"
    assert codes("kidney asthma")[0] in ("N20.0", "J45.909")


def test_one_wrong_word_of_three_does_not_hide_the_answer(conditions: None) -> None:
    assert codes("kidney stones hypertension")[0] == "N20.0"


@pytest.mark.parametrize("typed", ["bitten mamm", "mamma", "encount"])
def test_a_rare_code_is_found_by_beginnings_too(conditions: None, typed: str) -> None:
    assert "W55.81XA" in codes(typed)


def test_many_likely_answers_need_no_look_at_the_rest(
    shipped: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "ALL", "not a statement")

    assert len(codes("tab", Kind.MEDICINE)) == 10


def test_what_is_like_nothing_finds_nothing(conditions: None) -> None:
    assert codes("xyzzy") == []
    assert codes("qqq") == []
    assert codes("") == []


def test_a_plain_name_is_offered_with_the_official_title_beside_it(conditions: None) -> None:
    line = selectors.search_concepts(kind=Kind.CONDITION, query="high blood")[0]

    assert line.text == "High blood pressure"
    assert line.detail == "Essential (primary) hypertension"
    assert (line.system, line.code, line.shown) == (System.ICD10CM, "I10", "I10")


def test_the_official_title_is_offered_when_it_was_typed(conditions: None) -> None:
    line = selectors.search_concepts(kind=Kind.CONDITION, query="myocardial inf")[0]

    assert line.text == "Myocardial infarction"


def test_first_encounters_stand_before_later_ones(conditions: None) -> None:
    assert codes("fracture femur") == ["S72.001A", "S72.001D"]


def test_no_more_lines_than_asked_for(conditions: None) -> None:
    lines = selectors.search_concepts(kind=Kind.CONDITION, query="diabetes", limit=2)

    assert len(lines) == 2


def test_a_retired_code_is_offered_no_more_and_still_found(
    conditions: None, load: Load, write: Write
) -> None:
    load("icd10cm", write("next.txt", order_file([("I10", 1, "Essential hypertension")])))

    assert codes("calculus") == []
    kept = selectors.concept(system=System.ICD10CM, code="N20.0")
    assert kept is not None
    assert kept.active is False


def test_kinds_are_kept_apart(shipped: None) -> None:
    assert codes("penicillins", Kind.ALLERGEN) == ["allergen-penicillins"]
    assert codes("penicillins", Kind.VACCINE) == []


def test_medicines_are_found_by_trade_name_and_strength(shipped: None) -> None:
    lines = selectors.search_concepts(kind=Kind.MEDICINE, query="lipitor 20")

    assert lines[0].text == "Atorvastatin 20 mg tablet"
    assert lines[0].detail == ""
    assert lines[0].shown == ""


def test_a_synonym_is_told_beside_the_name(shipped: None) -> None:
    line = selectors.search_concepts(kind=Kind.MEDICINE, query="panad")[0]

    assert (line.text, line.detail) == ("Acetaminophen", "Panadol")


def test_one_name_is_offered_once(shipped: None, load: Load, write: Write) -> None:
    table = (
        "ingredient\tform\troute\tstrength\ttype\ttrade_names\n"
        "LISINOPRIL\tTABLET\tORAL\t10MG\tRX\tZESTRIL\n"
        "LISINOPRIL\tTABLET\tORAL\t10MG\tRX\tPRINIVIL\n"
    )
    load("orange-book", write("products.tsv", table))

    texts = [
        line.text for line in selectors.search_concepts(kind=Kind.MEDICINE, query="lisinopril 10mg")
    ]

    assert texts == ["Lisinopril 10mg tablet"]


@pytest.mark.parametrize(
    ("typed", "meant", "count"),
    [("diab", "diabetes", 0), ("diabtes", "diabetes", 1), ("haert", "heart", 1), ("", "x", 0)],
)
def test_steps_count_letters_to_put_right(typed: str, meant: str, count: int) -> None:
    assert steps(typed, meant) == count


@pytest.mark.parametrize(
    ("text", "code", "known"),
    [
        ("Essential (primary) hypertension", "I10", True),
        ("high blood pressure", "I10", True),
        ("High Blood Pressure", "I10", True),
        ("Diabetes", "I10", False),
        ("High blood pressure", "I99.99", False),
    ],
)
def test_a_text_is_a_name_of_its_code_or_not(
    conditions: None, text: str, code: str, known: bool
) -> None:
    answer = selectors.is_name_of(kind=Kind.CONDITION, text=text, system=System.ICD10CM, code=code)

    assert answer is known

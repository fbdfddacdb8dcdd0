"""What is typed and what is stored are cut by the same rules."""

import pytest

from clinic.terminology import words


@pytest.mark.parametrize("typed", ["E11.9", "e119", " E11.9 "])
def test_a_code_is_one_word_with_and_without_its_dot(typed: str) -> None:
    assert words.asked(typed) == ["e119"]


def test_accents_apostrophes_and_capitals_do_not_matter() -> None:
    assert words.asked("Ménière\u2019s Crohn's") == ["menieres", "crohns"]


def test_small_words_are_left_out_except_the_one_being_typed() -> None:
    assert words.asked("cancer of the breast") == ["cancer", "breast"]
    assert words.asked("cancer of a") == ["cancer", "a"]


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("fracture o", ["fracture"]),
        ("fracture of", ["fracture"]),
        ("hepatitis b", ["hepatitis", "b"]),
        ("type 2", ["type", "2"]),
        ("o", ["o"]),
        ("of", ["of"]),
    ],
)
def test_what_narrows_nothing_is_left_out(typed: str, asked: list[str]) -> None:
    assert words.asked(typed) == asked


def test_nothing_but_signs_asks_for_nothing() -> None:
    assert words.asked("  !' :* ") == []


def test_a_long_text_is_cut() -> None:
    asked = words.asked(" ".join(f"word{number}" for number in range(50)))

    assert len(asked) == words.MOST_WORDS


def test_stored_words_hold_the_code_without_its_dot_and_each_word_once() -> None:
    stored = words.searchable(code="E11.9", texts=["Type 2 diabetes", "Diabetes, sugar"])

    assert stored == "2 diabetes e119 sugar type"

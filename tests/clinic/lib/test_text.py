"""Text that cannot be stored, or that lies about itself, is refused beside its field."""

from __future__ import annotations

import pytest
from django import forms
from django.core.exceptions import ValidationError

from clinic.lib.text import (
    NameField,
    ParagraphField,
    PhoneField,
    PlainTextField,
    clean_phone,
    clean_text,
)


@pytest.mark.parametrize(
    "text",
    [
        "a\x00b",
        "a\x07b",
        "line\nbreak",
        "\u202eexe.fdp",  # right-to-left override
        "Ama\u200bra",  # zero-width space
        "Ama\u200dra",  # zero-width joiner
        "\ufeffAmara",
        "\ud800",
        "e" + "\u0301" * 50,
    ],
    ids=lambda text: ascii(text)[:20],
)
def test_one_line_refuses_what_cannot_be_seen_or_stored(text: str) -> None:
    with pytest.raises(ValidationError):
        clean_text(text)


@pytest.mark.parametrize(
    "text", ["Amara", "Þórdís", "Nguyễn Thị Ánh", "O’Brien-Smith", "محمد", "李小龙", "Zoë 2nd"]
)
def test_names_of_the_world_are_kept(text: str) -> None:
    assert NameField().clean(text) == text


def test_text_is_stored_in_one_spelling() -> None:
    assert clean_text("Zoe\u0308") == "Zoë"


def test_paragraphs_keep_lines_and_emoji_but_no_direction_tricks() -> None:
    assert ParagraphField().clean("one\r\ntwo\tthree") == "one\ntwo\tthree"
    assert ParagraphField().clean("👩\u200d⚕️ hello".strip())
    with pytest.raises(ValidationError):
        ParagraphField().clean("a\u202eb")


@pytest.mark.parametrize("text", ["", "  "])
def test_optional_text_may_be_empty(text: str) -> None:
    assert PlainTextField(required=False).clean(text) == ""
    assert NameField(required=False).clean(text) == ""
    assert PhoneField(required=False).clean(text) == ""


@pytest.mark.parametrize("text", ["123", "—", "!!", "x" * 101])
def test_a_name_needs_a_letter_and_an_end(text: str) -> None:
    with pytest.raises(ValidationError):
        NameField().clean(text)


def test_spaces_inside_a_name_are_single() -> None:
    assert NameField().clean("  Anna   Maria ") == "Anna Maria"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("+44 20 7946 0123", "+442079460123"),
        ("0044 20 7946-0123", "+442079460123"),
        ("+44 (0)20 7946 0123", "+442079460123"),
        ("(020) 7946 0123", "02079460123"),
        ("030/123.45.67", "0301234567"),
        ("٠٢٠ ٧٩٤٦ ٠١٢٣", "02079460123"),
    ],
)
def test_phone_is_read_the_way_people_write_it(typed: str, stored: str) -> None:
    """Attack 67: the parsed number is stored, not the text."""
    assert PhoneField().clean(typed) == stored


@pytest.mark.parametrize(
    "typed", ["123", "call me", "+", "+44 20 7946 0123 99 99 99", "²³⁴⁵⁶⁷", "1+2"]
)
def test_phone_refuses_what_nobody_can_dial(typed: str) -> None:
    with pytest.raises(ValidationError):
        clean_phone(typed)


def test_form_shows_the_refusal_beside_the_field() -> None:
    class NameForm(forms.Form):
        name = NameField()

    form = NameForm({"name": "Ama\x00ra"})

    assert form.errors["name"] == [
        "This holds a hidden character that we cannot keep. Type it again by hand."
    ]


def test_long_input_is_checked_in_a_blink() -> None:
    """Attack 68: no nested quantifier anywhere; length is checked first by the field."""
    with pytest.raises(ValidationError):
        clean_phone("0" * 50_000 + "!")
    with pytest.raises(ValidationError):
        NameField().clean("a" * 50_000 + "!")

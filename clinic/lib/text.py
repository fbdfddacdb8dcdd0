"""Text that people type: what is refused, and the form fields that refuse it beside the field.

Refused everywhere: NUL and other control characters, lone surrogates (they cannot be stored),
bidirectional controls (they make "exe.pdf" out of "fdp.exe") and stacks of combining marks. Names
and other one-line answers also refuse zero-width characters: what looks the same is the same.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# ZWNJ and ZWJ are spelling in Persian and the Indic scripts and hold emoji together.
JOINERS = frozenset("\u200c\u200d")
LINE_CHARACTERS = frozenset("\n\t")
# Vietnamese and polytonic Greek need two after NFC, Tibetan stacks a few more.
MOST_COMBINING_MARKS = 6

_PHONE_PUNCTUATION = re.compile(r"[\s().\-/\u2010-\u2015]+")
_PHONE = re.compile(r"\+?[0-9]{5,15}")


def clean_text(value: str, *, several_lines: bool = False) -> str:
    """Return the text in NFC with LF as line end, or raise ValidationError with what is wrong."""
    allowed = JOINERS | LINE_CHARACTERS if several_lines else frozenset[str]()
    value = value.replace("\r\n", "\n").replace("\r", "\n") if several_lines else value
    marks = 0
    for character in value:
        category = unicodedata.category(character)
        if category in ("Cc", "Cf", "Cs") and character not in allowed:
            raise ValidationError(
                _("This holds a hidden character that we cannot keep. Type it again by hand."),
                code="hidden_character",
            )
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks > MOST_COMBINING_MARKS:
            raise ValidationError(
                _("There are too many accents on one letter. Take some away."), code="marks"
            )
    return unicodedata.normalize("NFC", value)


def clean_phone(value: str) -> str:
    """Return a phone number as `+4420...` or, without a country code, as its digits.

    Lenient on purpose: people write spaces, brackets, dashes, "(0)" and 00 for the plus.
    """
    text = value.strip().replace("(0)", "")
    text = _PHONE_PUNCTUATION.sub("", text)
    digits = "".join(
        str(unicodedata.decimal(character)) if character.isdecimal() else character
        for character in text
    )
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    if not _PHONE.fullmatch(digits):
        raise ValidationError(
            _("Write the number with its area code: 020 7946 0123 or +44 20 7946 0123."),
            code="phone",
        )
    return digits


class PlainTextField(forms.CharField):
    """One line of text."""

    several_lines = False

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return clean_text(text, several_lines=self.several_lines) if text else text


class ParagraphField(PlainTextField):
    """Several lines of text."""

    several_lines = True
    widget = forms.Textarea


class NameField(PlainTextField):
    """A person's name: any script, at least one letter."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 100, **kwargs})

    def to_python(self, value: Any) -> Any:
        name = super().to_python(value)
        if not name:
            return name
        name = " ".join(name.split())
        if not any(character.isalpha() for character in name):
            raise ValidationError(_("A name has at least one letter."), code="name")
        return name


class PhoneField(PlainTextField):
    """A phone number, stored without the punctuation people write."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 40, **kwargs})
        self.widget.attrs.update({"type": "tel", "inputmode": "tel"})
        self.widget.input_type = "tel"

    def to_python(self, value: Any) -> Any:
        number = super().to_python(value)
        return clean_phone(number) if number else number

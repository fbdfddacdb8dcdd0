"""Numbers with their units, as a reader of one language and one system of units expects them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from clinic.people.choices import Units
from clinic.records.rules import observations as rules
from clinic.records.rules.units import plain


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and its unit, apart: pages print them in different sizes."""

    number: str
    unit: str = ""

    def __str__(self) -> str:
        joined = f"{self.number}{self.unit}" if self.unit == "%" else f"{self.number} {self.unit}"
        return joined.strip()


# What people read instead of a UCUM code; other codes stand as they are.
UCUM_WORDS = {
    "mm[Hg]": "mmHg",
    "Cel": "°C",
    "[degF]": "°F",
    "[lb_av]": "lb",
    "[in_i]": "in",
    "kg/m2": "kg/m²",
    "mL/min/{1.73_m2}": "mL/min/1.73 m²",
    "10*3/uL": "10³/µL",
    "10*6/uL": "10⁶/µL",
    "ug/L": "µg/L",
}


def quantity(
    *, kind: rules.Kind, numbers: Sequence[Decimal], units: Units, difference: bool = False
) -> Quantity:
    """Return stored numbers as they are shown: "128/82" and "mmHg", "5 ft 9" and "in"."""
    shown = kind.shown[units]
    converted = [kind.in_units(number=number, system=units) for number in numbers]
    if shown.ucum == "[in_i]" and not difference:
        return Quantity(feet_and_inches(converted[0]))
    return Quantity("/".join(map(number_text, converted)), str(shown.text))


def number_text(number: Decimal) -> str:
    """Return a number in the active language, without zeros at the end."""
    return formats.number_format(plain(number), use_l10n=True)


def feet_and_inches(inches: Decimal) -> str:
    """Return "5 ft 9 in"."""
    feet, rest = divmod(inches, 12)
    if not feet:
        return _("%(inches)s in") % {"inches": number_text(rest)}
    return _("%(feet)s ft %(inches)s in") % {
        "feet": number_text(feet),
        "inches": number_text(rest),
    }


def sayer(kind: rules.Kind, units: Units) -> Callable[[Decimal], str]:
    """Return what writes a number that already is in the reader's units beside an axis."""
    if kind.shown[units].ucum == "[in_i]":
        return _feet_mark
    decimals = kind.shown[units].decimals
    return lambda number: number_text(round(number, decimals))


def _feet_mark(inches: Decimal) -> str:
    feet, rest = divmod(round(inches), 12)
    return f"{feet}′{rest}″"


def words_of_value(value: dict[str, Any]) -> Quantity:
    """Return any stored value as words: a number with its unit, a text, a coded answer, parts."""
    if "parts" in value:
        said = (str(words_of_value(part)) for part in value["parts"].values())
        return Quantity(", ".join(said))
    if "number" in value:
        unit = value.get("unit", "")
        return Quantity(_number(value["number"]), _unit_words(unit))
    if "coded" in value:
        return Quantity(value["coded"].get("text", ""))
    return Quantity(str(value.get("text", "")))


def _unit_words(unit: str) -> str:
    # Braces hold a remark on a unit of one: {score}, {count}.
    return UCUM_WORDS.get(unit, "" if unit.startswith(("{", "(")) else unit)


def _number(text: str) -> str:
    try:
        number = Decimal(text)
    except ArithmeticError:
        return text
    # Simulators and some laboratories send fifteen digits.
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= -3:
        return number_text(number)
    return number_text(round(number, 2 if abs(number) >= 1 else 4))

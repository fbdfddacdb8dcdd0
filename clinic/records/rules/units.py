"""Exact conversion between the units a measurement may come in and the one it is stored in.

Fractions, so that 150 lb is 150 lb again after any number of switches; only what is stored or shown
is rounded, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

# Enough that a value typed with the decimals of its field comes back as it was typed.
STORED_DECIMALS = 9


class UnitUnknown(Exception):
    """A value carries a unit that its kind cannot be converted from."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How a unit lies on the stored one: stored = number * factor + offset."""

    factor: Fraction = Fraction(1)
    offset: Fraction = Fraction(0)


SAME = Scale()


def _times(factor: str) -> Scale:
    return Scale(Fraction(factor))


# By UCUM code. Avoirdupois pound and inch are exact by the agreement of 1959.
WEIGHT = {
    "kg": SAME,
    "g": _times("1/1000"),
    "[lb_av]": _times("0.45359237"),
    "[oz_av]": _times("0.028349523125"),
}
LENGTH = {
    "cm": SAME,
    "m": _times("100"),
    "mm": _times("1/10"),
    "[in_i]": _times("2.54"),
    "[ft_i]": _times("30.48"),
}
TEMPERATURE = {
    "Cel": SAME,
    "[degF]": Scale(Fraction(5, 9), Fraction(-160, 9)),
    "K": Scale(Fraction(1), Fraction("-273.15")),
}
# Glucose has 180.156 g/mol (CAS 50-99-7), so 1 mg/dL is 10 / 180.156 mmol/L.
GLUCOSE = {"mmol/L": SAME, "mg/dL": Scale(Fraction(10) / Fraction("180.156"))}
PRESSURE = {"mm[Hg]": SAME, "kPa": _times("7.50061682704")}
RATE = {"/min": SAME, "{beats}/min": SAME, "{Beats}/min": SAME}
PERCENT = {"%": SAME}
SCORE = {"{score}": SAME, "1": SAME, "": SAME}
BODY_MASS_INDEX = {"kg/m2": SAME}


def to_stored(*, number: Decimal, unit: str, scales: Mapping[str, Scale]) -> Decimal:
    """Return a number in the stored unit, with at most nine decimals; raises UnitUnknown."""
    scale = _scale_of(unit, scales)
    return rounded(number=Fraction(number) * scale.factor + scale.offset, decimals=STORED_DECIMALS)


def from_stored(
    *, number: Decimal, unit: str, scales: Mapping[str, Scale], decimals: int
) -> Decimal:
    """Return a stored number in `unit`, rounded half up; raises UnitUnknown."""
    scale = _scale_of(unit, scales)
    return rounded(number=(Fraction(number) - scale.offset) / scale.factor, decimals=decimals)


def rounded(*, number: Fraction, decimals: int) -> Decimal:
    """Return a fraction as a decimal without trailing zeros, rounded half away from zero."""
    shifted = number * 10**decimals
    whole = (Decimal(shifted.numerator) / Decimal(shifted.denominator)).quantize(
        Decimal(1), ROUND_HALF_UP
    )
    return plain(whole.scaleb(-decimals))


def plain(number: Decimal) -> Decimal:
    """Return the number without trailing zeros and without an exponent."""
    short = number.normalize()
    exponent = short.as_tuple().exponent
    return short.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else short


def _scale_of(unit: str, scales: Mapping[str, Scale]) -> Scale:
    if unit not in scales:
        raise UnitUnknown
    return scales[unit]

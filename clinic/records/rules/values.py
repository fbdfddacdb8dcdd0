"""Numbers out of stored values (`Observation.value`), and what follows from two of them."""

from __future__ import annotations

import bisect
import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from clinic.records.rules.observations import Kind, body_mass_index
from clinic.records.rules.units import UnitUnknown

Timed = tuple[dt.datetime, Decimal]


def numbers_of(*, value: Mapping[str, Any], kind: Kind) -> tuple[Decimal, ...] | None:
    """Return a value's numbers in the stored unit of its kind, in the order of its parts.

    None for a value that is no number, lacks a part or carries a unit that is not the kind's.
    """
    parts = value.get("parts") or {kind.parts[0].code: value}
    try:
        return tuple(_stored(kind, parts[part.code]) for part in kind.parts)
    except (KeyError, TypeError, InvalidOperation, UnitUnknown):
        return None


def number_of(*, value: Mapping[str, Any]) -> Decimal | None:
    """Return the one number of any value as it was sent, None where there is none."""
    try:
        number = Decimal(value["number"])
    except (KeyError, TypeError, InvalidOperation):
        return None
    return number if number.is_finite() else None


def _stored(kind: Kind, quantity: Mapping[str, str]) -> Decimal:
    number = Decimal(quantity["number"])
    if not number.is_finite():
        raise InvalidOperation
    return kind.stored(number=number, unit=quantity.get("unit", ""))


def body_mass(*, weights: Sequence[Timed], heights: Sequence[Timed]) -> list[Timed]:
    """Return the BMI at each weight, with the latest height known then (or the first ever).

    Both in kg and cm and in order of time. Empty without a height.
    """
    if not heights:
        return []
    known_at = [at for at, _height in heights]
    return [
        (
            at,
            body_mass_index(
                weight_kg=weight,
                height_cm=heights[max(bisect.bisect_right(known_at, at) - 1, 0)][1],
            ),
        )
        for at, weight in weights
    ]

"""Read single FHIR elements. Each function takes what JSON gave and never trusts its shape."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from clinic.lib.datetimes import EARLIEST_HISTORY, LATEST
from clinic.records.choices import DatePrecision
from clinic.terminology.coded import Coded

# https://hl7.org/fhir/R4/datatypes.html#dateTime
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_PRECISIONS = {1: DatePrecision.YEAR, 2: DatePrecision.MONTH, 3: DatePrecision.DAY}


class NotReadable(ValueError):
    """An element that the rest of the resource depends on is missing or malformed."""


def mapping(value: Any) -> Mapping[str, Any]:
    """Return a JSON object, an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def items(value: Any) -> list[Mapping[str, Any]]:
    """Return the objects of a JSON list."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def text(value: Any) -> str:
    """Return a JSON string without control characters that cannot be stored or shown."""
    if not isinstance(value, str):
        return ""
    kept = (c for c in value if c in "\n\t" or (c.isprintable() and not 0xD800 <= ord(c) < 0xE000))
    return "".join(kept).strip()


def concept(value: Any) -> Coded:
    """Return a CodeableConcept: its text (or its first display) and its first coding."""
    element = mapping(value)
    coding = next(iter(items(element.get("coding"))), {})
    said = text(element.get("text")) or text(coding.get("display")) or text(coding.get("code"))
    return Coded(said, text(coding.get("system")), text(coding.get("code")))


def code(value: Any) -> str:
    """Return the code of a CodeableConcept's first coding."""
    return concept(value).code


def first_concept(value: Any) -> Coded:
    """Return the first CodeableConcept of a list."""
    return concept(next(iter(items(value)), {}))


def instant(value: Any) -> dt.datetime | None:
    """Return a dateTime as an instant in UTC; a bare date means noon, so that no zone moves it."""
    said = text(value)
    if "T" not in said:
        day, _ = partial_date(said)
        said = f"{day}T12:00:00+00:00" if day else ""
    try:
        found = dt.datetime.fromisoformat(said)
        found = (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
    return found if EARLIEST_HISTORY <= found < LATEST else None


def partial_date(value: Any) -> tuple[dt.date | None, DatePrecision]:
    """Return a date or dateTime's own calendar day, and how exactly it is known."""
    match = _DATE.match(text(value))
    if match is None:
        return None, DatePrecision.DAY
    parts = [int(part) for part in match.groups() if part]
    try:
        found = dt.date(*(parts + [1, 1])[:3])
    except ValueError:
        return None, DatePrecision.DAY
    if not EARLIEST_HISTORY.date() <= found < LATEST.date():
        return None, DatePrecision.DAY
    return found, _PRECISIONS[len(parts)]


def quantity(value: Any) -> dict[str, str]:
    """Return {"number": ..., "unit": ...} of a Quantity; the number as written, not rounded."""
    element = mapping(value)
    number = element.get("value")
    if isinstance(number, bool) or not isinstance(number, int | float | str):
        return {}
    try:
        exact = Decimal(str(number))
    except InvalidOperation:
        return {}
    if not exact.is_finite():
        return {}
    unit = text(element.get("code")) or text(element.get("unit"))
    return {"number": f"{exact.normalize():f}", "unit": unit}


def reference(value: Any) -> str:
    """Return the id that a Reference names: of "urn:uuid:x" and of "Patient/x" it is "x"."""
    said = text(mapping(value).get("reference"))
    return said.rsplit(":", 1)[-1].rsplit("/", 1)[-1]

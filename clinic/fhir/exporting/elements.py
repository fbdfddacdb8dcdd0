"""Write single FHIR elements. What is not known is left out, never written as empty."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from clinic.lib import times
from clinic.records.dates import fhir_date
from clinic.terminology.coded import Coded

Element = dict[str, Any]

UCUM = "http://unitsofmeasure.org"
LOINC = "http://loinc.org"
# What this product says of an entry and FHIR has no element for, as tags.
TAGS = "urn:betony:record"


def known(**elements: Any) -> Element:
    """Return the elements that have a value. `class_` becomes "class"."""
    return {
        name.rstrip("_"): value
        for name, value in elements.items()
        if value is not None and value != "" and value != [] and value != {}
    }


def link(row: uuid.UUID | None, *, display: str = "") -> Element:
    """Return a Reference into the bundle; of nobody but a name, one that says the name."""
    return known(reference=urn(row) if row else None, display=display)


def urn(row: uuid.UUID) -> str:
    return f"urn:uuid:{row}"


def concept(coded: Coded | Mapping[str, str]) -> Element:
    """Return a CodeableConcept: the words, and the code where there is one."""
    said = coded if isinstance(coded, Coded) else Coded.from_json(dict(coded))
    coding = known(system=said.system, code=said.code) if said.code else {}
    return known(text=said.text, coding=[coding] if coding else [])


def coded(system: str, code: str) -> Element:
    """Return a CodeableConcept of nothing but a code."""
    return {"coding": [{"system": system, "code": code}]} if code else {}


def words(text: str) -> Element:
    """Return a CodeableConcept of nothing but words."""
    return known(text=text)


def note(text: str) -> list[Element]:
    return [{"text": text}] if text else []


def instant(at: dt.datetime | None) -> str | None:
    """Return an instant as FHIR writes it, in UTC."""
    return at.astimezone(dt.UTC).isoformat() if at else None


def partial(date: dt.date | None, precision: str) -> str | None:
    """Return a date no more exact than it is known."""
    return fhir_date(date, precision) if date else None


def period(start: Any, end: Any) -> Element:
    return known(start=start, end=end)


def quantity(number: str, unit: str) -> Element:
    """Return a Quantity; a unit that is no UCUM code is words only."""
    value = as_number(number)
    if value is None:
        return {}
    is_code = unit.isascii() and " " not in unit
    return known(
        value=value,
        unit=unit,
        system=UCUM if unit and is_code else None,
        code=unit if unit and is_code else None,
    )


def as_number(text: str) -> int | float | None:
    """Return a number that JSON writes in the digits it was stored in."""
    try:
        exact = Decimal(text)
    except (InvalidOperation, TypeError):
        return None
    if not exact.is_finite():
        return None
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def tags(**said: str) -> Element:
    """Return a Meta that tells, for example, that nobody confirmed an entry."""
    found = [{"system": f"{TAGS}:{name}", "code": code} for name, code in said.items() if code]
    return {"tag": found} if found else {}


def clock(time: dt.time) -> str:
    return f"{time:%H:%M:%S}"


def day(at: dt.datetime, tz: str) -> str:
    return times.local_date(at, tz).isoformat()


def joined(parts: Iterable[str]) -> str:
    return ", ".join(filter(None, parts))

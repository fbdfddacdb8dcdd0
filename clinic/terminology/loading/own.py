"""The short lists that ship, as rows. Their ranks are given here, so they stand before releases."""

from __future__ import annotations

import re
from collections.abc import Iterator

from clinic.terminology import drugs, words
from clinic.terminology.choices import Kind, System
from clinic.terminology.loading.rows import Row
from clinic.terminology.shipped import tables
from clinic.terminology.shipped.medicines import Medicine, medicines

# The bare name stands before its strengths; both before every medicine of a release.
STRENGTHS_FROM = 5_000
ROUTES = {
    "inhaler": "inhaled",
    "nebulizer solution": "inhaled",
    "cream": "on the skin",
    "ointment": "on the skin",
    "gel": "on the skin",
    "shampoo": "on the skin",
    "patch": "on the skin",
    "eye drops": "in the eye",
    "nasal spray": "in the nose",
    "injection": "injected",
    "pen injection": "injected",
    "auto-injector": "injected",
    "suppository": "in the rectum",
    "sublingual tablet": "under the tongue",
    "sublingual spray": "under the tongue",
}


def read_shipped() -> Iterator[Row]:
    """Yield all of them."""
    for place, medicine in enumerate(medicines()):
        yield from _medicine(medicine, place)
    yield from _vaccines()
    yield from _allergens()
    yield from _procedures()
    yield from _observations()
    yield from _units()


def _medicine(medicine: Medicine, place: int) -> Iterator[Row]:
    if not medicine.forms:
        return
    yield _medicine_row(medicine, medicine.name, rank=place)
    for number, (form, strength) in enumerate(medicine.forms):
        # Of one medicine the strengths stay together, in the order of the table.
        rank = STRENGTHS_FROM + place * 10 + min(number, 9)
        name = f"{medicine.name} {strength} {form}"
        yield _medicine_row(medicine, name, rank=rank, form=form, strength=strength)


def _medicine_row(
    medicine: Medicine, name: str, *, rank: int, form: str = "", strength: str = ""
) -> Row:
    contents = drugs.contents_of(medicine.ingredients)
    return Row(
        kind=Kind.MEDICINE,
        system=System.BETONY,
        code=f"medicine-{_slug(name)}",
        display=name[:1].upper() + name[1:],
        rank=rank,
        terms=medicine.brands,
        details={
            "ingredients": list(contents.ingredients),
            "classes": list(contents.classes),
            "form": form,
            "strength": strength,
            "route": ROUTES.get(form, "by mouth") if form else "",
            "brands": list(medicine.brands),
        },
    )


def _vaccines() -> Iterator[Row]:
    for place, (code, name, others) in enumerate(tables.read("vaccines")):
        yield Row(
            kind=Kind.VACCINE,
            system=System.CVX,
            code=code,
            display=name,
            rank=place,
            terms=tables.several(others),
        )


def _allergens() -> Iterator[Row]:
    rows = tables.read("allergens")
    for place, (code, name, category, ingredient, of_class, others) in enumerate(rows):
        yield Row(
            kind=Kind.ALLERGEN,
            system=System.BETONY,
            code=f"allergen-{code}",
            display=name,
            rank=place,
            terms=tables.several(others),
            details={
                "category": category,
                "ingredients": [ingredient] if ingredient else [],
                "classes": [of_class] if of_class else list(drugs.class_of(ingredient)),
            },
        )


def _procedures() -> Iterator[Row]:
    for place, (code, name, others) in enumerate(tables.read("procedures")):
        yield Row(
            kind=Kind.PROCEDURE,
            system=System.BETONY,
            code=f"procedure-{code}",
            display=name,
            rank=place,
            terms=tables.several(others),
        )


def _observations() -> Iterator[Row]:
    for place, (code, name, unit, others) in enumerate(tables.read("observations")):
        yield Row(
            kind=Kind.OBSERVATION,
            system=System.LOINC,
            code=code,
            display=name,
            rank=place,
            terms=tables.several(others),
            details={"unit": unit},
        )


def _units() -> Iterator[Row]:
    for place, (code, name) in enumerate(tables.read("units")):
        yield Row(kind=Kind.UNIT, system=System.UCUM, code=code, display=name, rank=place)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9.%]+", "-", words.plain(name)).strip("-")[:55]

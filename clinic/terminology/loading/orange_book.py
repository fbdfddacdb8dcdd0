"""FDA Orange Book: products.txt, separated by "~". Public domain.

Column names: https://www.fda.gov/drugs/drug-approvals-and-databases/orange-book-data-files
"""

from __future__ import annotations

import re
from typing import TextIO

from clinic.terminology.choices import Kind, System
from clinic.terminology.loading import names, tables
from clinic.terminology.loading.rows import Odd, Read, Row
from clinic.terminology.suggestions import COMMON_BELOW

RANK = COMMON_BELOW + 1_000
DISCONTINUED = 5_000
LONGEST_STRENGTH = 80


def read_products(file: TextIO) -> Read:
    """Read products.txt; every product has the number of its application and its own."""
    needed = ("Ingredient", "DF;Route", "Appl_No", "Product_No")
    for line in tables.lines(file, separator="~", needed=needed):
        if isinstance(line, Odd):
            yield line
            continue
        _number, cells = line
        form, _, route = cells["DF;Route"].partition(";")
        yield _row(
            code=f"{cells.get('Appl_Type', '')}{cells['Appl_No']}-{cells['Product_No']}",
            parts=cells["Ingredient"].split(";"),
            form=form,
            route=route,
            strength=cells.get("Strength", ""),
            brands=[cells.get("Trade_Name", "")],
            sold=cells.get("Type", "") != "DISCN",
        )


def read_table(file: TextIO) -> Read:
    """Read a table with one line for each ingredient, form, route and strength."""
    for line in tables.lines(file, separator="\t", needed=("ingredient", "form"), quoted=True):
        if isinstance(line, Odd):
            yield line
            continue
        number, cells = line
        yield _row(
            code=f"line-{number}",
            parts=cells["ingredient"].split(";"),
            form=cells["form"],
            route=cells["route"],
            strength=cells["strength"],
            brands=cells["trade_names"].split("|"),
            sold=cells["type"] != "DISCN",
        )


def _row(
    *,
    code: str,
    parts: list[str],
    form: str,
    route: str,
    strength: str,
    brands: list[str],
    sold: bool,
) -> Row:
    told = names.contents(parts)
    trade = [names.sentence(name) for name in brands if name.strip()]
    # Some strengths come with a remark of a paragraph behind "**".
    amount = re.sub(r"\*\*.*", "", strength).strip()[:LONGEST_STRENGTH]
    called = " and ".join(told["ingredients"])
    display = names.sentence(f"{called} {amount.lower()} {form.lower()}")
    return Row(
        kind=Kind.MEDICINE,
        system=System.ORANGE_BOOK,
        code=code,
        display=display,
        rank=RANK + min(len(display), 255) + (0 if sold else DISCONTINUED),
        terms=tuple(dict.fromkeys(trade)),
        details={
            **told,
            "strength": amount,
            "form": form.lower(),
            "route": route.lower(),
            "brands": list(dict.fromkeys(trade)),
        },
    )

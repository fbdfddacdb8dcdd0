"""FDA NDC directory: product.txt, separated by tabs. Public domain.

Column names: https://www.fda.gov/drugs/drug-approvals-and-databases/ndc-product-file-definitions
"""

from __future__ import annotations

from typing import TextIO

from clinic.terminology.choices import Kind, System
from clinic.terminology.loading import names, tables
from clinic.terminology.loading.rows import Odd, Read, Row
from clinic.terminology.suggestions import COMMON_BELOW

RANK = COMMON_BELOW + 10_000
FOR_PEOPLE = ("HUMAN PRESCRIPTION DRUG", "HUMAN OTC DRUG")


def read_products(file: TextIO) -> Read:
    """Read product.txt: what people are prescribed or buy; bulk and other goods are odd."""
    needed = ("PRODUCTNDC", "NONPROPRIETARYNAME", "DOSAGEFORMNAME")
    for line in tables.lines(file, separator="\t", needed=needed):
        if isinstance(line, Odd):
            yield line
            continue
        number, cells = line
        if cells.get("PRODUCTTYPENAME") not in FOR_PEOPLE:
            yield Odd(number, "not a medicine for people to take")
        elif cells.get("NDC_EXCLUDE_FLAG", "N") not in ("N", ""):
            yield Odd(number, "excluded by the FDA")
        else:
            yield _row(cells)


def _row(cells: dict[str, str]) -> Row:
    brand = " ".join([cells["PROPRIETARYNAME"], cells.get("PROPRIETARYNAMESUFFIX", "")]).strip()
    parts = cells.get("SUBSTANCENAME") or cells["NONPROPRIETARYNAME"]
    told = names.contents(parts.split(";"))
    amount = _amount(cells)
    called = " and ".join(told["ingredients"])
    display = names.sentence(f"{called} {amount} {cells['DOSAGEFORMNAME'].lower()}")
    return Row(
        kind=Kind.MEDICINE,
        system=System.NDC,
        code=cells["PRODUCTNDC"],
        display=display,
        rank=RANK + min(len(display), 255),
        terms=(names.sentence(brand),) if brand else (),
        details={
            **told,
            "strength": amount,
            "form": cells["DOSAGEFORMNAME"].lower(),
            "route": cells.get("ROUTENAME", "").lower(),
            "brands": [names.sentence(brand)] if brand else [],
        },
    )


def _amount(cells: dict[str, str]) -> str:
    numbers = [one.strip() for one in cells.get("ACTIVE_NUMERATOR_STRENGTH", "").split(";")]
    units = [one.strip() for one in cells.get("ACTIVE_INGRED_UNIT", "").split(";")]
    pairs = zip(numbers, units, strict=False)
    return "/".join(f"{number} {unit.removesuffix('/1')}" for number, unit in pairs if number)[:80]

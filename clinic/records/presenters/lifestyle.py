"""What somebody said about how they live, in words."""

from __future__ import annotations

from clinic.records.choices import TobaccoStatus
from clinic.records.models import Observation


def answer_text(row: Observation) -> str:
    """Return an answer in the reader's language where it is a code we know, else as it was said."""
    value = row.value
    coded = value.get("coded") or {}
    if coded.get("code") in TobaccoStatus.values:
        return str(TobaccoStatus(coded["code"]).label)
    if coded:
        return str(coded.get("text", ""))
    if "number" in value:
        return f"{value['number']} {value.get('unit', '')}".strip()
    return str(value.get("text", ""))

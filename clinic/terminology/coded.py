"""A thing said in words, with its code where one is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Coded:
    """FHIR CodeableConcept with one coding: `text` is always there, the code may be missing."""

    text: str
    system: str = ""
    code: str = ""

    def as_json(self) -> dict[str, str]:
        """Return what is stored: only what is known."""
        known = {"text": self.text, "system": self.system, "code": self.code}
        return {name: value for name, value in known.items() if value}

    @classmethod
    def from_json(cls, stored: Mapping[str, str] | None) -> Coded:
        """Return the stored thing; of nothing, the empty one."""
        stored = stored or {}
        return cls(stored.get("text", ""), stored.get("system", ""), stored.get("code", ""))

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return bool(self.text)

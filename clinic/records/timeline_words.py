"""All the words of one row, for the search within a record."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.db.models import Model

from clinic.crypto.fields import SealedTextField

# The code system is no word that anybody looks for.
_NOT_WORDS = frozenset({"system"})


def words_of(row: Model) -> str:
    """Return every sealed text of a row and of the note that was read with it."""
    said = [word for name in _sealed_columns(type(row)) for word in _of_value(getattr(row, name))]
    note = getattr(row, "seen_note", None)
    return " ".join(said if note is None else [*said, words_of(note)])


@lru_cache(maxsize=64)
def _sealed_columns(model: type[Model]) -> tuple[str, ...]:
    fields = model._meta.concrete_fields
    return tuple(field.attname for field in fields if isinstance(field, SealedTextField))


def _of_value(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        return [
            word
            for name, inner in value.items()
            if name not in _NOT_WORDS
            for word in _of_value(inner)
        ]
    if isinstance(value, list):
        return [word for inner in value for word in _of_value(inner)]
    return [value] if isinstance(value, str) else []

"""Every place in which something is sealed: the columns of all models, and the files.

This package lies under those that have documents: they add, at their start, a function that names
the files of one owner.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import F, Func, IntegerField, QuerySet, Value

from clinic.crypto.datakeys import CLINIC
from clinic.crypto.envelope import Place
from clinic.crypto.fields import SealedTextField
from clinic.crypto.fileformat import FilePlace

FilesOf = Callable[[str, "uuid.UUID | None"], Iterable[FilePlace]]
_files_of: list[FilesOf] = []


def add_files(files_of: FilesOf) -> None:
    """Have `files_of(scope, owner)` asked for the places of an owner's files."""
    if files_of not in _files_of:
        _files_of.append(files_of)


def files(scope: str, owner: uuid.UUID | None) -> Iterator[FilePlace]:
    """Give the place of every stored file of an owner."""
    for files_of in _files_of:
        yield from files_of(scope, owner)


@dataclass(frozen=True, slots=True)
class Column:
    """One sealed column, as far as one owner has a part in it."""

    field: SealedTextField
    scope: str
    owner: uuid.UUID | None

    @property
    def rows(self) -> QuerySet[Any]:
        """The owner's rows with a value, each with the generation that sealed it."""
        generation = Func(
            F(self.field.name), Value(1), function="get_byte", output_field=IntegerField()
        )
        rows = self.field.model._base_manager.filter(**self._condition())
        return rows.annotate(sealed_by=generation).filter(sealed_by__isnull=False)

    def place(self, row: uuid.UUID) -> Place:
        return Place(column=self.field.sealed_as, row=row, scope=self.scope, owner=self.owner)

    def _condition(self) -> dict[str, Any]:
        if self.owner is not None:
            return {self.field.owner: self.owner}
        return {f"{self.field.owner}__isnull": True} if self.field.owner else {}


def columns(scope: str, owner: uuid.UUID | None) -> list[Column]:
    """Return the sealed columns in which this owner may have values.

    What belongs to the clinic is in every column: a row without an owner is the clinic's.
    """
    fields = [
        field
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, SealedTextField) and not model._meta.proxy
    ]
    if scope == CLINIC:
        return [Column(field, CLINIC, None) for field in fields]
    return [Column(field, scope, owner) for field in fields if field.owner and field.scope == scope]

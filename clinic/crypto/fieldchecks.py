"""What a model has to be like before it may have sealed columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core import checks
from django.db import models

if TYPE_CHECKING:
    from clinic.crypto.fields import SealedTextField


def check_row_id(field: SealedTextField) -> list[checks.CheckMessage]:
    """Ask for an id that exists before the INSERT."""
    pk = field.model._meta.pk
    if isinstance(pk, models.UUIDField) and pk.has_default():
        return []
    return [
        checks.Error(
            "A model with sealed fields needs a UUID primary key with a default.",
            hint="The row's id is part of what seals it, so it must exist before the INSERT.",
            obj=field,
            id="crypto.E001",
        )
    ]


def check_owner(field: SealedTextField) -> list[checks.CheckMessage]:
    """Ask that `owner` names a column of the model."""
    attnames = {column.attname for column in field.model._meta.concrete_fields}
    if not field.owner or field.owner in attnames:
        return []
    return [
        checks.Error(
            f"`owner` names no column attribute of the model: {field.owner!r}.",
            obj=field,
            id="crypto.E002",
        )
    ]

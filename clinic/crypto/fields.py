"""A text column that the database only ever sees sealed.

The row loads its ciphertext and opens it at the first look; saving an unchanged value writes the
same bytes again. Whatever would need the plaintext in SQL (lookups, `update()`, `bulk_update()`,
fixtures) raises. The empty text is stored as NULL and needs no key.
"""

from __future__ import annotations

import uuid
from functools import lru_cache
from typing import Any

from django import forms
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import NOT_PROVIDED
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import class_prepared, post_init, pre_save

from clinic.crypto.datakeys import CLINIC
from clinic.crypto.envelope import Place, seal
from clinic.crypto.errors import KeyShredded, OwnerMoved, SealedFieldMisuse
from clinic.crypto.fieldchecks import check_owner, check_row_id
from clinic.crypto.sealed import ORIGINS, Origin, Sealed

__all__ = ["Sealed", "SealedAttribute", "SealedTextField", "sealed_value"]


class SealedAttribute(DeferredAttribute):
    """Opens the loaded value at the first look."""

    field: SealedTextField

    def __get__(self, instance: models.Model | None, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        if isinstance(value, Sealed):
            assert instance is not None
            value = instance.__dict__[self.field.attname] = self._opened(instance)
        return value

    def _opened(self, instance: models.Model) -> Any:
        try:
            return self.field.from_text(self.field.origin(instance).open())
        except KeyShredded:
            if not self.field.empty_once_shredded:
                raise
            return self.field.empty()

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = self.field.empty() if value is None else value


class SealedTextField(models.Field):
    """A text sealed with the key of the row's owner.

    `owner` names the attribute that holds the owner's id ("id" for the row itself, "patient_id"
    ...); a row without an owner is sealed with the clinic's key. `sealed_as` ("table.column") is
    part of what every stored value is bound to. It is frozen in the migrations; before renaming
    the table or the column, write the old name here, or nothing stored so far opens again.
    `padded` hides the length of short coded values; values stored before it was set still open.
    `empty_once_shredded` is for what pages show beside much else (a phone number on a board): once
    the owner's key was destroyed on purpose it reads as empty. Altered values raise all the same.
    """

    descriptor_class = SealedAttribute
    empty_strings_allowed = True

    def __init__(
        self,
        *args: Any,
        scope: str,
        owner: str = "",
        sealed_as: str = "",
        padded: bool = False,
        empty_once_shredded: bool = False,
        **kwargs: Any,
    ) -> None:
        self.scope = scope
        self.owner = owner
        self.sealed_as = sealed_as
        self.padded = padded
        # About reading only: migrations need not know it.
        self.empty_once_shredded = empty_once_shredded
        kwargs["null"] = True
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["null"]
        kwargs |= {"scope": self.scope, "sealed_as": self.sealed_as}
        if self.owner:
            kwargs["owner"] = self.owner
        if self.padded:
            kwargs["padded"] = True
        return name, path, args, kwargs

    def contribute_to_class(self, cls: Any, name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        if not self.sealed_as and not cls._meta.abstract:
            self.sealed_as = f"{cls._meta.db_table}.{self.column}"

    def get_default(self) -> Any:
        return self.empty() if self.default is NOT_PROVIDED else super().get_default()

    # What a value is as text; other kinds of values overwrite these three

    def empty(self) -> Any:
        """Return the value that is stored as NULL."""
        return ""

    def to_text(self, value: Any) -> str:
        """Return what is sealed for `value`, "" for NULL; raises when it is of another kind."""
        if not isinstance(value, str):
            raise SealedFieldMisuse(f"{self.sealed_as} holds text, not {type(value).__name__}.")
        return value

    def from_text(self, text: str) -> Any:
        """Return the value whose text was sealed."""
        return text

    def db_type(self, connection: Any) -> str:
        return "bytea"

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(
            **{"form_class": forms.CharField, "max_length": self.max_length} | kwargs
        )

    # Where a value belongs

    def place(self, instance: models.Model) -> Place:
        """Return what this row's value is bound to, as the row stands now."""
        if instance.pk is None:
            raise SealedFieldMisuse(f"{self.sealed_as} needs the row's id to be sealed.")
        owner = getattr(instance, self.owner) if self.owner else None
        return Place(
            column=self.sealed_as,
            row=_as_uuid(instance.pk),
            scope=CLINIC if owner is None else self.scope,
            owner=None if owner is None else _as_uuid(owner),
        )

    def origin(self, instance: models.Model) -> Origin:
        """Return what was loaded into this row; the place is taken at loading, see `_remember`."""
        origins: dict[str, Origin] = instance.__dict__.setdefault(ORIGINS, {})
        value = instance.__dict__.get(self.attname)
        known = origins.get(self.attname)
        if isinstance(value, Sealed) and (known is None or known.sealed is not value):
            known = origins[self.attname] = Origin(value, self.place(instance))
        assert known is not None
        return known

    # Writing

    def pre_save(self, model_instance: models.Model, add: bool) -> Sealed | None:
        """Return the loaded ciphertext when nothing changed, a fresh one otherwise.

        An INSERT always seals afresh: a ciphertext loaded before a rollback may name a dead key.
        """
        value = self._held(model_instance)
        text = None if isinstance(value, Sealed) else self.to_text(value)
        if text == "":
            return None
        place = self.place(model_instance)
        known = model_instance.__dict__.get(ORIGINS, {}).get(self.attname)
        unchanged = known is not None and (text is None or text == known.text)
        if unchanged and not add and known.place == place:
            return known.sealed
        text = known.open() if text is None else text
        return Sealed(seal(text, place, padded=self.padded))

    def _held(self, instance: models.Model) -> Any:
        """Return the present value without opening it."""
        if self.attname not in instance.__dict__:
            return getattr(instance, self.attname)
        held = instance.__dict__[self.attname]
        if isinstance(held, Sealed):
            self.origin(instance)
        return held

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None:
            return None
        if not isinstance(value, Sealed):
            raise SealedFieldMisuse(
                f"{self.sealed_as} is sealed: save the instance, or pass `sealed_value(...)`."
            )
        return connection.Database.Binary(value.blob)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        return self.get_db_prep_value(value, connection)

    # Reading

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return self.empty() if value is None else Sealed(bytes(value))

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise SealedFieldMisuse(f"{self.sealed_as} is sealed and cannot be searched.")

    def get_transform(self, lookup_name: str) -> Any:
        raise SealedFieldMisuse(f"{self.sealed_as} is sealed and cannot be searched.")

    def value_to_string(self, obj: models.Model) -> str:
        raise SealedFieldMisuse(f"{self.sealed_as} is sealed and is not written to fixtures.")

    # System checks

    def check(self, **kwargs: Any) -> list[Any]:
        return [*super().check(**kwargs), *check_row_id(self), *check_owner(self)]


def sealed_value(instance: models.Model, name: str) -> Sealed | None:
    """Return one sealed value ready for `update()` or plain SQL (`.blob`); None when empty."""
    return _sealed_field(instance, name).pre_save(instance, add=True)


def _sealed_field(instance: models.Model, name: str) -> SealedTextField:
    field = instance._meta.get_field(name)
    if not isinstance(field, SealedTextField):
        raise FieldDoesNotExist(f"{name} is not a sealed field.")
    return field


@lru_cache(maxsize=256)
def _sealed_fields(model: type[models.Model]) -> tuple[SealedTextField, ...]:
    return tuple(f for f in model._meta.concrete_fields if isinstance(f, SealedTextField))


def _as_uuid(value: Any) -> uuid.UUID:
    return value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))


def _remember(*, instance: models.Model, **_: Any) -> None:
    """Note the owner at loading: it may be changed before the value is first looked at."""
    for field in _sealed_fields(type(instance)):
        held = instance.__dict__.get(field.attname)
        if isinstance(held, Sealed) and (not field.owner or field.owner in instance.__dict__):
            field.origin(instance)


def _refuse_to_orphan(
    *, instance: models.Model, update_fields: frozenset[str] | None, **_: Any
) -> None:
    """Stop a save that changes a row's owner and leaves its sealed columns bound to the old one."""
    origins = instance.__dict__.get(ORIGINS, {})
    if update_fields is None or not origins:
        return
    written = {
        field.attname
        for field in instance._meta.concrete_fields
        if field.name in update_fields or field.attname in update_fields
    }
    for field in _sealed_fields(type(instance)):
        known = origins.get(field.attname)
        if known is None or field.owner not in written or field.attname in written:
            continue
        if known.place != field.place(instance):
            raise OwnerMoved(
                f"Write {field.name} together with {field.owner}: it is sealed for it."
            )


def _watch(*, sender: Any, **_: Any) -> None:
    """Connect the two receivers above to each model with sealed fields, its proxies included."""
    # The registry is still loading: `concrete_fields` cannot be asked yet.
    fields = (
        f for base in sender.__mro__ if hasattr(base, "_meta") for f in base._meta.local_fields
    )
    if not sender._meta.abstract and any(isinstance(field, SealedTextField) for field in fields):
        post_init.connect(_remember, sender=sender, dispatch_uid="sealed-remember")
        pre_save.connect(_refuse_to_orphan, sender=sender, dispatch_uid="sealed-orphan")


class_prepared.connect(_watch, dispatch_uid="sealed-watch")

"""A structured value that the database only ever sees sealed.

What is sealed is the value's canonical JSON: equal values have equal texts, so a change deep inside
a list is noticed at `save()`, and an unchanged value keeps its bytes. An empty value is NULL.
"""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.db.models.fields.mixins import CheckFieldDefaultMixin

from clinic.crypto.errors import SealedFieldMisuse
from clinic.crypto.fields import SealedTextField


class SealedJSONField(CheckFieldDefaultMixin, SealedTextField):
    """A dict, list, text, number or truth value, sealed like a SealedTextField.

    `default=dict` or `default=list` says what an empty one reads as; without either it is None.
    """

    empty_strings_allowed = False
    _default_hint = ("dict", "{}")

    def empty(self) -> Any:
        kind = type(self.default() if callable(self.default) else self.default)
        return kind() if kind in (dict, list) else None

    def to_text(self, value: Any) -> str:
        if value is None or value == self.empty():
            return ""
        try:
            _refuse_other_keys(value)
            return json.dumps(
                value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
            )
        except (TypeError, ValueError):
            # The message of `json` may repeat the value.
            raise SealedFieldMisuse(
                f"{self.sealed_as} holds what JSON can say: texts, finite numbers, lists, and "
                "dicts with texts as keys."
            ) from None

    def from_text(self, text: str) -> Any:
        return json.loads(text)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": forms.JSONField} | kwargs)


def _refuse_other_keys(value: Any) -> None:
    """Raise TypeError for a key that JSON would quietly turn into a text."""
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise TypeError
        value = value.values()
    elif not isinstance(value, list | tuple):
        return
    for part in value:
        _refuse_other_keys(part)

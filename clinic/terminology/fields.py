"""A form field for something with a code: typed freely, or chosen from suggestions.

It posts `<name>` (the text) and, when a suggestion was chosen, `<name>_system` and `<name>_code`.
A code counts only when it is in the database and the text is one of its names, so a forged or
outdated pair becomes what it is: free text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from clinic.lib.text import clean_text
from clinic.terminology import selectors
from clinic.terminology.choices import Kind
from clinic.terminology.coded import Coded


class ConceptWidget(forms.Widget):
    """A combobox (WAI-ARIA 1.2) that is a plain text input where no script runs."""

    template_name = "terminology/_concept.html"

    def __init__(self, kind: Kind, attrs: dict[str, Any] | None = None) -> None:
        self.kind = kind
        super().__init__(attrs)

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        # The project's own templates, which Django's renderer of forms does not look at.
        context = self.get_context(name, value, attrs)
        return mark_safe(render_to_string(self.template_name, context))  # noqa: S308

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        widget = context["widget"]
        widget["coded"] = as_coded(value)
        widget["address"] = reverse("terminology:suggest", args=[self.kind])
        widget["flat"] = flatatt(widget["attrs"])
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Coded:
        parts = (str(data.get(f"{name}{end}") or "") for end in ("", "_system", "_code"))
        return Coded(*parts)

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name not in data


class ConceptField(forms.Field):
    """Cleans to a `Coded`; an empty optional one to a `Coded` with empty text."""

    default_error_messages = {
        "long": _("This is longer than %(most)s characters. Please shorten it."),
    }

    def __init__(self, *, kind: Kind, max_length: int = 200, **options: Any) -> None:
        self.kind, self.max_length = kind, max_length
        options.setdefault("widget", ConceptWidget(kind))
        super().__init__(**options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"maxlength": self.max_length}

    def to_python(self, value: Any) -> Coded:
        coded = as_coded(value)
        text = clean_text(" ".join(coded.text.split()))
        # No code has a hidden character, and the database takes none of them.
        if not f"{coded.system}{coded.code}".isprintable():
            return Coded(text)
        return Coded(text, coded.system, coded.code)

    def validate(self, value: Coded) -> None:
        if self.required and not value.text:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(value.text) > self.max_length:
            raise ValidationError(
                self.error_messages["long"], code="long", params={"most": self.max_length}
            )

    def clean(self, value: Any) -> Coded:
        coded: Coded = super().clean(value)
        if not coded.text or not coded.code:
            return Coded(coded.text)
        known = selectors.is_name_of(
            kind=self.kind, text=coded.text, system=coded.system, code=coded.code
        )
        return coded if known else Coded(coded.text)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return as_coded(initial) != self.to_python(data)
        except ValidationError:
            return True


def as_coded(value: Any) -> Coded:
    """Return what a form was given: a `Coded`, a plain text or nothing."""
    if isinstance(value, Coded):
        return value
    return Coded(str(value or ""))

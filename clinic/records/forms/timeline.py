"""The search within a record."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.lib.text import PlainTextField


class SearchForm(forms.Form):
    """Words to look for in one record."""

    words = PlainTextField(
        label=_("Search this record"),
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )

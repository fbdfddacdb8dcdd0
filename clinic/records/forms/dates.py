"""A form field for a date that may be known to its month or year only."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clinic.lib.text import PlainTextField
from clinic.records.dates import NotADate, PartialDate, parse_partial_date, typed_partial_date


class PartialDateField(PlainTextField):
    """Cleans to a `PartialDate` or None. Set `today` to refuse what lies ahead."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 40)
        options.setdefault("help_text", _("As exactly as you know: 2019, May 2019, 3 May 2019"))
        super().__init__(**options)
        self.today: dt.date | None = None
        self.widget.attrs["autocomplete"] = "off"

    def clean(self, value: Any) -> PartialDate | None:
        text = super().clean(self.prepare_value(value))
        try:
            found = parse_partial_date(text or "")
        except NotADate as wrong:
            raise ValidationError(str(wrong), code="date") from None
        if found and self.today and found.date > self.today:
            raise ValidationError(_("This day is yet to come. Check the date."), code="future")
        return found

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, PartialDate):
            return typed_partial_date(value.date, value.precision)
        return value


def set_today(form: forms.Form, today: dt.date) -> None:
    """Let every partial date of a form end today."""
    for field in form.fields.values():
        if isinstance(field, PartialDateField):
            field.today = today

"""The form of one measurement: one or two numbers, a time, a remark."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from clinic.lib import times
from clinic.lib.text import ParagraphField
from clinic.people.choices import Units
from clinic.records.presenters.quantities import number_text, quantity
from clinic.records.rules import observations as rules
from clinic.records.services.observations import Reading

INCHES_A_FOOT = 12
EARLIEST_DATE = dt.date(1900, 1, 1)
_NUMBER = re.compile(r"[0-9]{1,5}([.,][0-9]{1,4})?")


class NumberField(forms.Field):
    """A number as people type it: a comma or a point, digits of any script."""

    default_error_messages = {  # noqa: RUF012
        "required": _("Type the number."),
        "number": _("Type a number, for example 71 or 71.4."),
    }

    def __init__(self, **options: Any) -> None:
        # A number input would refuse the comma silently and change its value when scrolled over.
        super().__init__(widget=forms.TextInput(attrs={"autocomplete": "off"}), **options)
        self.decimals = 0

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"maxlength": "8"}

    def allow(self, *, decimals: int) -> None:
        """Take this many decimals; the keyboard of a phone follows."""
        self.decimals = decimals
        self.widget.attrs["inputmode"] = "decimal" if decimals else "numeric"

    def to_python(self, value: Any) -> Decimal | None:
        text = "".join(_ascii(character) for character in str(value or "").strip())
        if not text:
            return None
        if not _NUMBER.fullmatch(text):
            raise ValidationError(self.error_messages["number"], code="number")
        return Decimal(text.replace(",", "."))


def _ascii(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)


class MeasurementForm(forms.Form):
    """One measurement. Only the number fields of its kind and the reader's units are kept."""

    upper = NumberField(label=_("Upper (systolic)"))
    lower = NumberField(label=_("Lower (diastolic)"))
    number = NumberField(label=_("Value"))
    feet = NumberField(label=_("Feet"))
    inches = NumberField(label=_("Inches"))
    date = forms.DateField(
        label=_("Day"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": _("There is no such day. Check the day and the month.")},
    )
    time = forms.TimeField(
        label=_("Time"),
        input_formats=["%H:%M", "%H:%M:%S"],
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"invalid": _("Write the time like 08:10.")},
    )
    note = ParagraphField(
        label=_("Remark"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    sure = forms.BooleanField(label=_("Yes, that is what I measured"), required=False)

    def __init__(self, *args: Any, kind: rules.Kind, units: Units, tz: str, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.kind, self.units, self.tz = kind, units, tz
        self.doubted = False
        for name in {*NUMBER_FIELDS} - {*self.number_names}:
            del self.fields[name]
        for name in self.number_names:
            self._prepare(name)

    @property
    def number_names(self) -> tuple[str, ...]:
        """The fields that hold the numbers, the first to take the focus."""
        if self.kind is rules.BLOOD_PRESSURE:
            return ("upper", "lower")
        return ("feet", "inches") if self._in_feet else ("number",)

    @property
    def unit_text(self) -> str:
        return "" if self._in_feet else str(self.kind.shown[self.units].text)

    @property
    def _in_feet(self) -> bool:
        return self.kind.shown[self.units].ucum == "[in_i]"

    def _prepare(self, name: str) -> None:
        field = self.fields[name]
        assert isinstance(field, NumberField)
        shown = self.kind.shown[self.units]
        field.allow(decimals=0 if name == "feet" else shown.decimals + bool(shown.fine_below))
        if name == "number":
            field.label = str(self.kind.label)
        if name == self.number_names[0]:
            field.widget.attrs["autofocus"] = True

    @classmethod
    def initial_at(cls, now: dt.datetime, tz: str) -> dict[str, Any]:
        """Return the clinic's time now."""
        local = times.to_local(now, tz)
        return {"date": local.date(), "time": local.time().replace(second=0, microsecond=0)}

    @classmethod
    def initial_of(
        cls, *, kind: rules.Kind, numbers: Sequence[Decimal], units: Units, tz: str, **told: Any
    ) -> dict[str, Any]:
        """Return what the fields show of a stored measurement (`at`, `note`)."""
        shown = [kind.in_units(number=number, system=units) for number in numbers]
        values: Mapping[str, Decimal] = {"number": shown[0]}
        if kind is rules.BLOOD_PRESSURE:
            values = dict(zip(("upper", "lower"), shown, strict=True))
        elif kind.shown[units].ucum == "[in_i]":
            values = dict(zip(("feet", "inches"), divmod(shown[0], INCHES_A_FOOT), strict=True))
        words = {name: number_text(value) for name, value in values.items()}
        return words | cls.initial_at(told["at"], tz) | {"note": told["note"]}

    def clean_date(self) -> dt.date:
        date: dt.date = self.cleaned_data["date"]
        # The last day that any zone can still name is refused later, as a time to come.
        if not EARLIEST_DATE <= date <= dt.date(2199, 12, 30):
            raise ValidationError(_("Check the year."), code="year")
        return date

    def clean(self) -> dict[str, Any]:
        for name in self.number_names:
            number = self.cleaned_data.get(name)
            if number is not None:
                self._check_decimals(name, number)
        inches = self.cleaned_data.get("inches")
        if inches is not None and inches >= INCHES_A_FOOT:
            self.add_error("inches", gettext("There are 12 inches in a foot."))
        return self.cleaned_data

    def _check_decimals(self, name: str, number: Decimal) -> None:
        shown = self.kind.shown[self.units]
        most = 0 if name == "feet" else shown.decimals_of(number)
        if -int(number.as_tuple().exponent) <= most:
            return
        message = ngettext(
            "Round it to %(most)s decimal.", "Round it to %(most)s decimals.", most
        ) % {"most": most}
        self.add_error(name, message if most else gettext("Round it to a whole number."))

    def reading(self) -> Reading:
        """Return what was typed."""
        data = self.cleaned_data
        numbers = tuple(data[name] for name in self.number_names)
        if self._in_feet:
            numbers = (numbers[0] * INCHES_A_FOOT + numbers[1],)
        return Reading(
            kind=self.kind.slug,
            numbers=numbers,
            unit=self.kind.shown[self.units].ucum,
            measured_at=times.to_instant(data["date"], data["time"], self.tz),
            note=data["note"],
            sure=data["sure"],
        )

    def refuse(self, refusal: rules.ReadingRefused | rules.ReadingDoubted) -> None:
        """Say beside the field what is wrong with a reading, or ask whether it is meant."""
        if isinstance(refusal, rules.ReadingDoubted):
            self.doubted = True
            for part in refusal.parts:
                self.add_error(self._field_of(part), gettext("This is unusual."))
            return
        part = refusal.part or 0
        messages = {
            "future": ("time", gettext("This time is still to come. Check the day and the time.")),
            "before-birth": ("date", gettext("This is before the birth date in the record.")),
            "diastolic": ("lower", gettext("The lower number is smaller than the upper one.")),
        }
        name, message = messages.get(refusal.code, (self._field_of(part), self._limits(part)))
        self.add_error(name, message)

    def _field_of(self, part: int) -> str:
        return self.number_names[part]

    def _limits(self, part: int) -> str:
        low, high = (
            str(quantity(kind=self.kind, numbers=[end], units=self.units))
            for end in self.kind.parts[part].possible
        )
        return gettext("This cannot be: it must lie between %(low)s and %(high)s.") % {
            "low": low,
            "high": high,
        }


NUMBER_FIELDS = ("upper", "lower", "number", "feet", "inches")


class PeriodForm(forms.Form):
    """From one day to another, both inside; either may be open."""

    since = forms.DateField(
        label=_("From"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    until = forms.DateField(
        label=_("To"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def clean(self) -> dict[str, Any]:
        for name in ("since", "until"):
            date = self.cleaned_data.get(name)
            if date is not None and not EARLIEST_DATE <= date < dt.date(2199, 12, 30):
                self.add_error(name, gettext("Check the year."))
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", gettext("This day is before the first one."))
        return self.cleaned_data

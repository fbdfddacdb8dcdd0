"""The questions about how a medicine is taken. All are there without a script; style hides those
that the chosen frequency does not ask.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from clinic.lib.text import ParagraphField, PlainTextField
from clinic.records.dosage import EVENING, MIDDAY, MORNING, NIGHT, Dosage, as_number
from clinic.records.dosage_choices import Frequency, Meal, Route, Unit
from clinic.records.presenters.dosage import amount_words

PARTS = (
    (f"{MORNING:%H:%M}", _("Morning, 08:00")),
    (f"{MIDDAY:%H:%M}", _("Midday, 12:00")),
    (f"{EVENING:%H:%M}", _("Evening, 20:00")),
    (f"{NIGHT:%H:%M}", _("Bedtime, 22:00")),
)
PART_TIMES = frozenset(time for time, _label in PARTS)
TIMES_A_DAY = {
    Frequency.ONCE: 1,
    Frequency.TWICE: 2,
    Frequency.THREE_TIMES: 3,
    Frequency.FOUR_TIMES: 4,
}
MOST_TIMES = 12
LONGEST_HOURS = 24 * 31
MOST_AMOUNT = Decimal(100_000)
FRACTIONS = {"¼": ".25", "½": ".5", "¾": ".75"}
# "1,000" is a thousand to some and one to others.
_THOUSANDS = re.compile(r"[1-9]\d*[.,]\d{3}")
_SIGN = re.compile(r"(\d*) ?([¼½¾])")
_FRACTION = re.compile(r"(?:(\d+) )?(\d+)/(\d+)", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm)?", re.IGNORECASE)


class AmountField(PlainTextField):
    """How much at once: "1", "½", "1/2", "2,5"; cleans to a decimal as text, "" for nothing."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 12, **options})
        self.widget.attrs.update({"autocomplete": "off", "inputmode": "decimal"})

    def clean(self, value: Any) -> str:
        typed = str(super().clean(value) or "").strip()
        if not typed:
            return ""
        number = as_number(_plain_number(typed))
        if number is None or number > MOST_AMOUNT:
            raise ValidationError(_("Write a number, for example 1, 2.5 or ½."), code="amount")
        return f"{round(number, 4).normalize():f}"


class ClockTimesField(PlainTextField):
    """Times of the day: "7:30, 19"; cleans to wall times in order."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 120, **options})
        self.widget.attrs["autocomplete"] = "off"

    def clean(self, value: Any) -> tuple[dt.time, ...]:
        typed = str(super().clean(value) or "")
        pieces = filter(None, (piece.strip() for piece in re.split(r"[,;]| and ", typed)))
        return tuple(sorted({_clock(piece) for piece in pieces}))


class DosageForm(forms.Form):
    """How a medicine is taken."""

    amount = AmountField(label=_("Amount"), required=False)
    unit = forms.ChoiceField(label=_("Unit"), required=False)
    frequency = forms.ChoiceField(label=_("How often"), choices=Frequency.choices)
    parts = forms.MultipleChoiceField(
        label=_("When"),
        choices=PARTS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    times = ClockTimesField(
        label=_("Other times"), required=False, help_text=_("For example 07:30, 19:00")
    )
    hours = forms.IntegerField(
        label=_("Hours between"), required=False, min_value=1, max_value=LONGEST_HOURS
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On which days"),
        choices=[(day + 1, name) for day, name in WEEKDAYS.items()],
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    max_per_day = forms.IntegerField(
        label=_("At most so often a day"), required=False, min_value=1, max_value=24
    )
    meal = forms.ChoiceField(label=_("With food?"), choices=Meal.choices, required=False)
    route = forms.ChoiceField(label=_("How it is taken"), required=False)
    text = ParagraphField(
        label=_("Anything else on how to take it"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, dosage: Dosage | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = dosage or Dosage()
        if dosage is not None:
            self.initial.update(initial_of(dosage))
        self._offer("unit", [("", _("Not said")), *Unit.choices], said.unit)
        self._offer("route", list(Route.choices), said.route)

    def _offer(self, name: str, choices: list[Any], on_file: str) -> None:
        """Offer what is on file as well: an imported unit or way may be none of ours."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        known = {value for value, _label in choices}
        field.choices = choices if on_file in known else [*choices, (on_file, on_file)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        frequency = data.get("frequency")
        parts = (dt.time.fromisoformat(part) for part in data.get("parts", ()))
        data["clock_times"] = tuple(sorted({*parts, *data.get("times", ())}))
        if len(data["clock_times"]) > MOST_TIMES:
            self.add_error("times", _("These are too many times for one day."))
        self._check(frequency, data)
        return data

    def _check(self, frequency: str | None, data: dict[str, Any]) -> None:
        count = len(data["clock_times"])
        if frequency == Frequency.AT_TIMES and not count and "times" not in self.errors:
            self.add_error("parts", _("Choose at least one time of the day."))
        if frequency in TIMES_A_DAY and count not in (0, TIMES_A_DAY[Frequency(frequency)]):
            self.add_error(
                "parts",
                _("These are not as many times as chosen above. Leave them open, or match them."),
            )
        unsaid = not data.get("hours") and "hours" not in self.errors
        if frequency == Frequency.EVERY_HOURS and unsaid:
            self.add_error("hours", _("Write after how many hours."))
        if frequency == Frequency.WEEKDAYS and not data.get("weekdays"):
            self.add_error("weekdays", _("Choose at least one day."))
        if frequency == Frequency.WORDS and not data.get("text") and "text" not in self.errors:
            self.add_error("text", _("Write how it is taken, or choose how often above."))

    def dosage(self) -> Dosage:
        """Return what was answered; answers that the frequency does not ask for do not count."""
        data, frequency = self.cleaned_data, self.cleaned_data["frequency"]
        timeless = frequency in (Frequency.AS_NEEDED, Frequency.WORDS)
        times = () if timeless else data["clock_times"]
        return Dosage(
            amount=data["amount"],
            unit=data["unit"],
            route=data["route"],
            frequency=frequency,
            times=times[:1] if frequency == Frequency.EVERY_HOURS else times,
            hours=data["hours"] if frequency == Frequency.EVERY_HOURS else None,
            weekdays=tuple(data["weekdays"]) if frequency == Frequency.WEEKDAYS else (),
            max_per_day=data["max_per_day"] if frequency == Frequency.AS_NEEDED else None,
            meal=data["meal"],
            text=data["text"],
        )


def initial_of(dosage: Dosage) -> dict[str, Any]:
    """Return what the form shows of a dosage that is on file."""
    clocks = [f"{time:%H:%M}" for time in dosage.times]
    return {
        "amount": amount_words(dosage.amount),
        "unit": dosage.unit,
        "frequency": dosage.frequency,
        "parts": [clock for clock in clocks if clock in PART_TIMES],
        "times": ", ".join(clock for clock in clocks if clock not in PART_TIMES),
        "hours": dosage.hours,
        "weekdays": list(dosage.weekdays),
        "max_per_day": dosage.max_per_day,
        "meal": dosage.meal,
        "route": dosage.route,
        "text": dosage.text,
    }


def _plain_number(typed: str) -> str:
    """Return "0.5" for "½" and "1/2", "1.5" for "1½", "1 1/2" and "1,5"."""
    if _THOUSANDS.fullmatch(typed):
        raise ValidationError(
            _("Write it without a separator: 1000 or 1.5. This could be read as either."),
            code="separator",
        )
    if sign := _SIGN.fullmatch(typed):
        return f"{sign[1]}{FRACTIONS[sign[2]]}"
    if fraction := _FRACTION.fullmatch(typed):
        whole, above, below = (Decimal(part or 0) for part in fraction.groups())
        return str(whole + above / below) if below else ""
    return typed.replace(",", ".")


def _clock(piece: str) -> dt.time:
    match = _CLOCK.fullmatch(piece)
    try:
        if match is None:
            raise ValueError(piece)
        hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").lower()
        if half:
            if not 1 <= hour <= 12:
                raise ValueError(piece)
            hour = hour % 12 + 12 * (half == "pm")
        return dt.time(hour, minute)
    except ValueError:
        raise ValidationError(_("Write times like 07:30, 19:00."), code="time") from None

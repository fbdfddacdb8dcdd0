"""The row of measurements inside a note: everything of one moment, all of it optional."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.people.choices import Units
from clinic.records.forms.measurements import NumberField
from clinic.records.presenters.quantities import quantity
from clinic.records.rules import observations as rules
from clinic.records.services.observations import Reading

Refusal = rules.ReadingRefused | rules.ReadingDoubted

# Field, its kind, which number of it: in the order in which they are taken.
FIELDS: tuple[tuple[str, rules.Kind, int], ...] = (
    ("upper", rules.BLOOD_PRESSURE, 0),
    ("lower", rules.BLOOD_PRESSURE, 1),
    ("pulse", rules.PULSE, 0),
    ("temperature", rules.TEMPERATURE, 0),
    ("oxygen", rules.OXYGEN, 0),
    ("weight", rules.WEIGHT, 0),
)


class VitalsForm(forms.Form):
    """What was measured at the visit. A field left empty was not measured."""

    upper = NumberField(label=_("Upper pressure"), required=False)
    lower = NumberField(label=_("Lower pressure"), required=False)
    pulse = NumberField(label=_("Pulse"), required=False)
    temperature = NumberField(label=_("Temperature"), required=False)
    oxygen = NumberField(label=_("Oxygen"), required=False)
    weight = NumberField(label=_("Weight"), required=False)
    sure = forms.BooleanField(label=_("Yes, that is what I measured"), required=False)

    def __init__(self, *args: Any, units: Units, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units = units
        self.doubted = False
        for name, kind, _part in FIELDS:
            number: Any = self.fields[name]
            number.allow(decimals=kind.shown[units].decimals)

    @property
    def rows(self) -> list[tuple[forms.BoundField, str]]:
        """Return each field with the unit that stands behind it."""
        return [(self[name], self._unit(kind)) for name, kind, _part in FIELDS]

    def _unit(self, kind: rules.Kind) -> str:
        """The field is narrow: "/min" instead of "per minute"."""
        return "/min" if kind is rules.PULSE else str(kind.shown[self.units].text)

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if not self.errors and all(data.get(name) is None for name, *_kind in FIELDS):
            self.add_error("upper", gettext("Type at least one number."))
        for name, other in (("upper", "lower"), ("lower", "upper")):
            if data.get(name) is None and data.get(other) is not None and name not in self.errors:
                self.add_error(name, gettext("Both numbers of the pressure belong together."))
        return data

    def readings(self, *, now: dt.datetime) -> list[Reading]:
        """Return what was measured, one reading for each kind."""
        numbers: dict[str, list[Decimal]] = {}
        for name, kind, _part in FIELDS:
            if (number := self.cleaned_data.get(name)) is not None:
                numbers.setdefault(kind.slug, []).append(number)
        return [
            Reading(
                kind=slug,
                numbers=tuple(found),
                unit=rules.KINDS[slug].shown[self.units].ucum,
                measured_at=now,
                sure=self.cleaned_data["sure"],
            )
            for slug, found in numbers.items()
        ]

    def keep_only(self, refused: Mapping[str, Refusal]) -> None:
        """Empty the fields of what was recorded; say at the others what is wrong."""
        done = {self.add_prefix(name) for name, kind, _part in FIELDS if kind.slug not in refused}
        self.data = {name: "" if name in done else self.data[name] for name in self.data}
        for slug, refusal in refused.items():
            self._refuse(slug, refusal)

    def _refuse(self, kind: str, refusal: Refusal) -> None:
        if isinstance(refusal, rules.ReadingDoubted):
            self.doubted = True
            for part in refusal.parts:
                self.add_error(_field_of(kind, part), gettext("This is unusual."))
            return
        part = refusal.part or 0
        self.add_error(_field_of(kind, part), self._limits(rules.KINDS[kind], part, refusal.code))

    def _limits(self, kind: rules.Kind, part: int, code: str) -> str:
        if code == "diastolic":
            return gettext("The lower number is smaller than the upper one.")
        low, high = (
            str(quantity(kind=kind, numbers=[end], units=self.units))
            for end in kind.parts[part].possible
        )
        limits = {"low": low, "high": high}
        return gettext("This cannot be: it must lie between %(low)s and %(high)s.") % limits


def _field_of(kind: str, part: int) -> str:
    return _FIELD_OF[kind, part]


_FIELD_OF: Mapping[tuple[str, int], str] = {(kind.slug, part): name for name, kind, part in FIELDS}

"""The measurements the product knows: their codes, units, limits, and what is refused or doubted.

Codes are LOINC, units UCUM. Numbers are in the stored unit of their kind unless a name says
otherwise. Reference ranges stand in `ranges`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.people.choices import Units
from clinic.records.rules import units
from clinic.records.rules.units import Scale

LOINC = "http://loinc.org"
SYSTOLIC, DIASTOLIC = "8480-6", "8462-4"
WEIGHT_CODE, HEIGHT_CODE, BMI_CODE = "29463-7", "8302-2", "39156-5"


@dataclass(frozen=True, slots=True)
class Shown:
    """A unit as one system of units shows and takes it; `fine` adds a decimal to small numbers."""

    ucum: str
    text: Promise | str
    decimals: int = 0
    fine_below: Decimal = Decimal(0)

    def decimals_of(self, number: Decimal) -> int:
        return self.decimals + (number < self.fine_below)


@dataclass(frozen=True, slots=True)
class Part:
    """One number of a kind. Outside of `possible` it is refused, outside of `likely` doubted."""

    code: str
    label: Promise | str
    possible: tuple[Decimal, Decimal]
    likely: tuple[Decimal, Decimal]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of measurement. `codes` are all codes under which others send it, ours first."""

    slug: str
    label: Promise | str
    text: str
    codes: tuple[str, ...]
    parts: tuple[Part, ...]
    scales: Mapping[str, Scale]
    shown: Mapping[Units, Shown]
    icon: str = "activity"
    derived: bool = False

    @property
    def code(self) -> str:
        return self.codes[0]

    @property
    def unit(self) -> str:
        """The UCUM code of the stored unit."""
        return next(iter(self.scales))

    def stored(self, *, number: Decimal, unit: str) -> Decimal:
        """Return a number of this kind in the stored unit; raises UnitUnknown."""
        return units.to_stored(number=number, unit=unit or self.unit, scales=self.scales)

    def in_units(self, *, number: Decimal, system: Units) -> Decimal:
        """Return a stored number as the system of units shows it."""
        shown = self.shown[system]
        exact = units.from_stored(
            number=number, unit=shown.ucum, scales=self.scales, decimals=units.STORED_DECIMALS
        )
        return units.from_stored(
            number=number,
            unit=shown.ucum,
            scales=self.scales,
            decimals=shown.decimals_of(exact),
        )


def _everywhere(shown: Shown) -> dict[Units, Shown]:
    return dict.fromkeys(Units, shown)


def _span(low: str, high: str) -> tuple[Decimal, Decimal]:
    return Decimal(low), Decimal(high)


BLOOD_PRESSURE = Kind(
    slug="blood-pressure",
    label=_("Blood pressure"),
    text="Blood pressure",
    # 55284-4 is the panel's earlier code; 35094-2 is "panel" without its parts named.
    codes=("85354-9", "55284-4", "35094-2"),
    parts=(
        Part(SYSTOLIC, _("Upper (systolic)"), _span("40", "300"), _span("80", "200")),
        Part(DIASTOLIC, _("Lower (diastolic)"), _span("20", "200"), _span("45", "120")),
    ),
    scales=units.PRESSURE,
    shown=_everywhere(Shown("mm[Hg]", "mmHg")),
    icon="heart-pulse",
)
PULSE = Kind(
    slug="pulse",
    label=_("Pulse"),
    text="Heart rate",
    codes=("8867-4", "40443-4", "8889-8"),
    parts=(Part("8867-4", _("Pulse"), _span("15", "320"), _span("40", "180")),),
    scales=units.RATE,
    shown=_everywhere(Shown("/min", _("per minute"))),
    icon="activity",
)
TEMPERATURE = Kind(
    slug="temperature",
    label=_("Temperature"),
    text="Body temperature",
    codes=("8310-5", "8331-1", "8328-7", "8332-9", "8333-7"),
    parts=(Part("8310-5", _("Temperature"), _span("25", "45"), _span("35", "41")),),
    scales=units.TEMPERATURE,
    shown={Units.METRIC: Shown("Cel", "°C", 1), Units.US: Shown("[degF]", "°F", 1)},
    icon="thermometer",
)
WEIGHT = Kind(
    slug="weight",
    label=_("Weight"),
    text="Body weight",
    codes=(WEIGHT_CODE, "3141-9", "8350-1"),
    parts=(Part(WEIGHT_CODE, _("Weight"), _span("0.3", "650"), _span("2", "250")),),
    scales=units.WEIGHT,
    shown={
        Units.METRIC: Shown("kg", "kg", 1, fine_below=Decimal(10)),
        Units.US: Shown("[lb_av]", "lb", 1),
    },
    icon="weight",
)
HEIGHT = Kind(
    slug="height",
    label=_("Height"),
    text="Body height",
    codes=(HEIGHT_CODE, "8306-3", "3137-7"),
    parts=(Part(HEIGHT_CODE, _("Height"), _span("20", "275"), _span("45", "215")),),
    scales=units.LENGTH,
    shown={Units.METRIC: Shown("cm", "cm", 1), Units.US: Shown("[in_i]", _("in"), 1)},
    icon="ruler",
)
BODY_MASS_INDEX = Kind(
    slug="bmi",
    label=_("BMI"),
    text="Body mass index (BMI)",
    codes=(BMI_CODE,),
    parts=(Part(BMI_CODE, _("BMI"), _span("3", "200"), _span("10", "70")),),
    scales=units.BODY_MASS_INDEX,
    shown=_everywhere(Shown("kg/m2", "kg/m²", 1)),
    icon="user",
    derived=True,
)
OXYGEN = Kind(
    slug="oxygen",
    label=_("Oxygen saturation"),
    text="Oxygen saturation by pulse oximetry",
    codes=("59408-5", "2708-6"),
    parts=(Part("59408-5", _("Oxygen saturation"), _span("30", "100"), _span("85", "100")),),
    scales=units.PERCENT,
    shown=_everywhere(Shown("%", "%")),
    icon="wind",
)
GLUCOSE = Kind(
    slug="glucose",
    label=_("Blood sugar"),
    text="Glucose",
    # mg/dL and mmol/L have codes of their own: blood, serum and capillary blood of each.
    codes=(
        *("15074-8", "2339-0", "2345-7", "14749-6"),
        *("41653-7", "14743-9", "32016-8", "1558-6"),
    ),
    parts=(Part("15074-8", _("Blood sugar"), _span("0.3", "120"), _span("3", "22")),),
    scales=units.GLUCOSE,
    shown={Units.METRIC: Shown("mmol/L", "mmol/L", 1), Units.US: Shown("mg/dL", "mg/dL")},
    icon="droplet",
)
PAIN = Kind(
    slug="pain",
    label=_("Pain"),
    text="Pain severity, 0 to 10",
    codes=("72514-3",),
    parts=(Part("72514-3", _("Pain"), _span("0", "10"), _span("0", "10")),),
    scales=units.SCORE,
    shown=_everywhere(Shown("{score}", _("of 10"))),
    icon="zap",
)

KINDS: Mapping[str, Kind] = {
    kind.slug: kind
    for kind in (
        *(BLOOD_PRESSURE, PULSE, WEIGHT, BODY_MASS_INDEX, HEIGHT),
        *(TEMPERATURE, OXYGEN, GLUCOSE, PAIN),
    )
}
KIND_OF_CODE: Mapping[str, str] = {
    code: kind.slug for kind in KINDS.values() for code in kind.codes
}


class ReadingRefused(Exception):
    """A reading that cannot be true. `code` names the message; `part` the number it is about."""

    def __init__(self, code: str, *, part: int | None = None) -> None:
        self.code, self.part = code, part
        super().__init__(code)


class ReadingDoubted(Exception):
    """A reading that can be true but rarely is: asked once more before it is kept."""

    def __init__(self, parts: Sequence[int]) -> None:
        self.parts = tuple(parts)
        super().__init__(self.parts)


# A form shows whole minutes and clocks differ a little.
CLOCK_TOLERANCE = dt.timedelta(minutes=5)


def read(*, slug: str, numbers: Sequence[Decimal], unit: str) -> tuple[Kind, tuple[Decimal, ...]]:
    """Return the kind and the numbers in its stored unit; raises ReadingRefused."""
    kind = KINDS.get(slug)
    if kind is None or unit not in {"", *kind.scales}:
        raise ReadingRefused("shape")
    if not all(number.is_finite() for number in numbers):
        raise ReadingRefused("impossible", part=0)
    return kind, tuple(kind.stored(number=number, unit=unit) for number in numbers)


def check_possible(*, kind: Kind, numbers: Sequence[Decimal]) -> None:
    """Raise ReadingRefused for what nobody can have; `numbers` are in the stored unit."""
    if kind.derived or len(numbers) != len(kind.parts):
        raise ReadingRefused("shape")
    for index, (part, number) in enumerate(zip(kind.parts, numbers, strict=True)):
        low, high = part.possible
        if not low <= number <= high:
            raise ReadingRefused("impossible", part=index)
    if kind is BLOOD_PRESSURE and numbers[1] >= numbers[0]:
        raise ReadingRefused("diastolic", part=1)


def check_time(*, measured_at: dt.datetime, now: dt.datetime, earliest: dt.datetime | None) -> None:
    """Raise ReadingRefused for a time to come, or before `earliest` (the birth)."""
    if measured_at > now + CLOCK_TOLERANCE:
        raise ReadingRefused("future")
    if earliest is not None and measured_at < earliest:
        raise ReadingRefused("before-birth")


def check_likely(
    *, kind: Kind, numbers: Sequence[Decimal], last: Sequence[Decimal] | None = None
) -> None:
    """Raise ReadingDoubted for what is rare, or far from the reading before it (`last`)."""
    doubted = [
        index
        for index, (part, number) in enumerate(zip(kind.parts, numbers, strict=True))
        if not part.likely[0] <= number <= part.likely[1]
    ]
    if not doubted and last is not None and _is_a_leap(kind, numbers[0], last[0]):
        doubted = [0]
    if doubted:
        raise ReadingDoubted(doubted)


# A fifth of the weight or a twentieth of the height in one step is more often a slip of the finger
# or the wrong unit.
LEAPS = {WEIGHT.slug: Decimal("0.2"), HEIGHT.slug: Decimal("0.05")}


def _is_a_leap(kind: Kind, number: Decimal, last: Decimal) -> bool:
    most = LEAPS.get(kind.slug)
    return most is not None and abs(number - last) > last * most


def body_mass_index(*, weight_kg: Decimal, height_cm: Decimal) -> Decimal:
    """Return kg/m² with one decimal."""
    return (weight_kg / (height_cm / 100) ** 2).quantize(Decimal("0.1"))

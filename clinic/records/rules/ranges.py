"""Reference ranges: by age where they depend on it, each with the guideline it is taken from.

A range is no diagnosis: pages say whose it is. Where a range needs more than an age (growth charts,
a child's blood pressure by height), there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.records.rules import observations as kinds


@dataclass(frozen=True, slots=True)
class Span:
    """From `low` to `high`, both inside; None is open. In the stored unit of the kind."""

    low: Decimal | None
    high: Decimal | None

    def side_of(self, number: Decimal) -> int:
        """Return -1 below, 0 inside, 1 above."""
        if self.low is not None and number < self.low:
            return -1
        return int(self.high is not None and number > self.high)


@dataclass(frozen=True, slots=True)
class Range:
    """One span for each part of a kind, what it means and who says so."""

    spans: tuple[Span, ...]
    meaning: Promise | str
    source: str

    def side_of(self, numbers: Sequence[Decimal]) -> int:
        """Return 1 when a number is above, else -1 when one is below, else 0."""
        sides = [span.side_of(n) for span, n in zip(self.spans, numbers, strict=True)]
        return max(sides) if max(sides) > 0 else min(sides)


def range_for(*, kind: kinds.Kind, age_months: int | None, at_home: bool) -> Range | None:
    """Return the range for a person of this age, None where no guideline gives one.

    `at_home`: a blood pressure that was measured at home has a lower limit.
    """
    if age_months is None:
        return None
    years = age_months // 12
    if kind is kinds.PULSE:
        return _pulse(age_months)
    if kind is kinds.BLOOD_PRESSURE:
        return _blood_pressure(years, at_home=at_home)
    if kind is kinds.TEMPERATURE:
        return TEMPERATURE
    return _of_adults(kind) if years >= ADULT else None


ADULT = 18


def _span(low: str | None, high: str | None) -> Span:
    return Span(None if low is None else Decimal(low), None if high is None else Decimal(high))


def _blood_pressure(years: int, *, at_home: bool) -> Range | None:
    if years < 13:
        return None
    if years < ADULT:
        return YOUNG_BLOOD_PRESSURE
    return HOME_BLOOD_PRESSURE if at_home else CLINIC_BLOOD_PRESSURE


# Upper limits: hypertension begins one above. 2024 ESC Guidelines for the management of elevated
# blood pressure and hypertension, table 5; hypotension below 90/60: NHS, Low blood pressure, 2023.
CLINIC_BLOOD_PRESSURE = Range(
    (_span("90", "139"), _span("60", "89")),
    _("Measured at the clinic, high blood pressure begins at 140/90, low is below 90/60."),
    "ESC 2024, NHS 2023",
)
HOME_BLOOD_PRESSURE = Range(
    (_span("90", "134"), _span("60", "84")),
    _("Measured at home, high blood pressure begins at 135/85, low is below 90/60."),
    "ESC 2024, NHS 2023",
)
# Flynn et al., Clinical Practice Guideline for Screening and Management of High Blood Pressure in
# Children and Adolescents (AAP), 2017: from 13 years on, normal is below 120/80.
YOUNG_BLOOD_PRESSURE = Range(
    (_span(None, "119"), _span(None, "79")),
    _("Between 13 and 17 years, a normal blood pressure is below 120/80."),
    "AAP 2017",
)

# Awake, at rest. American Heart Association, Pediatric Advanced Life Support, 2020.
_PULSES: tuple[tuple[int, Span], ...] = (
    (1, _span("100", "205")),
    (12, _span("100", "180")),
    (36, _span("98", "140")),
    (72, _span("80", "120")),
    (144, _span("75", "118")),
)
_ADULT_PULSE = _span("60", "100")


def _pulse(age_months: int) -> Range:
    span = next((span for until, span in _PULSES if age_months < until), _ADULT_PULSE)
    return Range(
        (span,),
        _("A resting pulse at this age. People who train a lot are often below."),
        "AHA PALS 2020",
    )


# Fever from 38 °C: NICE NG143, Fever in under 5s, 2019 (updated 2021). Hypothermia below 35 °C:
# European Resuscitation Council Guidelines, 2021.
TEMPERATURE = Range(
    (_span("35", "37.9"),),
    _("Fever begins at 38 °C (100.4 °F); below 35 °C (95 °F) the body is too cold."),
    "NICE NG143 2021, ERC 2021",
)
# World Health Organization, Technical Report Series 894, 2000.
BODY_MASS_INDEX = Range(
    (_span("18.5", "24.9"),),
    _("For adults. It does not tell muscle from fat and does not count in pregnancy."),
    "WHO 2000",
)
# O'Driscoll et al., BTS guideline for oxygen use in adults, 2017: 94 to 98 % for most adults.
OXYGEN = Range(
    (_span("94", "100"),),
    _("For most adults. With some lung diseases, your doctor sets a lower goal."),
    "BTS 2017",
)
# American Diabetes Association, Standards of Care in Diabetes, 2025: below 70 mg/dL is low; two
# hours after a meal, normal is below 140 mg/dL, fasting below 100 mg/dL.
GLUCOSE = Range(
    (_span("3.9", "7.7"),),
    _(
        "At any time of day. Fasting, normal is below 5.6 mmol/L (100 mg/dL);"
        " with diabetes, your doctor sets your goal."
    ),
    "ADA 2025",
)


def _of_adults(kind: kinds.Kind) -> Range | None:
    return {
        kinds.BODY_MASS_INDEX.slug: BODY_MASS_INDEX,
        kinds.OXYGEN.slug: OXYGEN,
        kinds.GLUCOSE.slug: GLUCOSE,
    }.get(kind.slug)

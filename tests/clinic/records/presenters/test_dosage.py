"""A dosage is read as a person would say it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import translation

from clinic.records.dosage import Dosage
from clinic.records.dosage_choices import Frequency
from clinic.records.presenters.dosage import dosage_words, dose_words, joined

EIGHT, NOON, TWENTY, BED = dt.time(8), dt.time(12), dt.time(20), dt.time(22)


def tablet(amount: str = "1", **more: object) -> Dosage:
    return Dosage(amount=amount, unit="tablet", **more)


@pytest.mark.parametrize(
    ("dosage", "words"),
    [
        (Dosage(), ""),
        (Dosage(text="As before"), "As before"),
        (tablet(frequency=Frequency.ONCE), "1 tablet once a day"),
        (tablet("2", frequency=Frequency.TWICE), "2 tablets twice a day"),
        (tablet("0.5", frequency=Frequency.ONCE, times=(EIGHT,)), "½ tablet in the morning"),
        (
            tablet(frequency=Frequency.AT_TIMES, times=(EIGHT, TWENTY), meal="C"),
            "1 tablet in the morning and evening, with food",
        ),
        (
            tablet(frequency=Frequency.AT_TIMES, times=(EIGHT, NOON, BED)),
            "1 tablet in the morning, at midday and at bedtime",
        ),
        (
            tablet(frequency=Frequency.AT_TIMES, times=(dt.time(7, 30), TWENTY)),
            "1 tablet at 07:30 and 20:00",
        ),
        (tablet(frequency=Frequency.AT_TIMES), "1 tablet"),
        (tablet(frequency=Frequency.EVERY_HOURS, hours=8), "1 tablet every 8 hours"),
        (tablet(frequency=Frequency.EVERY_HOURS, hours=1), "1 tablet every hour"),
        (tablet(frequency=Frequency.EVERY_HOURS), "1 tablet"),
        (
            Dosage("1", "patch", "skin", Frequency.EVERY_HOURS, hours=72),
            "1 patch every 3 days, on the skin",
        ),
        (
            tablet(frequency=Frequency.WEEKDAYS, weekdays=(1, 4), times=(TWENTY,)),
            "1 tablet every Monday and Thursday in the evening",
        ),
        (tablet(frequency=Frequency.WEEKDAYS), "1 tablet"),
        (tablet(frequency=Frequency.AS_NEEDED), "1 tablet when needed"),
        (
            tablet("2", frequency=Frequency.AS_NEEDED, max_per_day=1),
            "2 tablets when needed, at most once a day",
        ),
        (
            tablet("2", frequency=Frequency.AS_NEEDED, max_per_day=4),
            "2 tablets when needed, at most 4 times a day",
        ),
        (
            Dosage("2", "puff", "inhaled", Frequency.TWICE, text="Rinse the mouth"),
            "2 puffs twice a day, breathed in. Rinse the mouth",
        ),
        (Dosage("5", "mL", "through a tube", Frequency.ONCE), "5 ml once a day, through a tube"),
        (Dosage("1", "tablet", "oral", Frequency.ONCE, meal="?"), "1 tablet once a day"),
    ],
)
def test_dosage_in_words(dosage, words):
    assert dosage_words(dosage) == words


@pytest.mark.parametrize(
    ("amount", "unit", "words"),
    [
        ("1", "tablet", "1 tablet"),
        ("1.5", "tablet", "1½ tablets"),
        ("100", "ug", "100 µg"),
        ("2.50", "mL", "2.5 ml"),
        ("10", "[iU]", "10 units"),
        ("1-2", "drop", "1-2 drops"),
        ("1", "handful", "1 handful"),
        ("", "tablet", ""),
    ],
)
def test_one_dose_in_words(amount, unit, words):
    assert dose_words(amount, unit) == words


@pytest.mark.parametrize(
    "unit",
    ["capsule", "spray", "patch", "sachet", "suppository", "injection", "application", "drop"],
)
def test_each_unit_has_its_plural(unit):
    assert dose_words("2", unit) != f"2 {unit}"
    assert dose_words("1", unit) == f"1 {unit}"


def test_numbers_follow_the_language():
    with translation.override("de"):
        assert dose_words("2.25", "mg").startswith("2,25")


def test_words_are_joined_as_in_speech():
    assert [joined(["a"]), joined(["a", "b"]), joined(["a", "b", "c"])] == [
        "a",
        "a and b",
        "a, b and c",
    ]

"""A dosage in plain words: "1 tablet in the morning and evening, with food"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clinic.lib import times
from clinic.records.dosage import EVENING, MIDDAY, MORNING, NIGHT, Dosage, as_number
from clinic.records.dosage_choices import Frequency, Meal, Route, Unit

PARTS_OF_DAY = {
    MORNING: gettext_lazy("in the morning"),
    MIDDAY: gettext_lazy("at midday"),
    EVENING: gettext_lazy("in the evening"),
    NIGHT: gettext_lazy("at bedtime"),
}
MEALS = {
    Meal.WITH: gettext_lazy("with food"),
    Meal.BEFORE: gettext_lazy("before food"),
    Meal.AFTER: gettext_lazy("after food"),
}
# Usual hours are not said: whoever wrote "twice a day" did not choose them.
OFTEN = {
    Frequency.ONCE: gettext_lazy("once a day"),
    Frequency.TWICE: gettext_lazy("twice a day"),
    Frequency.THREE_TIMES: gettext_lazy("three times a day"),
    Frequency.FOUR_TIMES: gettext_lazy("four times a day"),
}
NOT_SAID = gettext_lazy("How to take it is not on file")
FRACTIONS = {Decimal("0.25"): "¼", Decimal("0.5"): "½", Decimal("0.75"): "¾", Decimal("1.5"): "1½"}


def dosage_words(dosage: Dosage) -> str:
    """Return how to take it, as one line; "" where nothing is on file."""
    taken = " ".join(filter(None, (dose_words(dosage.amount, dosage.unit), _when(dosage))))
    said = ", ".join(filter(None, (taken, _meal(dosage), _way(dosage))))
    return ". ".join(filter(None, (said, dosage.text)))


def dose_words(amount: str, unit: str) -> str:
    """Return one dose: "1 tablet", "½ tablet", "5 ml"."""
    if not amount:
        return ""
    number = as_number(amount)
    shown = amount_words(amount)
    # A half is said in the singular; what is no number is left as it was written.
    many = 2 if number is None or number > 1 else 1
    return f"{shown} {_unit(unit, many)}".strip()


def amount_words(amount: str) -> str:
    """Return "½" for "0.5" and "2.5" in the digits of the language."""
    number = as_number(amount)
    if number is None:
        return amount
    return FRACTIONS.get(number) or formats.number_format(f"{number.normalize():f}")


def joined(words: Sequence[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    first, last = ", ".join(words[:-1]), words[-1]
    return _("%(first)s and %(last)s") % {"first": first, "last": last}


def times_words(clock_times: Sequence[dt.time]) -> str:
    """Return "in the morning and in the evening", or "at 07:30 and 19:00"."""
    if clock_times and all(time in PARTS_OF_DAY for time in clock_times):
        if tuple(clock_times) == (MORNING, EVENING):
            return _("in the morning and evening")
        return joined([str(PARTS_OF_DAY[time]) for time in clock_times])
    clocks = joined([f"{time:%H:%M}" for time in clock_times])
    return _("at %(times)s") % {"times": clocks} if clocks else ""


def _when(dosage: Dosage) -> str:
    if dosage.frequency in OFTEN:
        return times_words(dosage.times) or str(OFTEN[Frequency(dosage.frequency)])
    if dosage.frequency == Frequency.AT_TIMES:
        return times_words(dosage.times)
    if dosage.frequency == Frequency.EVERY_HOURS and dosage.hours:
        return _every(dosage.hours)
    if dosage.frequency == Frequency.WEEKDAYS and dosage.weekdays:
        days = joined([times.weekday_name(day) for day in dosage.weekdays])
        on_days = _("every %(days)s") % {"days": days}
        return " ".join(filter(None, (on_days, times_words(dosage.times))))
    if dosage.frequency == Frequency.AS_NEEDED:
        return _as_needed(dosage.max_per_day)
    return ""


def _every(hours: int) -> str:
    if hours % 24 == 0:
        days = hours // 24
        return ngettext("every day", "every %(n)s days", days) % {"n": days}
    return ngettext("every hour", "every %(n)s hours", hours) % {"n": hours}


def _as_needed(most: int | None) -> str:
    if not most:
        return _("when needed")
    return ngettext(
        "when needed, at most once a day", "when needed, at most %(n)s times a day", most
    ) % {"n": most}


def _meal(dosage: Dosage) -> str:
    return str(MEALS.get(Meal(dosage.meal), "")) if dosage.meal in Meal.values else ""


def _way(dosage: Dosage) -> str:
    """Return the way in the body; by mouth goes without saying."""
    if dosage.route in ("", Route.ORAL):
        return ""
    if dosage.route not in Route.values:
        return dosage.route
    label = str(Route(dosage.route).label)
    return label[:1].lower() + label[1:]


def _unit(unit: str, many: int) -> str:
    if unit in _COUNTED:
        return _COUNTED[unit](many)
    return str(Unit(unit).label) if unit in Unit.values else unit


_COUNTED: Mapping[str, Callable[[int], str]] = {
    Unit.TABLET: lambda n: ngettext("tablet", "tablets", n),
    Unit.CAPSULE: lambda n: ngettext("capsule", "capsules", n),
    Unit.DROP: lambda n: ngettext("drop", "drops", n),
    Unit.PUFF: lambda n: ngettext("puff", "puffs", n),
    Unit.SPRAY: lambda n: ngettext("spray", "sprays", n),
    Unit.PATCH: lambda n: ngettext("patch", "patches", n),
    Unit.SACHET: lambda n: ngettext("sachet", "sachets", n),
    Unit.SUPPOSITORY: lambda n: ngettext("suppository", "suppositories", n),
    Unit.INJECTION: lambda n: ngettext("injection", "injections", n),
    Unit.APPLICATION: lambda n: ngettext("application", "applications", n),
    Unit.INTERNATIONAL_UNIT: lambda n: ngettext("unit", "units", n),
}

"""Dates that are known to the day, the month or the year only: read, shown, and as FHIR says them.

A partial date is stored as its first day with a `DatePrecision`. A day stands before a month where
a date is written in figures, as everywhere else in the product, unless only the other order exists.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

from django.utils import formats
from django.utils.dates import MONTHS, MONTHS_3
from django.utils.translation import gettext as _

from clinic.records.choices import DatePrecision

EARLIEST = dt.date(1870, 1, 1)

_YEAR = re.compile(r"(\d{4})")
_YEAR_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})")
_MONTH_YEAR = re.compile(r"(\d{1,2})[-/. ]\s*(\d{4})")
_YEAR_MONTH_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_DAY_MONTH_YEAR = re.compile(r"(\d{1,2})[-/. ]\s*(\d{1,2})[-/. ]\s*(\d{4})")
_SHORT_YEAR = re.compile(r"(?:\d{1,2}[-/. ]\s*)?\d{1,2}[-/. ]\s*'?\d{2}|'\d{2}")
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"\d+")
_FHIR = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T.*)?)?)?", re.ASCII)
# "2 de mayo de 2019", "since about 2019": words that say nothing of when.
_FILLING = frozenset(
    (
        *("about", "around", "circa", "ca", "approx", "in", "on", "of", "the", "since"),
        *("de", "del", "en", "desde", "den", "am", "im", "um", "seit"),
    )
)
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.IGNORECASE)


class NotADate(ValueError):
    """What was typed is no date. Its text says what to write instead, for whoever typed it."""


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date as exact as it is known; `date` is its first day."""

    date: dt.date
    precision: DatePrecision = DatePrecision.DAY

    @property
    def last_day(self) -> dt.date:
        """Return the last day that may be meant."""
        year, month = self.date.year, self.date.month
        if self.precision == DatePrecision.DAY:
            return self.date
        month = 12 if self.precision == DatePrecision.YEAR else month
        return dt.date(year, month, calendar.monthrange(year, month)[1])

    def __str__(self) -> str:
        return present_partial_date(self.date, self.precision)


def parse_partial_date(text: str) -> PartialDate | None:
    """Return the date that somebody typed, None for nothing; raise NotADate.

    Understood: 2019, 03/2019, March 2019, 3 May 2019, May 3, 2019, 3.5.2019, 2019-05-03.
    """
    plain = _ORDINAL.sub("", " ".join(text.split()).strip(" .,"))
    if not plain:
        return None
    for pattern, read in _FORMS:
        if match := pattern.fullmatch(plain):
            return read(*map(int, match.groups()))
    if _SHORT_YEAR.fullmatch(plain):
        raise NotADate(_("Write the year with four digits, for example 2019."))
    return _in_words(plain)


def parse_fhir_date(text: str) -> PartialDate | None:
    """Return a FHIR date or dateTime as its day, month or year, None where it is none."""
    match = _FHIR.fullmatch(text.strip())
    if match is None:
        return None
    try:
        return _dated(*(int(part) for part in match.groups() if part))
    except NotADate:
        return None


def fhir_date(date: dt.date, precision: str) -> str:
    """Return a partial date as FHIR writes it: 2019, 2019-05 or 2019-05-03."""
    lengths = {DatePrecision.YEAR: 4, DatePrecision.MONTH: 7}
    return date.isoformat()[: lengths.get(DatePrecision(precision), 10)]


def present_partial_date(date: dt.date | None, precision: str) -> str:
    """Return a date in words, no more exact than it is known; nothing for None."""
    if date is None:
        return ""
    if precision == DatePrecision.YEAR:
        return f"{date.year:04}"
    if precision == DatePrecision.MONTH:
        return formats.date_format(date, "YEAR_MONTH_FORMAT")
    return formats.date_format(date, "DATE_FORMAT")


def typed_partial_date(date: dt.date | None, precision: str) -> str:
    """Return a date as its form field shows it: words that `parse_partial_date` reads again."""
    if date is None:
        return ""
    if precision == DatePrecision.YEAR:
        return f"{date.year:04}"
    month = str(MONTHS[date.month])
    return (
        f"{month} {date.year}"
        if precision == DatePrecision.MONTH
        else (f"{date.day} {month} {date.year}")
    )


def _dated(year: int, month: int | None = None, day: int | None = None) -> PartialDate:
    if month is not None and not 1 <= month <= 12:
        raise NotADate(_("A year has twelve months. Check the month."))
    if year < EARLIEST.year:
        raise NotADate(_("This is too long ago. Check the year."))
    if day is None:
        precision = DatePrecision.YEAR if month is None else DatePrecision.MONTH
        return PartialDate(dt.date(year, month or 1, 1), precision)
    try:
        return PartialDate(dt.date(year, month or 1, day))
    except ValueError:
        raise NotADate(_no_such_day(year, month or 1, day)) from None


def _no_such_day(year: int, month: int, day: int) -> str:
    return _("%(month)s %(year)s has no day %(day)s. Check the day.") % {
        "month": MONTHS[month],
        "year": year,
        "day": day,
    }


def _month_year(month: int, year: int) -> PartialDate:
    return _dated(year, month)


def _day_month_year(day: int, month: int, year: int) -> PartialDate:
    if month > 12 >= day:
        day, month = month, day
    return _dated(year, month, day)


_FORMS: tuple[tuple[re.Pattern[str], Callable[..., PartialDate]], ...] = (
    (_YEAR, _dated),
    (_YEAR_MONTH, _dated),
    (_MONTH_YEAR, _month_year),
    (_YEAR_MONTH_DAY, _dated),
    (_DAY_MONTH_YEAR, _day_month_year),
)


def _in_words(plain: str) -> PartialDate:
    words = [w.casefold() for w in _WORD.findall(plain) if w.casefold() not in _FILLING]
    numbers = _NUMBER.findall(plain)
    months = _months_named(words[0]) if len(words) == 1 else []
    if not words and _YEAR.fullmatch(" ".join(numbers)):
        return _dated(int(numbers[0]))
    years = [number for number in numbers if len(number) == 4]
    days = [int(number) for number in numbers if len(number) <= 2]
    if len(months) != 1 or len(years) != 1 or len(days) > 1 or len(numbers) > 2:
        raise NotADate(
            _("Write a year, a month with its year, or a day: 2019, May 2019, 3 May 2019.")
        )
    return _dated(int(years[0]), months[0], *days)


def _months_named(word: str) -> list[int]:
    """Return the month of a word, in English or in the reader's language; three letters do."""
    if len(word) < 3:
        return []
    names = {(place, name) for place, name in enumerate(calendar.month_name) if place}
    names |= {(place, str(name)) for place, name in MONTHS.items()}
    names |= {(place, str(name)) for place, name in MONTHS_3.items()}
    return sorted({place for place, name in names if name.casefold().startswith(word)})

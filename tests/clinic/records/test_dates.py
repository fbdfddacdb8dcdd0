"""Dates as people type them: to the day, the month or the year."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import translation

from clinic.records.choices import DatePrecision
from clinic.records.dates import (
    NotADate,
    PartialDate,
    fhir_date,
    parse_fhir_date,
    parse_partial_date,
    present_partial_date,
    typed_partial_date,
)

DAY, MONTH, YEAR = DatePrecision.DAY, DatePrecision.MONTH, DatePrecision.YEAR


@pytest.mark.parametrize(
    ("typed", "date", "precision"),
    [
        ("2019", (2019, 1, 1), YEAR),
        (" 2019. ", (2019, 1, 1), YEAR),
        ("since about 2019", (2019, 1, 1), YEAR),
        ("March 2019", (2019, 3, 1), MONTH),
        ("mar 2019", (2019, 3, 1), MONTH),
        ("Sept. 2019", (2019, 9, 1), MONTH),
        ("2019 March", (2019, 3, 1), MONTH),
        ("since March 2019", (2019, 3, 1), MONTH),
        ("03/2019", (2019, 3, 1), MONTH),
        ("3.2019", (2019, 3, 1), MONTH),
        ("2019-03", (2019, 3, 1), MONTH),
        ("2019-05-03", (2019, 5, 3), DAY),
        ("2019/5/3", (2019, 5, 3), DAY),
        ("3.5.2019", (2019, 5, 3), DAY),
        ("3. 5. 2019", (2019, 5, 3), DAY),
        ("03/05/2019", (2019, 5, 3), DAY),
        ("12/25/2019", (2019, 12, 25), DAY),
        ("3 May 2019", (2019, 5, 3), DAY),
        ("3rd of May 2019", (2019, 5, 3), DAY),
        ("May 3, 2019", (2019, 5, 3), DAY),
        ("29 February 2020", (2020, 2, 29), DAY),
        ("٣.٥.٢٠١٩", (2019, 5, 3), DAY),
    ],
)
def test_parse_partial_date_reads_what_people_type(typed, date, precision):
    assert parse_partial_date(typed) == PartialDate(dt.date(*date), precision)


@pytest.mark.parametrize("typed", ["", "   ", " . "])
def test_parse_partial_date_takes_nothing_as_nothing(typed):
    assert parse_partial_date(typed) is None


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("29.2.2019", "no day 29"),
        ("31 April 2019", "no day 31"),
        ("0.5.2019", "no day 0"),
        ("13/2019", "twelve months"),
        ("13/13/2019", "twelve months"),
        ("1869", "too long ago"),
        ("3.5.19", "four digits"),
        ("5/19", "four digits"),
        ("'19", "four digits"),
        ("soon", "Write a year"),
        ("Ma 2019", "Write a year"),
        ("Ju 2019", "Write a year"),
        ("Jul Jun 2019", "Write a year"),
        ("3 5 May 2019", "Write a year"),
        ("May", "Write a year"),
        ("since", "Write a year"),
        ("May 2019 2020", "Write a year"),
        ("99999", "Write a year"),
        ("2019-05-03T10:00", "Write a year"),
    ],
)
def test_parse_partial_date_says_what_to_write_instead(typed, hint):
    with pytest.raises(NotADate, match=hint):
        parse_partial_date(typed)


def test_parse_partial_date_knows_the_months_of_the_reader():
    with translation.override("es"):
        found = parse_partial_date("2 de mayo de 2019")

    assert found == PartialDate(dt.date(2019, 5, 2))


@pytest.mark.parametrize(
    ("precision", "shown", "fhir"),
    [(DAY, "3 May 2019", "2019-05-03"), (MONTH, "May 2019", "2019-05"), (YEAR, "2019", "2019")],
)
def test_a_date_is_shown_no_more_exact_than_it_is_known(precision, shown, fhir):
    date = dt.date(2019, 5, 3)

    assert present_partial_date(date, precision) == shown
    assert typed_partial_date(date, precision) == shown
    assert str(PartialDate(date, precision)) == shown
    assert fhir_date(date, precision) == fhir


def test_no_date_is_shown_as_nothing():
    assert present_partial_date(None, DAY) == ""
    assert typed_partial_date(None, DAY) == ""


@pytest.mark.parametrize("language", ["en-gb", "de", "es"])
@pytest.mark.parametrize("month", range(1, 13))
def test_what_the_form_shows_is_read_again(language, month):
    known = PartialDate(dt.date(2019, month, 1), MONTH)

    with translation.override(language):
        assert parse_partial_date(typed_partial_date(known.date, known.precision)) == known


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2019", PartialDate(dt.date(2019, 1, 1), YEAR)),
        ("2019-05", PartialDate(dt.date(2019, 5, 1), MONTH)),
        ("2019-05-03", PartialDate(dt.date(2019, 5, 3))),
        ("2019-05-03T23:30:00-05:00", PartialDate(dt.date(2019, 5, 3))),
        ("2019-13", None),
        ("yesterday", None),
    ],
)
def test_parse_fhir_date_keeps_the_precision(text, found):
    assert parse_fhir_date(text) == found


@pytest.mark.parametrize(
    ("known", "last"),
    [
        (PartialDate(dt.date(2020, 2, 3)), dt.date(2020, 2, 3)),
        (PartialDate(dt.date(2020, 2, 1), MONTH), dt.date(2020, 2, 29)),
        (PartialDate(dt.date(2020, 1, 1), YEAR), dt.date(2020, 12, 31)),
    ],
)
def test_a_partial_date_knows_its_last_day(known, last):
    assert known.last_day == last

"""Single FHIR elements, as senders really write them; no shape is trusted."""

from __future__ import annotations

import datetime as dt

import pytest

from clinic.fhir.importing import elements
from clinic.records.choices import DatePrecision
from clinic.terminology.coded import Coded

UTC = dt.UTC


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2019-10-27T01:30:00+00:00", dt.datetime(2019, 10, 27, 1, 30, tzinfo=UTC)),
        # The second half past two of the night in Berlin.
        ("2019-10-27T02:30:00+01:00", dt.datetime(2019, 10, 27, 1, 30, tzinfo=UTC)),
        ("2019-03-31", dt.datetime(2019, 3, 31, 12, tzinfo=UTC)),
        ("1953", dt.datetime(1953, 1, 1, 12, tzinfo=UTC)),
        ("9999-12-31T23:59:59-12:00", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("1869-12-31", None),
        ("2019-02-30", None),
        ("yesterday", None),
        (None, None),
        (2019, None),
    ],
)
def test_instant_is_utc_or_nothing(written, expected):
    assert elements.instant(written) == expected


@pytest.mark.parametrize(
    ("written", "day", "precision"),
    [
        ("2019", dt.date(2019, 1, 1), DatePrecision.YEAR),
        ("2019-03", dt.date(2019, 3, 1), DatePrecision.MONTH),
        ("2019-03-31", dt.date(2019, 3, 31), DatePrecision.DAY),
        # The sender's own calendar day, whatever day it was in UTC.
        ("2019-03-31T00:30:00+02:00", dt.date(2019, 3, 31), DatePrecision.DAY),
        ("2019-13", None, DatePrecision.DAY),
        ("1066", None, DatePrecision.DAY),
    ],
)
def test_partial_date_keeps_how_exact_it_is(written, day, precision):
    assert elements.partial_date(written) == (day, precision)


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ({"text": "Asthma", "coding": [{"system": "s", "code": "c"}]}, Coded("Asthma", "s", "c")),
        ({"coding": [{"display": "Asthma", "code": "c"}]}, Coded("Asthma", "", "c")),
        ({"coding": [{"code": "c"}]}, Coded("c", "", "c")),
        ({"text": " As\x00th\ud800ma "}, Coded("Asthma")),
        ({"coding": "c"}, Coded("")),
        ("Asthma", Coded("")),
    ],
)
def test_concept_says_the_best_words_there_are(element, expected):
    assert elements.concept(element) == expected


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ({"value": 104.30851517665332, "code": "mm[Hg]"}, ("104.30851517665332", "mm[Hg]")),
        ({"value": 80, "unit": "kg"}, ("80", "kg")),
        ({"value": 0.00001, "unit": "g"}, ("0.00001", "g")),
        ({"value": 1e300, "unit": "g"}, ("1" + "0" * 300, "g")),
    ],
)
def test_quantity_is_kept_as_written(element, expected):
    found = elements.quantity(element)

    assert (found["number"], found["unit"]) == expected


@pytest.mark.parametrize("value", [True, None, "NaN", float("inf"), [1], "many"])
def test_quantity_that_is_no_number_is_none(value):
    assert elements.quantity({"value": value, "unit": "kg"}) == {}


@pytest.mark.parametrize("written", ["urn:uuid:abc", "Patient/abc", "https://x.test/Patient/abc"])
def test_reference_is_the_id_it_names(written):
    assert elements.reference({"reference": written}) == "abc"

"""Series are found by their kind although the database does not know it."""

from __future__ import annotations

import datetime as dt

import pytest

from clinic.records.choices import ObservationCategory, Verification
from clinic.records.selectors import observations as selectors
from clinic.records.tokens import observation_token
from tests.factories.records import LifestyleFactory, ObservationFactory, blood_pressure

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


def weights(patient, now, *numbers, **more):
    return [
        ObservationFactory(
            patient=patient,
            effective_at=now - DAY * (len(numbers) - n),
            value={"number": str(number), "unit": "kg"},
            **more,
        )
        for n, number in enumerate(numbers)
    ]


def test_tokens_differ_by_patient_and_code(patient, other_patient):
    tokens = {
        observation_token(patient_id=one.pk, code=code)
        for one in (patient, other_patient)
        for code in ("29463-7", "8302-2")
    }

    assert len(tokens) == 4
    assert {len(token) for token in tokens} == {16}


def test_latest_is_the_newest_of_each_kind_whatever_its_code(patient, opened, now):
    *_older, newest = weights(patient, now, 70, 71, 72)
    blood_pressure(patient, 120, 80, effective_at=now - DAY * 3)
    other_code = blood_pressure(patient, 130, 85, code="55284-4", effective_at=now - DAY)

    found = selectors.latest(access=opened)

    assert {kind: row.pk for kind, row in found.items()} == {
        "blood-pressure": other_code.pk,
        "weight": newest.pk,
    }


def test_recent_is_one_query_for_all_kinds(patient, opened, now, django_assert_num_queries):
    weights(patient, now, *range(60, 80))
    blood_pressure(patient, 120, 80)
    selectors.recent(access=opened)

    with django_assert_num_queries(1):
        found = selectors.recent(access=opened, limit=3)

    assert [row.value["number"] for row in found["weight"]] == ["77", "78", "79"]


def test_series_has_the_chosen_time_the_oldest_first(patient, opened, now):
    weights(patient, now, 70, 71, 72, 73)

    rows = selectors.series(access=opened, kind="weight", since=now - DAY * 3, until=now - DAY)

    assert [row.value["number"] for row in rows] == ["71", "72"]


def test_mistakes_and_other_patients_are_in_no_series(patient, other_patient, opened, now):
    weights(patient, now, 70, verification=Verification.ENTERED_IN_ERROR)
    weights(other_patient, now, 80)

    assert selectors.series(access=opened, kind="weight") == []
    assert selectors.recent(access=opened) == {}


def test_other_values_are_the_newest_of_each_code_without_lifestyle(patient, opened, now):
    weights(patient, now, 70)
    LifestyleFactory(patient=patient)
    for days, number in ((2, "38"), (1, "42")):
        newest = ObservationFactory(
            patient=patient,
            code="4548-4",
            text="HbA1c",
            category=ObservationCategory.LABORATORY,
            value={"number": number, "unit": "mmol/mol"},
            effective_at=now - DAY * days,
        )

    assert selectors.other_values(access=opened) == [newest]
    assert len(selectors.series_like(access=opened, row=newest)) == 2

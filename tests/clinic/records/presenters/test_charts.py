"""The geometry of charts: what is drawn lies inside, in order, and says what it is."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from clinic.records.presenters.charts import (
    LEAST_APART,
    NARROW,
    WIDE,
    draw,
    nice_values,
    spark_path,
    time_marks,
)
from clinic.records.rules.series import Point

START = dt.datetime(2026, 1, 31, 8, 30)  # noqa: DTZ001


def points(*numbers, every=30):
    return [
        Point(START + dt.timedelta(days=n * every), tuple(map(Decimal, pair)))
        for n, pair in enumerate(numbers)
    ]


def drawn(series, limits=((None, None),), canvas=WIDE):
    return draw(points=series, limits=limits, canvas=canvas, say=lambda n: str(round(n)))


@given(
    st.lists(st.integers(0, 700), min_size=1, max_size=60),
    st.sampled_from([WIDE, NARROW]),
    st.integers(0, 400),
)
def test_everything_drawn_lies_on_the_canvas(numbers, canvas, every):
    picture = drawn(points(*((n,) for n in numbers), every=every), ((Decimal(90), None),), canvas)

    [curve] = picture.curves
    for mark in (*curve.dots, curve.last):
        assert canvas.left <= float(mark.x) <= canvas.width - canvas.right
        assert canvas.top <= float(mark.y) <= canvas.height - canvas.bottom
    assert len(picture.heights) >= 1
    assert len(picture.times) <= canvas.most_times
    if curve.band:
        assert float(curve.band.height) > 0


def test_a_higher_value_lies_higher_and_a_later_one_further_right():
    [curve] = drawn(points((100,), (120,), (110,))).curves

    first, second, last = (*curve.dots, curve.last)
    assert float(second.y) < float(last.y) < float(first.y)
    assert float(first.x) < float(second.x) < float(last.x)
    assert curve.path == f"M{first.x} {first.y} {second.x} {second.y} {last.x} {last.y}"


def test_the_last_value_is_written_beside_its_dot():
    [curve] = drawn(points((100,), (128,))).curves

    assert curve.value.text == "128"
    assert float(curve.value.x) > float(curve.last.x)


def test_the_words_of_two_last_values_do_not_overlap():
    upper, lower = drawn(points((150, 60), (121, 119)), ((None, None),) * 2).curves

    assert float(lower.value.y) - float(upper.value.y) >= LEAST_APART - 0.2


def test_a_range_near_the_data_is_drawn_and_one_far_away_is_not():
    near = drawn(points((128,), (132,)), ((Decimal(90), Decimal(134)),)).curves[0].band
    far = drawn(points((128,), (132,)), ((Decimal(400), Decimal(500)),)).curves[0].band

    assert near is not None
    assert far is None


def test_one_reading_stands_in_the_middle():
    [curve] = drawn(points((100,))).curves

    assert float(curve.last.x) == pytest.approx((WIDE.left + WIDE.width - WIDE.right) / 2, abs=0.1)


def test_coordinates_are_written_with_a_point_in_every_language():
    with translation.override("de"):
        picture = drawn(points((100,), (120,)))

    assert "," not in picture.curves[0].path + picture.left + picture.heights[0].y


@pytest.mark.parametrize(
    ("low", "high", "values"),
    [
        (78, 162, [80, 100, 120, 140, 160]),
        (36.1, 39.4, [37, 38, 39]),
        (0, 10, [0, 2, 4, 6, 8, 10]),
        (70.2, 71.1, [70.2, 70.4, 70.6, 70.8, 71]),
    ],
)
def test_the_axis_has_round_values(low, high, values):
    assert nice_values(low, high, most=5) == values


@pytest.mark.parametrize(
    ("days", "most", "words"),
    [
        (0.4, 9, ["10:00", "12:00", "14:00", "16:00", "18:00"]),
        (6, 9, ["31 Jan", "1 Feb", "2 Feb", "3 Feb", "4 Feb", "5 Feb", "6 Feb"]),
        (40, 9, ["31 Jan", "7 Feb", "14 Feb", "21 Feb", "28 Feb", "7 Mar"]),
        (365, 9, ["Mar", "May", "Jul", "Sep", "Nov", "2027"]),
        (365, 5, ["Apr", "Jul", "Oct", "2027"]),
        (365 * 9, 9, ["2028", "2030", "2032", "2034"]),
        (365 * 60, 5, ["2040", "2060", "2080"]),
    ],
)
def test_the_time_axis_has_round_moments(days, most, words):
    marks = time_marks(START, START + dt.timedelta(days=days), most=most)

    assert [text for _at, text in marks] == words


def test_a_steady_sparkline_runs_through_the_middle():
    path, last = spark_path([Decimal(64)] * 4)

    assert set(path[1:].split()[1::2]) == {"14.0"}
    assert last.x == "84.0"


def test_a_sparkline_of_one_number_is_its_dot():
    path, last = spark_path([Decimal(64)])

    assert path == f"M{last.x} {last.y}"

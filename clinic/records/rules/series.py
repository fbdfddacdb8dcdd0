"""A series of numbers over time: its means by period, its direction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Step(StrEnum):
    """What one point of a chart stands for."""

    READING = "reading"
    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Point:
    """The numbers of one reading, or their mean over a period; `at` is local and naive."""

    at: dt.datetime
    numbers: tuple[Decimal, ...]
    count: int = 1


_STARTS: dict[Step, Callable[[dt.datetime], dt.datetime]] = {
    Step.DAY: lambda at: dt.datetime(at.year, at.month, at.day),  # noqa: DTZ001
    Step.MONTH: lambda at: dt.datetime(at.year, at.month, 1),  # noqa: DTZ001
    Step.QUARTER: lambda at: dt.datetime(at.year, at.month - (at.month - 1) % 3, 1),  # noqa: DTZ001
    Step.YEAR: lambda at: dt.datetime(at.year, 1, 1),  # noqa: DTZ001
}


def thinned(*, points: Sequence[Point], most: int) -> tuple[Step, list[Point]]:
    """Return the points, or their means over the shortest period that leaves at most `most`."""
    if len(points) <= most:
        return Step.READING, list(points)
    for step in _STARTS:
        means = means_by(points=points, step=step)
        if len(means) <= most:
            break
    return step, means


def means_by(*, points: Sequence[Point], step: Step) -> list[Point]:
    """Return one point for each period that has any: the mean, in the middle of its readings."""
    periods: dict[dt.datetime, list[Point]] = {}
    for point in points:
        periods.setdefault(_STARTS[step](point.at), []).append(point)
    return [_mean(start, group, step) for start, group in periods.items()]


def _mean(start: dt.datetime, group: Sequence[Point], step: Step) -> Point:
    columns = zip(*(point.numbers for point in group), strict=True)
    numbers = tuple(sum(column, Decimal(0)) / len(group) for column in columns)
    first, last = group[0].at, group[-1].at
    middle = first + (last - first) / 2
    return Point(start if step is Step.DAY else middle, numbers, len(group))


class Trend(StrEnum):
    RISING = "rising"
    FALLING = "falling"
    STEADY = "steady"


def trend_of(*, points: Sequence[Point]) -> Trend | None:
    """Return the direction of the first number: the mean of the newer half against the older.

    Less than a fiftieth counts as steady. None with fewer than three points.
    """
    if len(points) < 3:
        return None
    firsts = [point.numbers[0] for point in points]
    half = len(firsts) // 2
    older = sum(firsts[:half], Decimal(0)) / half
    newer = sum(firsts[-half:], Decimal(0)) / half
    if abs(newer - older) <= abs(older) / 50:
        return Trend.STEADY
    return Trend.RISING if newer > older else Trend.FALLING

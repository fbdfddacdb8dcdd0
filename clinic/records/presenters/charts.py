"""The geometry of a chart, as texts that an SVG takes: pure functions of points and spans.

Numbers are already in the reader's units; `at` is local. Every coordinate is a text, because a
template would write a decimal comma in some languages.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils import formats

from clinic.records.rules.series import Point

Limits = tuple[Decimal | None, Decimal | None]


@dataclass(frozen=True, slots=True)
class Canvas:
    """The size of a drawing, its margins, and how much fits on it."""

    width: int
    height: int
    left: int = 44
    right: int = 48
    top: int = 20
    bottom: int = 36
    most_points: int = 48
    most_times: int = 9


WIDE = Canvas(920, 320)
NARROW = Canvas(340, 250, left=36, right=40, most_points=24, most_times=5)
MOST_HEIGHTS = 7


@dataclass(frozen=True, slots=True)
class Mark:
    x: str
    y: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Band:
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Curve:
    """One line: its path, its dots (the last one apart) and the words of the last value."""

    path: str
    dots: Sequence[Mark]
    last: Mark
    value: Mark
    band: Band | None


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything one SVG draws."""

    width: int
    height: int
    left: str
    right: str
    heights: Sequence[Mark]
    times: Sequence[Mark]
    curves: Sequence[Curve]


def draw(
    *,
    points: Sequence[Point],
    limits: Sequence[Limits],
    canvas: Canvas,
    say: Callable[[Decimal], str],
) -> Drawing:
    """Return the drawing of at least one point; `limits` is the range of each number."""
    scale_y = _Scale(_extent(points, limits), canvas.height - canvas.bottom, canvas.top)
    scale_x = _Scale(_days(points), canvas.left, canvas.width - canvas.right)
    curves = [
        _curve(points, index, limits[index], (scale_x, scale_y), canvas, say)
        for index in range(len(points[0].numbers))
    ]
    return Drawing(
        width=canvas.width,
        height=canvas.height,
        left=_text(canvas.left),
        right=_text(canvas.width - canvas.right),
        heights=[
            Mark(_text(canvas.left - 8), _text(scale_y(value)), say(Decimal(str(value))))
            for value in nice_values(scale_y.low, scale_y.high, most=MOST_HEIGHTS)
        ],
        times=[
            Mark(_text(scale_x(_ordinal(at))), _text(canvas.height - 10), text)
            for at, text in time_marks(points[0].at, points[-1].at, most=canvas.most_times)
        ],
        curves=_apart(curves),
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    """A straight line from values to pixels."""

    span: tuple[float, float]
    start: float
    end: float

    @property
    def low(self) -> float:
        return self.span[0]

    @property
    def high(self) -> float:
        return self.span[1]

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def kept(self, value: float) -> float:
        """Return the pixel of a value, or of the nearer end where it lies outside."""
        return self(min(max(value, self.low), self.high))


def _curve(
    points: Sequence[Point],
    index: int,
    limits: Limits,
    scales: tuple[_Scale, _Scale],
    canvas: Canvas,
    say: Callable[[Decimal], str],
) -> Curve:
    scale_x, scale_y = scales
    marks = [
        Mark(_text(scale_x(_ordinal(p.at))), _text(scale_y(float(p.numbers[index]))))
        for p in points
    ]
    value = Mark(
        _text(float(marks[-1].x) + 10),
        _text(float(marks[-1].y) + 4),
        say(points[-1].numbers[index]),
    )
    path = "M" + " ".join(f"{mark.x} {mark.y}" for mark in marks)
    return Curve(path, marks[:-1], marks[-1], value, _band(limits, scale_y, canvas))


def _band(limits: Limits, scale: _Scale, canvas: Canvas) -> Band | None:
    low, high = limits
    if low is None and high is None:
        return None
    top = scale.kept(scale.high if high is None else float(high))
    bottom = scale.kept(scale.low if low is None else float(low))
    if bottom - top < 1:
        return None
    width = canvas.width - canvas.left - canvas.right
    return Band(_text(canvas.left), _text(top), _text(width), _text(bottom - top))


LEAST_APART = 15


def _apart(curves: list[Curve]) -> list[Curve]:
    """Move the words of two last values off each other."""
    if len(curves) < 2:
        return curves
    upper, lower = (float(curve.value.y) for curve in curves[:2])
    overlap = LEAST_APART - (lower - upper)
    if overlap <= 0:
        return curves
    return [
        _moved(curves[0], upper - overlap / 2),
        _moved(curves[1], lower + overlap / 2),
        *curves[2:],
    ]


def _moved(curve: Curve, y: float) -> Curve:
    value = Mark(curve.value.x, _text(y), curve.value.text)
    return Curve(curve.path, curve.dots, curve.last, value, curve.band)


def _extent(points: Sequence[Point], limits: Sequence[Limits]) -> tuple[float, float]:
    """Return what the vertical axis spans: the data, and the ends of ranges that lie near."""
    numbers = [float(number) for point in points for number in point.numbers]
    low, high = min(numbers), max(numbers)
    reach = max(high - low, abs(high) * 0.1, 1e-6)
    for edge in (float(edge) for pair in limits for edge in pair if edge is not None):
        if low - reach <= edge <= high + reach:
            low, high = min(low, edge), max(high, edge)
    spare = max((high - low) * 0.08, abs(high) * 0.01, 0.05)
    return low - spare, high + spare


def _days(points: Sequence[Point]) -> tuple[float, float]:
    first, last = _ordinal(points[0].at), _ordinal(points[-1].at)
    return (first, last) if last > first else (first - 1, first + 1)


def _ordinal(at: dt.datetime) -> float:
    """Return days since year 1, parts of a day included."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return at.toordinal() + (at - midnight).total_seconds() / 86_400


def nice_values(low: float, high: float, *, most: int) -> list[float]:
    """Return round values inside `[low, high]`: steps of 1, 2 or 5 times a power of ten."""
    raw = (high - low) / most
    power = 10 ** math.floor(math.log10(raw))
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= raw * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(n * step, 6) for n in range(first, last + 1)]


_HOURS = (1, 2, 3, 6, 12)
_DAYS = (1, 2, 3, 7, 14)
_MONTHS = (1, 2, 3, 6)
_YEARS = (1, 2, 5, 10, 20, 50)


def time_marks(
    first: dt.datetime, last: dt.datetime, *, most: int
) -> list[tuple[dt.datetime, str]]:
    """Return at most `most` round moments from first to last, with what the axis says there."""
    if first.date() == last.date():
        marks = _of_hours(first, last, most)
    elif (last - first).days <= 14 * most and (last - first).days < 62:
        marks = _of_days(first, last, most)
    elif (last - first).days <= 366 * 2:
        marks = _of_months(first, last, most)
    else:
        marks = _of_years(first, last, most)
    return marks or [(first, formats.date_format(first.date(), "SHORT_DATE_FORMAT"))]


def _fitting(steps: Sequence[int], count: float, most: int) -> int:
    return next((step for step in steps if count / step <= most - 1), steps[-1])


def _of_hours(first: dt.datetime, last: dt.datetime, most: int) -> list[tuple[dt.datetime, str]]:
    step = _fitting(_HOURS, (last - first).total_seconds() / 3600, most)
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    moments = (midnight + dt.timedelta(hours=hour) for hour in range(0, 24, step))
    return [(at, f"{at:%H:%M}") for at in moments if first <= at <= last]


def _of_days(first: dt.datetime, last: dt.datetime, most: int) -> list[tuple[dt.datetime, str]]:
    step = _fitting(_DAYS, (last - first).days, most)
    start = first.replace(hour=0, minute=0, second=0, microsecond=0)
    moments = (start + dt.timedelta(days=n) for n in range(0, (last - start).days + 1, step))
    return [(max(at, first), formats.date_format(at, "j M")) for at in moments if at <= last]


def _of_months(first: dt.datetime, last: dt.datetime, most: int) -> list[tuple[dt.datetime, str]]:
    begin, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    step = _fitting(_MONTHS, end - begin, most)
    months = (
        dt.datetime(month // 12, month % 12 + 1, 1)  # noqa: DTZ001
        for month in range(begin, end + 1)
        if month % step == 0
    )
    return [
        (at, str(at.year) if at.month == 1 else formats.date_format(at, "M"))
        for at in months
        if first <= at <= last
    ]


def _of_years(first: dt.datetime, last: dt.datetime, most: int) -> list[tuple[dt.datetime, str]]:
    step = _fitting(_YEARS, last.year - first.year, most)
    years = (
        dt.datetime(year, 1, 1)  # noqa: DTZ001
        for year in range(first.year, last.year + 1)
        if year % step == 0
    )
    return [(at, str(at.year)) for at in years if first <= at <= last]


# A sparkline is the same in 88 by 28 units, without words.
SPARK_WIDTH, SPARK_HEIGHT, SPARK_EDGE = 88, 28, 4


def spark_path(numbers: Sequence[Decimal]) -> tuple[str, Mark]:
    """Return the path of a small line and its last dot; numbers stand at equal distances."""
    values = [float(number) for number in numbers]
    low, high = min(values), max(values)
    # A steady line stays in the middle, and noise of a fiftieth does not fill the height.
    reach = max(high - low, abs(high) / 10, 1e-6)
    middle = (low + high) / 2
    scale = _Scale((middle - reach / 2, middle + reach / 2), SPARK_HEIGHT - SPARK_EDGE, SPARK_EDGE)
    wide = SPARK_WIDTH - 2 * SPARK_EDGE
    steps = max(len(values) - 1, 1)
    marks = [
        Mark(_text(SPARK_EDGE + wide * (n / steps if len(values) > 1 else 1)), _text(scale(v)))
        for n, v in enumerate(values)
    ]
    return "M" + " ".join(f"{mark.x} {mark.y}" for mark in marks), marks[-1]


def _text(pixels: float) -> str:
    return f"{pixels:.1f}"

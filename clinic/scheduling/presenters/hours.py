"""Display-ready values of the hours page: the week as patients will see it, and its counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.lib import times
from clinic.scheduling.models import Appointment
from clinic.scheduling.services.schedule import WeeklyWindow

ROW_MINUTES = 5
HEAD_ROWS = 4


@dataclass(frozen=True, slots=True)
class Block:
    column: int
    row: int
    rows: int
    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class Week:
    """The preview: blocks on a grid of five minutes, and the same in words."""

    columns: Sequence[tuple[int, str]]
    hours: Sequence[tuple[int, str]]
    blocks: Sequence[Block]
    visits: int
    words: str


def present_week_hours(
    *, windows: Iterable[WeeklyWindow], visit_minutes: int, stranded: Sequence[Appointment] = ()
) -> Week:
    """Turn weekly windows, and the visits they would strand, into the preview."""
    rows = sorted(windows, key=lambda window: (window.weekday, window.starts))
    days = range(1, 8) if any(window.weekday > 5 for window in rows) else range(1, 6)
    first = min([window.starts.hour for window in rows], default=8)
    local = [times.to_local(visit.starts_at, visit.time_zone) for visit in stranded]
    first = min([first, *(at.hour for at in local)])
    ends = [_end_minutes(window) for window in rows]
    last = max([*(-(-end // 60) for end in ends), *(at.hour + 1 for at in local), first + 4])

    def row(minutes: int) -> int:
        return HEAD_ROWS + (minutes - first * 60) // ROW_MINUTES

    blocks, visits, words = [], 0, []
    for window in rows:
        start, end = _minutes(window.starts), _end_minutes(window)
        fit = (end - start) // visit_minutes
        visits += fit
        label = ngettext("%(count)d visit", "%(count)d visits", fit) % {"count": fit}
        video = window.modalities == ("video",)
        blocks.append(
            Block(window.weekday, row(start), (end - start) // ROW_MINUTES, _kind(video), label)
        )
        words.append(
            _("%(day)s %(start)s to %(end)s")
            % {
                "day": times.weekday_name(window.weekday),
                "start": f"{window.starts:%H:%M}",
                "end": f"{window.ends:%H:%M}",
            }
        )
    for visit, at in zip(stranded, local, strict=True):
        length = int((visit.ends_at - visit.starts_at).total_seconds() // 60)
        blocks.append(
            Block(
                at.isoweekday(),
                row(at.hour * 60 + at.minute),
                max(3, length // ROW_MINUTES),
                "clash",
                f"{at:%H:%M}",
            )
        )
    return Week(
        columns=[(day, times.weekday_name(day)[:3]) for day in days],
        hours=[(row(hour * 60), str(hour)) for hour in range(first, last + 1)],
        blocks=[block for block in blocks if block.row <= 288],
        visits=visits,
        words=". ".join(words) or _("No hours"),
    )


def _kind(video: bool) -> str:
    return "video" if video else ""


def _minutes(time: dt.time) -> int:
    return time.hour * 60 + time.minute


def _end_minutes(window: WeeklyWindow) -> int:
    """Return minutes since the window's midnight; past 24 h when it runs into the next day."""
    end = _minutes(window.ends)
    return end if window.ends > window.starts else end + 24 * 60

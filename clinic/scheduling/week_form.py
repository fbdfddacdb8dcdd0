"""The weekly hours as a form: any number of ranges a day, kept as typed until they are right."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.translation import gettext as _

from clinic.lib import times
from clinic.scheduling.models import WorkingHours
from clinic.scheduling.services.schedule import WeeklyWindow, WindowsOverlap, check_windows

WEEKDAYS = range(1, 8)
MOST_RANGES = 6


@dataclass(slots=True)
class Range:
    """One range as typed. `key` names its inputs."""

    starts: str = ""
    ends: str = ""
    site: str = ""
    visit_type: str = ""
    modality: str = ""
    room: str = ""
    error: str = ""
    rooms: Sequence[tuple[str, str]] = ()  # of its site, to choose from

    @property
    def is_empty(self) -> bool:
        return not self.starts.strip() and not self.ends.strip()


@dataclass(slots=True)
class Day:
    weekday: int
    name: str
    ranges: list[Range] = field(default_factory=list)
    error: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a range may name: labels by id, and the rooms of each site."""

    sites: Mapping[str, str]
    visit_types: Mapping[str, str]
    rooms: Mapping[str, Sequence[tuple[str, str]]]


class WeekForm:
    """Seven days of ranges, from the stored hours or from what was posted."""

    def __init__(self, days: Sequence[Day], *, choices: Choices) -> None:
        self.days, self.choices = days, choices
        for day in days:
            for one in day.ranges:
                one.rooms = choices.rooms.get(one.site, ())
        self.windows: list[WeeklyWindow] = []

    @classmethod
    def stored(cls, hours: Iterable[WorkingHours], *, choices: Choices) -> WeekForm:
        """Return the form that shows the hours as they stand."""
        days = _empty_week()
        for row in hours:
            days[row.weekday - 1].ranges.append(
                Range(
                    starts=f"{row.starts:%H:%M}",
                    ends=f"{row.ends:%H:%M}",
                    site=str(row.site_id),
                    visit_type=str(row.visit_type_id or ""),
                    modality=row.modalities[0] if len(row.modalities) == 1 else "",
                    room=str(row.room_id or ""),
                )
            )
        for day in days:
            day.ranges.sort(key=lambda one: one.starts)
        return cls(days, choices=choices)

    @classmethod
    def posted(cls, data: QueryDict, *, choices: Choices) -> WeekForm:
        """Return the form as it was sent, buttons "add" and "remove" carried out."""
        days = _empty_week()
        for day in days:
            columns = [
                data.getlist(f"{name}-{day.weekday}")[:MOST_RANGES]
                for name in ("starts", "ends", "site", "type", "mode", "room")
            ]
            longest = max(map(len, columns))
            for column in columns:
                column += [""] * (longest - len(column))
            day.ranges = [Range(*values) for values in zip(*columns, strict=True)]
            weekday, _dash, index = str(data.get("remove", "")).partition("-")
            place = int(index[:3]) if index[:3].isdecimal() else MOST_RANGES
            if weekday == str(day.weekday) and place < len(day.ranges):
                del day.ranges[place]
            if data.get("add") == str(day.weekday) and len(day.ranges) < MOST_RANGES:
                day.ranges.append(_following(day.ranges, choices.sites))
        return cls(days, choices=choices)

    def is_valid(self) -> bool:
        """Parse every range; what is wrong is said at the range or its day."""
        windows: list[WeeklyWindow] = []
        for day in self.days:
            for one in day.ranges:
                if one.is_empty:
                    continue
                window = self._parse(day.weekday, one)
                if window is not None:
                    windows.append(window)
        wrong = any(one.error for day in self.days for one in day.ranges)
        try:
            check_windows(windows)
        except WindowsOverlap as overlap:
            self.days[overlap.weekday - 1].error = _("Two ranges of this day overlap.")
            wrong = True
        self.windows = windows
        return not wrong

    def _parse(self, weekday: int, one: Range) -> WeeklyWindow | None:
        starts, ends = _time(one.starts), _time(one.ends)
        if starts is None or ends is None:
            one.error = _("Write times like 08:20.")
        elif starts == ends:
            one.error = _("It ends when it begins.")
        elif one.site not in self.choices.sites:
            one.error = _("Choose a site.")
        elif one.visit_type and one.visit_type not in self.choices.visit_types:
            one.error = _("Choose a kind of visit you offer.")
        elif one.modality not in ("", "in-person", "phone", "video"):
            one.error = _("Choose how you meet.")
        else:
            return WeeklyWindow(
                weekday=weekday,
                starts=starts,
                ends=ends,
                site_id=uuid.UUID(one.site),
                # A room of another site is none: the site was changed after the room was set.
                room_id=uuid.UUID(one.room) if one.room in dict(one.rooms) else None,
                visit_type_id=uuid.UUID(one.visit_type) if one.visit_type else None,
                modalities=(one.modality,) if one.modality else (),
            )
        return None


def _empty_week() -> list[Day]:
    return [Day(weekday, times.weekday_name(weekday)) for weekday in WEEKDAYS]


def _time(text: str) -> dt.time | None:
    try:
        parsed = dt.time.fromisoformat(text.strip().replace(".", ":"))
    except ValueError:
        return None
    return parsed if parsed.tzinfo is None and not (parsed.second or parsed.microsecond) else None


def _following(ranges: Sequence[Range], sites: Mapping[str, str]) -> Range:
    """Return a new range after the last one of the day, at the same site."""
    if not ranges:
        return Range(starts="09:00", ends="12:00", site=next(iter(sites), ""))
    last = ranges[-1]
    return Range(starts="", ends="", site=last.site)

"""Builders for questions to the availability engine: one doctor, one site, times in plain words."""

import datetime as dt
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from clinic.lib import times
from clinic.scheduling import availability
from clinic.scheduling.availability import Block, Busy, DateWindow, Parameters, Rules, Weekly

BERLIN = "Europe/Berlin"

DOCTOR = UUID(int=1)
COLLEAGUE = UUID(int=2)
SITE = UUID(int=11)
BRANCH = UUID(int=12)
ROOM = UUID(int=21)
CHECKUP = UUID(int=31)
SURGERY = UUID(int=32)
VISIT = UUID(int=41)

LONG_AGO = dt.date(1990, 1, 1)


def moment(date: str, time: str, tz: str = BERLIN) -> int:
    """Return epoch seconds of a wall time."""
    day, clock = dt.date.fromisoformat(date), dt.time.fromisoformat(time)
    return times.seconds(times.to_instant(day, clock, tz))


def weekly(date: str, starts: str, ends: str, tz: str = BERLIN, **changes: Any) -> Weekly:
    """Return a weekly window on the weekday of a date, valid on that date only unless told."""
    day = dt.date.fromisoformat(date)
    fields = {
        "practitioner_id": DOCTOR,
        "site_id": SITE,
        "time_zone": tz,
        "weekday": day.isoweekday(),
        "starts": dt.time.fromisoformat(starts),
        "ends": dt.time.fromisoformat(ends),
        "valid_from": day,
        "valid_to": day,
    }
    return Weekly(**(fields | changes))


def dated(date: str, kind: Any, starts: str = "", ends: str = "", **changes: Any) -> DateWindow:
    """Return a window of one date; without times it closes the day."""
    fields = {
        "practitioner_id": DOCTOR,
        "site_id": SITE,
        "time_zone": BERLIN,
        "date": dt.date.fromisoformat(date),
        "kind": kind,
        "starts": dt.time.fromisoformat(starts) if starts else None,
        "ends": dt.time.fromisoformat(ends) if ends else None,
    }
    return DateWindow(**(fields | changes))


def block(date: str, starts: str, ends: str, kind: Any = "absence", **changes: Any) -> Block:
    return Block(starts_at=moment(date, starts), ends_at=moment(date, ends), kind=kind, **changes)


def busy(date: str, starts: str, ends: str, **changes: Any) -> Busy:
    return Busy(DOCTOR, moment(date, starts), moment(date, ends))._replace(**changes)


def minutes(duration: int = 30, **changes: Any) -> Parameters:
    """Return parameters with a duration."""
    return availability.resolve_parameters({"duration_minutes": duration} | changes)


def question(
    *,
    rules: Iterable[Weekly | DateWindow | Block] = (),
    date: str,
    days: int = 1,
    tz: str = BERLIN,
    **changes: Any,
) -> dict[str, Any]:
    """Return the keywords of the engine for whole local days, asked by staff unless told."""
    rows = list(rules)
    day = dt.date.fromisoformat(date)
    fields = {
        "rules": Rules(
            weekly=[row for row in rows if isinstance(row, Weekly)],
            windows=[row for row in rows if isinstance(row, DateWindow)],
            blocks=[row for row in rows if isinstance(row, Block)],
        ),
        "busy": [],
        "parameters": minutes(),
        "practitioner_id": DOCTOR,
        "visit_type_id": CHECKUP,
        "start": times.day_seconds(day, tz)[0],
        "end": times.day_seconds(day + dt.timedelta(days=days), tz)[0],
        "now": 0,
        "for_patient": False,
    }
    return fields | changes


def without_span(asked: dict[str, Any]) -> dict[str, Any]:
    """Return the keywords that `check_start` takes."""
    return {name: value for name, value in asked.items() if name not in ("start", "end")}


def free(asked: dict[str, Any], tz: str = BERLIN, pattern: str = "%H:%M") -> list[str]:
    """Return the local times of the free starts."""
    return [
        times.to_local(times.from_seconds(start.starts_at), tz).strftime(pattern)
        for start in availability.starts(**asked)
        if start.refusal is None
    ]


def refused(asked: dict[str, Any], tz: str = BERLIN) -> dict[str, str]:
    """Return the local times of the refused starts, with the reason code."""
    return {
        times.to_local(times.from_seconds(start.starts_at), tz).strftime("%H:%M"): start.refusal
        for start in availability.starts(**asked)
        if start.refusal is not None
    }

"""Today's doses and the strip of the last weeks, ready to be shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.lib import times
from clinic.records.choices import DoseStatus
from clinic.records.models import DoseEvent
from clinic.records.permissions import RecordAccess
from clinic.records.presenters.dosage import dose_words
from clinic.records.rules.adherence import Adherence, DayState, DoseDay
from clinic.records.selectors.doses import AsNeeded, Dose, TodaysDoses


@dataclass(frozen=True, slots=True)
class DoseLine:
    """One dose. `state` is open, taken or skipped; `due` is what its buttons send."""

    dom_id: str
    statement_id: str
    due: int
    name: str
    amount: str
    clock: str
    state: str
    told: str
    is_past: bool


@dataclass(frozen=True, slots=True)
class DoseGroup:
    """The doses of one time of the day."""

    clock: str
    doses: Sequence[DoseLine]


@dataclass(frozen=True, slots=True)
class NeededLine:
    """A medicine for when it is needed; `last` is the dose that can be taken back."""

    dom_id: str
    statement_id: str
    name: str
    told: str
    last: int | None
    is_most: bool


@dataclass(frozen=True, slots=True)
class StripDay:
    """One day of the strip in words, and how its bar looks."""

    label: str
    told: str
    state: str


@dataclass(frozen=True, slots=True)
class Strip:
    """The last four weeks: said in a sentence, drawn, and as a table."""

    told: str
    percent: int | None
    days: Sequence[StripDay]
    first: str
    last: str

    @property
    def is_begun(self) -> bool:
        return self.percent is not None


@dataclass(frozen=True, slots=True)
class TodayCard:
    """Everything that `records/medications/_today.html` shows."""

    patient_id: str
    date: str
    groups: Sequence[DoseGroup]
    late: Sequence[DoseLine]
    needed: Sequence[NeededLine]
    taken: int
    total: int
    told: str
    ring: str
    strip: Strip
    may_mark: bool

    def __bool__(self) -> bool:
        return bool(self.groups or self.late or self.needed)


def present_today(today: TodaysDoses, *, access: RecordAccess, now: dt.datetime) -> TodayCard:
    """Turn the doses of a day into the card that page and home show."""
    lines = [_line(dose, today.zone, now) for dose in today.doses]
    done = sum(line.state != "open" for line in lines)
    taken = sum(line.state == "taken" for line in lines)
    share = round(100 * done / len(lines)) if lines else 0
    told = _("%(taken)s of %(total)s taken") % {"taken": taken, "total": len(lines)}
    return TodayCard(
        patient_id=str(access.patient_id),
        date=times.format_date(today.date),
        groups=[
            DoseGroup(clock, list(doses))
            for clock, doses in groupby(lines, key=lambda line: line.clock)
        ],
        late=[_line(dose, today.zone, now) for dose in today.late],
        needed=[_needed(one, today.zone) for one in today.as_needed],
        taken=taken,
        total=len(lines),
        told=told,
        ring=f"{share} 100",
        strip=present_strip(today.strip),
        may_mark=access.is_patient_side and access.may_write,
    )


def present_strip(strip: Adherence) -> Strip:
    """Return the strip with its words."""
    counts = {"taken": strip.taken, "due": strip.due}
    told = _("%(taken)s of %(due)s doses taken in four weeks") % counts
    if strip.skipped:
        told += ", " + ngettext("%(n)s skipped", "%(n)s skipped", strip.skipped) % {
            "n": strip.skipped
        }
    return Strip(
        told=told,
        percent=strip.percent,
        days=[_strip_day(day) for day in strip.days],
        first=times.format_date(strip.days[0].date) if strip.days else "",
        last=_("Today"),
    )


def _line(dose: Dose, zone: str, now: dt.datetime) -> DoseLine:
    due = times.seconds(dose.due_at)
    return DoseLine(
        dom_id=f"dose-{dose.statement.pk.hex}-{due}",
        statement_id=str(dose.statement.pk),
        due=due,
        name=dose.statement.label,
        amount=dose_words(dose.dosage.amount, dose.dosage.unit),
        clock=times.format_clock(times.to_local(dose.due_at, zone)),
        state=_state(dose.event),
        told=_told(dose.event, zone),
        is_past=dose.due_at <= now,
    )


def _state(event: DoseEvent | None) -> str:
    if event is None:
        return "open"
    return "taken" if event.status == DoseStatus.TAKEN else "skipped"


def _told(event: DoseEvent | None, zone: str) -> str:
    if event is None:
        return ""
    if event.status != DoseStatus.TAKEN:
        return _("Skipped")
    clock = times.format_clock(times.to_local(event.recorded_at, zone))
    return _("Taken, ticked at %(time)s") % {"time": clock}


def _needed(one: AsNeeded, zone: str) -> NeededLine:
    count, most = len(one.taken), one.dosage.max_per_day
    return NeededLine(
        dom_id=f"needed-{one.statement.pk.hex}",
        statement_id=str(one.statement.pk),
        name=one.statement.label,
        told=_needed_told(one.taken, most, zone),
        last=times.seconds(one.taken[-1].due_at) if one.taken else None,
        is_most=most is not None and count >= most,
    )


def _needed_told(taken: Sequence[DoseEvent], most: int | None, zone: str) -> str:
    if not taken:
        if most is None:
            return _("None today")
        return _("None today, at most %(most)s") % {"most": most}
    clock = times.format_clock(times.to_local(taken[-1].due_at, zone))
    words = {"count": len(taken), "most": most, "time": clock}
    if most is None:
        return _("%(count)s today, last at %(time)s") % words
    return _("%(count)s of at most %(most)s today, last at %(time)s") % words


def _strip_day(day: DoseDay) -> StripDay:
    return StripDay(times.format_date(day.date), _day_told(day), str(day.state))


def _day_told(day: DoseDay) -> str:
    if day.state == DayState.UNTRACKED:
        return _("Not ticked yet")
    if day.state == DayState.FREE:
        return _("Nothing due")
    told = _("%(taken)s of %(due)s taken") % {"taken": day.taken, "due": day.due}
    if day.skipped:
        told += ", " + _("%(n)s skipped") % {"n": day.skipped}
    return told

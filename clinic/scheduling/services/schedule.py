"""Editing when a doctor works: weekly hours, date windows, absences, closures (A1, A9).

Every change takes the schedule alone, so "block this afternoon" and a booking cannot cross (B8),
and never touches a booked visit silently: visits that a change would strand are listed and each
needs a decision before it is saved.
"""

from __future__ import annotations

import datetime as dt
import inspect
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction

from clinic.audit import services as audit
from clinic.lib import times
from clinic.people.viewer import Viewer
from clinic.scheduling import permissions
from clinic.scheduling.choices import CancellationReason, WindowKind
from clinic.scheduling.models import (
    Absence,
    Appointment,
    Closure,
    DateWindow,
    Site,
    WorkingHours,
)
from clinic.scheduling.selectors import stranded
from clinic.scheduling.services import days
from clinic.scheduling.services.appointments import cancel_within
from clinic.scheduling.services.locks import in_one_transaction, lock_schedules

KEEP, CANCEL = "keep", "cancel"


@dataclass(frozen=True, slots=True)
class WeeklyWindow:
    """One window of a doctor's week as edited: ISO weekday and local wall times of the site."""

    weekday: int
    starts: dt.time
    ends: dt.time
    site_id: uuid.UUID
    room_id: uuid.UUID | None = None
    visit_type_id: uuid.UUID | None = None
    modalities: tuple[str, ...] = ()


class VisitsStranded(Exception):
    """Booked visits lie outside the new hours and nobody has decided what becomes of them (A9)."""

    def __init__(self, appointments: Sequence[Appointment]) -> None:
        super().__init__(len(appointments))
        self.appointments = appointments


class WindowsOverlap(Exception):
    """Two windows of one weekday overlap; `weekday` says which."""

    def __init__(self, weekday: int) -> None:
        super().__init__(weekday)
        self.weekday = weekday


Decisions = Mapping[uuid.UUID, str]


def check_windows(windows: Collection[WeeklyWindow]) -> None:
    """Raise WindowsOverlap where two windows of a day share time. Midnight as an end is the
    next one.
    """
    by_day: dict[int, list[WeeklyWindow]] = {}
    for window in windows:
        by_day.setdefault(window.weekday, []).append(window)
    for weekday, of_day in by_day.items():
        ordered = sorted(of_day, key=lambda window: window.starts)
        for one, following in zip(ordered, ordered[1:], strict=False):
            if one.ends > following.starts or one.ends <= one.starts:
                raise WindowsOverlap(weekday)


@in_one_transaction
def publish_week(
    *,
    practitioner_id: uuid.UUID,
    windows: Collection[WeeklyWindow],
    valid_from: dt.date,
    decisions: Decisions,
    by: Viewer,
    now: dt.datetime,
) -> None:
    """Let these weekly hours stand from a date on; what stood before ends the day before.

    Raises VisitsStranded unless each visit outside the new hours is decided: `keep` or `cancel`.
    """
    permissions.check_can_edit_schedule(by, practitioner_id)
    check_windows(windows)
    lock_schedules([practitioner_id])
    with _settled([practitioner_id], decisions, by=by, now=now):
        current = WorkingHours.objects.filter(practitioner_id=practitioner_id)
        current.filter(valid_from__gte=valid_from).delete()
        current.filter(valid_from__lt=valid_from).exclude(valid_to__lt=valid_from).update(
            valid_to=valid_from - dt.timedelta(days=1)
        )
        WorkingHours.objects.bulk_create(
            WorkingHours(
                practitioner_id=practitioner_id,
                site_id=window.site_id,
                room_id=window.room_id,
                weekday=window.weekday,
                starts=window.starts,
                ends=window.ends,
                valid_from=valid_from,
                visit_type_id=window.visit_type_id,
                modalities=list(window.modalities),
            )
            for window in windows
        )
    _record("schedule.week", practitioner_id, [practitioner_id], by=by, now=now)


@in_one_transaction
def add_absence(
    *,
    practitioner_id: uuid.UUID,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    decisions: Decisions,
    by: Viewer,
    now: dt.datetime,
    visit_type_id: uuid.UUID | None = None,
    public_reason: str = "",
) -> Absence:
    """Block `[starts_at, ends_at)`; without a visit type everything, with one only that (A2, A10).

    Raises VisitsStranded as `publish_week` does.
    """
    permissions.check_can_edit_schedule(by, practitioner_id)
    lock_schedules([practitioner_id])
    with _settled([practitioner_id], decisions, by=by, now=now):
        absence = Absence.objects.create(
            practitioner_id=practitioner_id,
            starts_at=starts_at,
            ends_at=ends_at,
            visit_type_id=visit_type_id,
            public_reason=public_reason,
            created_by_id=by.user_id,
            created_at=now,
        )
    _record("schedule.absence", absence.pk, [practitioner_id], by=by, now=now)
    return absence


@in_one_transaction
def remove_absence(*, absence_id: uuid.UUID, by: Viewer, now: dt.datetime) -> uuid.UUID:
    """Give the time back and return the practitioner's id. Raises NotAllowed."""
    absence = Absence.objects.filter(pk=absence_id).first()
    if absence is None:
        raise permissions.NotAllowed
    permissions.check_can_edit_schedule(by, absence.practitioner_id)
    lock_schedules([absence.practitioner_id])
    absence.delete()
    _record("schedule.absence-removed", absence_id, [absence.practitioner_id], by=by, now=now)
    return absence.practitioner_id


@in_one_transaction
def set_date_windows(
    *,
    practitioner_id: uuid.UUID,
    date: dt.date,
    kind: WindowKind,
    windows: Collection[WeeklyWindow],
    decisions: Decisions,
    by: Viewer,
    now: dt.datetime,
    site_id: uuid.UUID,
) -> None:
    """Let one date have its own hours: instead of the weekly ones, or in addition (A1).

    `replace` without windows closes the date. Raises VisitsStranded as `publish_week` does.
    """
    permissions.check_can_edit_schedule(by, practitioner_id)
    check_windows(windows)
    lock_schedules([practitioner_id])
    with _settled([practitioner_id], decisions, by=by, now=now):
        DateWindow.objects.filter(practitioner_id=practitioner_id, date=date, kind=kind).delete()
        rows = [
            DateWindow(
                practitioner_id=practitioner_id,
                site_id=window.site_id,
                room_id=window.room_id,
                kind=kind,
                date=date,
                starts=window.starts,
                ends=window.ends,
                visit_type_id=window.visit_type_id,
                modalities=list(window.modalities),
            )
            for window in windows
        ]
        if not rows and kind == WindowKind.REPLACE:
            rows = [
                DateWindow(practitioner_id=practitioner_id, site_id=site_id, kind=kind, date=date)
            ]
        DateWindow.objects.bulk_create(rows)
    _record("schedule.date", practitioner_id, [practitioner_id], by=by, now=now)


@in_one_transaction
def remove_date_windows(
    *,
    practitioner_id: uuid.UUID,
    date: dt.date,
    kind: WindowKind,
    decisions: Decisions,
    by: Viewer,
    now: dt.datetime,
) -> None:
    """Let the weekly hours stand again on that date. Raises VisitsStranded."""
    permissions.check_can_edit_schedule(by, practitioner_id)
    lock_schedules([practitioner_id])
    with _settled([practitioner_id], decisions, by=by, now=now):
        DateWindow.objects.filter(practitioner_id=practitioner_id, date=date, kind=kind).delete()
    _record("schedule.date", practitioner_id, [practitioner_id], by=by, now=now)


@in_one_transaction
def close_site(
    *,
    site_id: uuid.UUID,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    public_reason: str,
    decisions: Decisions,
    by: Viewer,
    now: dt.datetime,
) -> Closure:
    """Close a site for everybody; patients are shown the reason. Raises VisitsStranded."""
    permissions.check_can_close_site(by)
    practitioner_ids = stranded.practitioners_at(site_id=site_id)
    lock_schedules(practitioner_ids)
    with _settled(practitioner_ids, decisions, by=by, now=now):
        closure = Closure.objects.create(
            site_id=site_id,
            starts_at=starts_at,
            ends_at=ends_at,
            public_reason=public_reason,
            created_by_id=by.user_id,
            created_at=now,
        )
    _record("schedule.closure", closure.pk, practitioner_ids, by=by, now=now)
    return closure


@in_one_transaction
def reopen_site(*, closure_id: uuid.UUID, by: Viewer, now: dt.datetime) -> None:
    """Take a closure back. Raises NotAllowed."""
    permissions.check_can_close_site(by)
    closure = Closure.objects.filter(pk=closure_id).first()
    if closure is None:
        raise permissions.NotAllowed
    practitioner_ids = stranded.practitioners_at(site_id=closure.site_id)
    lock_schedules(practitioner_ids)
    closure.delete()
    _record("schedule.closure-removed", closure_id, practitioner_ids, by=by, now=now)


def preview(service: Callable[..., object], **arguments: object) -> Sequence[Appointment]:
    """Return the visits that calling a service of this module would strand; nothing of it is
    kept.
    """
    try:
        _try_out(service=service, arguments=arguments)
    except VisitsStranded as refusal:
        return refusal.appointments
    return ()


@in_one_transaction
def _try_out(*, service: Callable[..., object], arguments: Mapping[str, object]) -> None:
    inspect.unwrap(service)(**arguments, decisions={})
    transaction.set_rollback(True)


def closing_span(*, site: Site, first: dt.date, last: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Return the instants of whole local days at a site, `last` included (T2)."""
    return times.day_bounds(first, site.time_zone)[0], times.day_bounds(last, site.time_zone)[1]


@contextmanager
def _settled(
    practitioner_ids: Collection[uuid.UUID], decisions: Decisions, *, by: Viewer, now: dt.datetime
) -> Iterator[None]:
    """Apply the decisions to the visits that the change strands; refuse while one is undecided.

    Visits that lay outside before the change were decided then and are not asked about again.
    """
    before = {
        visit.pk for visit in stranded.stranded_visits(practitioner_ids=practitioner_ids, now=now)
    }
    yield
    after = stranded.stranded_visits(practitioner_ids=practitioner_ids, now=now)
    outside = [visit for visit in after if visit.pk not in before]
    if any(decisions.get(visit.pk) not in (KEEP, CANCEL) for visit in outside):
        raise VisitsStranded(outside)
    for visit in outside:
        if decisions[visit.pk] == CANCEL:
            cancel_within(visit.pk, by=by, reason=CancellationReason.PRACTITIONER_AWAY, now=now)


def _record(
    action: str,
    object_id: uuid.UUID,
    practitioner_ids: Collection[uuid.UUID],
    *,
    by: Viewer,
    now: dt.datetime,
) -> None:
    audit.record(
        actor_id=by.user_id,
        actor_roles=by.roles,
        action=action,
        object_type="schedule",
        object_id=object_id,
        now=now,
    )
    days.bump_rules(practitioner_ids)

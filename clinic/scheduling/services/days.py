"""Versions of doctor-days and what is announced after commit."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db import connection

from clinic.lib import times
from clinic.lib.announce import announce
from clinic.scheduling import signals
from clinic.scheduling.models import Appointment, Schedule, ScheduleDay

Day = tuple[uuid.UUID, dt.date]

# Sorted by key, so that two transactions that touch the same days wait for each other in one order.
_BUMP_SQL = """
with bumped as (
  insert into scheduling_scheduleday (practitioner_id, date, version)
  select * from unnest(%s::uuid[], %s::date[], %s::bigint[]) order by 1, 2
  on conflict (practitioner_id, date) do update set version = scheduling_scheduleday.version + 1
  returning practitioner_id, date, version
)
select b.practitioner_id, b.date, b.version + coalesce(s.version, 0)
  from bumped b left join scheduling_schedule s using (practitioner_id)
"""


def days_of(*appointments: Appointment) -> list[Day]:
    """Return the doctor-days on which the claims take time, in the calendar of the site (T7).

    One that runs past midnight, or whose buffer does, takes time from the next day as well.
    """
    return [
        (row.practitioner_id, date)
        for row in appointments
        for date in times.dates_touched(row.claim_starts_at, row.claim_ends_at, row.time_zone)
    ]


def bump_days(days: Iterable[Day]) -> None:
    """Raise the versions of the doctor-days and announce them after commit."""
    ordered = sorted(set(days))
    if not ordered:
        return
    practitioner_ids, dates = zip(*ordered, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_BUMP_SQL, [list(practitioner_ids), list(dates), [1] * len(ordered)])
        rows = cursor.fetchall()
    for practitioner_id, date, version in rows:
        announce(
            signals.schedule_day_changed,
            sender=ScheduleDay,
            practitioner_id=practitioner_id,
            date=date,
            version=version,
        )


def bump_rules(practitioner_ids: Iterable[uuid.UUID]) -> None:
    """Raise the version of whole schedules; every day of theirs may look different now."""
    for practitioner_id in sorted(set(practitioner_ids)):
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into scheduling_schedule (practitioner_id, version) values (%s, 1)"
                " on conflict (practitioner_id) do update"
                " set version = scheduling_schedule.version + 1",
                [practitioner_id],
            )
        announce(signals.schedule_rules_changed, sender=Schedule, practitioner_id=practitioner_id)


def announce_change(appointment: Appointment, *, change: str) -> None:
    """Tell after commit that this visit changed: its doctor's day, and its patient."""
    announce(
        signals.appointment_changed,
        sender=Appointment,
        appointment_id=appointment.pk,
        practitioner_id=appointment.practitioner_id,
        patient_id=appointment.patient_id,
        change=change,
        version=appointment.version,
    )
    announce_holder(appointment)


def announce_holder(appointment: Appointment) -> None:
    """Tell the person whose hold or visit this is, in every tab of theirs."""
    announce(
        signals.holder_changed,
        sender=Appointment,
        patient_id=appointment.patient_id,
        hold_token=appointment.hold_token,
    )

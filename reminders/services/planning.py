"""Planning: the rows of a visit's messages, written in the transaction that changes the visit.

Two statements at the most, because bookings wait for them: one takes back what an older version
planned and reads the steps of the visit type, one inserts.
"""

from __future__ import annotations

import datetime as dt

from django.db import connection

from clinic.scheduling.choices import EXIT_STATUSES, AppointmentStatus
from clinic.scheduling.models import Appointment
from reminders import rules
from reminders.choices import ReminderKind
from reminders.models import Reminder
from reminders.options import options

ANSWERS = {
    "booked": ReminderKind.CONFIRMATION,
    "moved": ReminderKind.CHANGE,
    "cancelled": ReminderKind.CANCELLATION,
}
# A visit taken over from elsewhere: its patient knows of it, so there is no confirmation.
IMPORTED = "imported"

_STEPS = "select reminder_steps_minutes from scheduling_visittype where id = %(visit_type)s"
_TAKE_BACK = """
with taken_back as (
  update reminders_reminder set status = 'void', lease_until = null
   where appointment_id = %(appointment)s and appointment_version < %(version)s
     and status in ('planned', 'claimed')
)
"""


def plan_messages(*, appointment: Appointment, change: str, now: dt.datetime) -> None:
    """Plan what a change of the visit calls for and void what older versions planned (N1, N2).

    Must run inside the transaction of the change. A message that is being sent at this moment is
    left alone; whether it was still right is decided by the version it carries.
    """
    leaves = appointment.status in EXIT_STATUSES
    if change not in ANSWERS and change != IMPORTED and not leaves:
        return
    steps = _steps_and_take_back(appointment)
    planned = _plan(appointment, change=change, steps=steps, now=now)
    if not planned or appointment.patient_id is None:
        return
    Reminder.objects.bulk_create(
        [
            Reminder(
                patient_id=appointment.patient_id,
                appointment=appointment,
                appointment_version=appointment.version,
                kind=one.kind,
                step_minutes=one.step_minutes,
                day=appointment.local_date,
                due_at=one.due_at,
                useful_until=one.useful_until,
                created_at=now,
            )
            for one in planned
        ],
        ignore_conflicts=True,
    )


def _plan(
    appointment: Appointment, *, change: str, steps: list[int] | None, now: dt.datetime
) -> list[rules.PlannedStep]:
    kind = ANSWERS.get(change)
    # A request is no visit yet: its patient hears when the clinic has decided.
    waits = appointment.status == AppointmentStatus.PENDING
    if waits or (kind is None and change != IMPORTED):
        return []
    starts_at = appointment.starts_at
    planned = rules.plan_answer(kind=kind, starts_at=starts_at, now=now) if kind else []
    if appointment.status != AppointmentStatus.BOOKED:
        return planned
    chosen = options()
    return planned + rules.plan_reminders(
        starts_at=appointment.starts_at,
        now=now,
        steps_minutes=chosen.steps_minutes if steps is None else steps,
        quiet=chosen.quiet_hours,
        tz=appointment.time_zone,
    )


def _steps_and_take_back(appointment: Appointment) -> list[int] | None:
    """Void rows of older versions and return the visit type's own steps, None for the clinic's."""
    fresh = appointment.version == 1
    with connection.cursor() as cursor:
        cursor.execute(
            _STEPS if fresh else _TAKE_BACK + _STEPS,
            {
                "appointment": appointment.pk,
                "version": appointment.version,
                "visit_type": appointment.visit_type_id,
            },
        )
        row: tuple[list[int] | None] = cursor.fetchone()
    return row[0]

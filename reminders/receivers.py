"""What is heard from scheduling, inside the transaction of the booking."""

from __future__ import annotations

import datetime as dt

from clinic.scheduling.models import Appointment
from reminders.services import planning


def plan_messages(
    sender: type[Appointment],
    *,
    appointment: Appointment,
    change: str,
    now: dt.datetime,
    **_: object,
) -> None:
    """Plan or take back the visit's messages; they exist exactly when the change does."""
    planning.plan_messages(appointment=appointment, change=change, now=now)

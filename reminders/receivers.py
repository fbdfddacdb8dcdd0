"""What is heard from scheduling, inside the transaction of the booking, and from the record, after
the commit.
"""

from __future__ import annotations

import datetime as dt
import uuid

from clinic.scheduling.models import Appointment
from reminders.services import dose_planning, planning

# Changes of a record after which other doses may be due, ticked or wanted.
OF_DOSES = ("medication.", "prescription.", "proposal.", "dose.")


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


def plan_doses(
    sender: type, *, patient_id: uuid.UUID, what: str, at: dt.datetime, **_: object
) -> None:
    """Bring the patient's dose reminders in step; what is lost here, the next sweep plans."""
    if what.startswith(OF_DOSES):
        dose_planning.plan_of_patient(patient_id=patient_id, now=at)

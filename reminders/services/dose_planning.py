"""Planning of dose reminders: a day ahead, in step with what the patient takes.

The rows of the next day exist beforehand; a change of the medicine, of its switch or a tick takes
back what no longer holds and plans what does. Whether a dose is still to be reminded of is asked
once more before it is sent, so nothing depends on a sweep having run in time.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence

from django.db import connection, transaction

from clinic.lib.ids import uuid7
from clinic.records.selectors.reminding import DoseDue, doses_to_remind
from reminders import rules
from reminders.choices import TAKEN_BACK, ReminderKind, ReminderStatus
from reminders.models import Reminder

# Longer than a day, so that one sweep may fail without a gap.
AHEAD = dt.timedelta(hours=26)
MEDICINES_PER_PAGE = 500

# What was taken back comes to life again where the dose is wanted again; what was sent, skipped or
# failed stays what it is.
_PLAN = """
insert into reminders_reminder
  (id, patient_id, statement_id, kind, channel, day, due_at, useful_until, status, fence, attempts,
   message_id, answer_code, skipped_reason, created_at)
values (%s, %s, %s, 'dose', 'email', %s, %s, %s, 'planned', 0, 0, '', '', '', %s)
on conflict (statement_id, due_at, channel) where statement_id is not null
do update set status = 'planned', attempts = 0, lease_until = null
 where reminders_reminder.status = 'void'
"""


def plan_ahead(*, now: dt.datetime) -> None:
    """Plan the doses of the next day for everyone who wants to be reminded, page by page."""
    after: uuid.UUID | None = None
    while True:
        doses, after = doses_to_remind(
            since=now, until=now + AHEAD, after=after, limit=MEDICINES_PER_PAGE
        )
        _plan(doses, now=now)
        if after is None:
            return


def plan_of_patient(*, patient_id: uuid.UUID, now: dt.datetime) -> None:
    """Plan one patient's next day, and take back what is not due, wanted or open any more.

    A dose that is due already is left to the message that may be on its way; it is never planned
    afterwards.
    """
    doses, _ = doses_to_remind(
        since=now - rules.DOSE_USEFUL, until=now + AHEAD, patient_id=patient_id
    )
    with transaction.atomic():
        _take_back(patient_id, keep=doses)
        _plan((dose for dose in doses if dose.due_at > now), now=now)


def _take_back(patient_id: uuid.UUID, *, keep: Sequence[DoseDue]) -> None:
    open_rows = Reminder.objects.filter(
        patient_id=patient_id, kind=ReminderKind.DOSE, status__in=TAKEN_BACK
    )
    wanted = {(dose.statement_id, dose.due_at) for dose in keep}
    gone = [
        row_id
        for row_id, statement_id, due_at in open_rows.values_list("pk", "statement_id", "due_at")
        if (statement_id, due_at) not in wanted
    ]
    if gone:
        open_rows.filter(pk__in=gone).update(status=ReminderStatus.VOID, lease_until=None)


def _plan(doses: Iterable[DoseDue], *, now: dt.datetime) -> None:
    rows = [
        (
            *(uuid7(), dose.patient_id, dose.statement_id, dose.day, dose.due_at),
            *(dose.due_at + rules.DOSE_USEFUL, now),
        )
        for dose in doses
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_PLAN, rows)

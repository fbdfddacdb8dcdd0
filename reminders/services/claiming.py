"""Claiming: which due rows go out in this run, and to whom a row belongs until its lease ends.

A claim is a status, a lease and a fence in the row itself. A worker that dies leaves a lease that
runs out; one that comes back late holds an old fence and finds every one of its updates matching
nothing.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import connection

from reminders.options import options

# Long enough for a full queue to be worked off, short enough that a dead worker's rows go out in
# time.
LEASE = dt.timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to send one row, as long as its fence is the row's."""

    reminder_id: uuid.UUID
    fence: int


# A reminder waits while an earlier visit of the same person, day and step is unfinished, a dose
# while another of the same person and time is: that one's message takes it along (N3). All
# conditions of a claim stand twice because a row may have been claimed between reading and locking;
# PostgreSQL re-checks the ones beside FOR UPDATE.
_CLAIM = """
with due as (
  select r.id, r.due_at,
         row_number() over (partition by r.patient_id order by r.due_at, r.id) as place
    from reminders_reminder r
   where r.status in ('planned', 'claimed', 'sending') and r.due_at <= %(now)s
     and (r.status = 'planned' or r.lease_until <= %(now)s)
     and not exists (
       select 1 from reminders_reminder e
        where r.kind = 'reminder' and e.patient_id = r.patient_id and e.day = r.day
          and e.status in ('planned', 'claimed', 'sending') and e.kind = r.kind
          and e.step_minutes = r.step_minutes and e.channel = r.channel
          and (e.due_at, e.id) < (r.due_at, r.id))
     and not exists (
       select 1 from reminders_reminder e
        where r.kind = 'dose' and e.patient_id = r.patient_id and e.day = r.day
          and e.status in ('planned', 'claimed', 'sending') and e.kind = r.kind
          and e.due_at = r.due_at and e.channel = r.channel and e.id < r.id)
), mine as (
  select r.id from reminders_reminder r
   where r.id in (select id from due where place <= %(per_recipient)s
                   order by due_at, id limit %(cap)s)
     and r.status in ('planned', 'claimed', 'sending')
     and (r.status = 'planned' or r.lease_until <= %(now)s)
   for update skip locked
)
update reminders_reminder r
   set status = 'claimed', lease_until = %(lease_until)s, fence = r.fence + 1
  from mine where r.id = mine.id
returning r.id, r.fence, r.due_at
"""


def claim_due(*, now: dt.datetime, cap: int | None = None) -> list[Claim]:
    """Claim due rows, the most urgent first, within the caps per run and per recipient (N2, N3)."""
    limits = options()
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {
                "now": now,
                "lease_until": now + LEASE,
                "cap": limits.cap_per_run if cap is None else cap,
                "per_recipient": limits.cap_per_recipient,
            },
        )
        rows = sorted(cursor.fetchall(), key=lambda row: (row[2], row[0]))
    return [Claim(reminder_id, fence) for reminder_id, fence, _ in rows]

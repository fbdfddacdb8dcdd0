"""Delivering: claimed rows become messages, each recorded on its own.

What a crash can do, line by line. Before `_begin` commits, nothing has left: the lease ends and
another worker sends. After `_record` commits, the row is `sent` and is never touched again. Only
between the two, while one message at a time is handed to the mail server, does nobody know: that
row is sent again when its lease ends, with the same Message-ID, which mail systems use to drop the
second copy. So each message goes out at least once, and more than once only when the worker died
inside that window.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet

from clinic.scheduling.choices import EXIT_STATUSES, AppointmentStatus
from reminders import delivery, dose_messages, messages, rules
from reminders.choices import OPEN, TAKEN_BACK, Channel, ReminderKind, ReminderStatus, SkipReason
from reminders.models import Reminder
from reminders.options import options
from reminders.services.batches import Batch, load_batch
from reminders.services.claiming import LEASE, Claim

logger = logging.getLogger(__name__)

# The two statements of every message, written out: building them anew costs more than running them.
_BEGIN = """
update reminders_reminder
   set status = 'sending', message_id = %s, attempts = attempts + 1, lease_until = %s
 where id = %s and fence = %s and status = 'claimed' and useful_until > %s
"""
_RECORD = """
update reminders_reminder
   set status = 'sent', sent_at = %s, answer_code = %s, lease_until = null
 where id = %s and fence = %s and status = 'sending'
"""

T = TypeVar("T")
Clock = Callable[[], dt.datetime]
# A batch that meets a slow server gives the rest back instead of outliving its leases.
LONGEST_BATCH = dt.timedelta(seconds=60)


def message_id_of(reminder_id: uuid.UUID) -> str:
    """Return the Message-ID of a row: the same at every attempt, and telling nothing."""
    digest = hashlib.sha256(b"reminder:" + reminder_id.bytes).hexdigest()[:40]
    return f"<{digest}@{urlsplit(settings.SITE_URL).hostname}>"


def deliver(*, claims: Sequence[Claim], clock: Clock) -> int:
    """Send what is still right of the claimed rows over one connection; return how many went out.

    Rows whose fence is not the claim's any more belong to somebody else and are left alone.
    """
    began = clock()
    batch = load_batch(claims=claims, now=began)
    ready = [
        row
        for row in batch.rows
        if _safely(row, partial(_is_still_right, row, batch, now=clock()), clock=clock)
    ]
    if not ready:
        return 0
    try:
        with delivery.email_channel() as channel, _commits_in_passing():
            return _send_all(ready, batch, channel, began=began, clock=clock)
    except delivery.Unreachable as failure:
        for row in ready:
            _fail(row, delivery.Outcome(sent=False, code=failure.code), now=clock())
        return 0


@contextmanager
def _commits_in_passing() -> Iterator[None]:
    """Let commits return before the disk has them; the batch's last one waits for all of them.

    A worker that dies loses nothing by it, for the server has the rows. Only when the database's
    machine itself goes down may up to 0.6 s of messages go out again, under the same Message-ID.
    """
    with connection.cursor() as cursor:
        cursor.execute("set synchronous_commit to off")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("reset synchronous_commit")


def _send_all(
    rows: Sequence[Reminder],
    batch: Batch,
    channel: delivery.Channel,
    *,
    began: dt.datetime,
    clock: Clock,
) -> int:
    """Send the rows one after the other; one commit records each and begins the next."""
    sent = 0
    settle: Callable[[], None] = _nothing
    for position, row in enumerate(rows):
        if clock() - began > LONGEST_BATCH:
            _give_back(rows[position:])
            break
        with transaction.atomic():
            settle()
            settle = _nothing
            if not _begin(row, now=clock()):
                continue
            companions = _take_along(batch.companions_of(row), now=clock())
        outcome = _hand_over(row, companions, batch, channel, clock=clock)
        if outcome is not None:
            settle = partial(_settle, row, outcome, companions, now=clock())
            sent += outcome.sent
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("set local synchronous_commit to on")
        settle()
    return sent


def _nothing() -> None:
    """Settle a row that needs no settling."""


def _hand_over(
    row: Reminder,
    companions: Sequence[Reminder],
    batch: Batch,
    channel: delivery.Channel,
    *,
    clock: Clock,
) -> delivery.Outcome | None:
    """Compose the message at the last moment and send it; None when it could not be composed."""
    message = _safely(row, partial(_compose, row, companions, batch, now=clock()), clock=clock)
    if message is None:
        return None
    return channel.send(message=message, message_id=message_id_of(row.pk))


def _compose(
    row: Reminder, companions: Sequence[Reminder], batch: Batch, *, now: dt.datetime
) -> delivery.Message:
    if row.kind == ReminderKind.DOSE:
        return dose_messages.compose(reminder=row, doses=1 + len(companions))
    return messages.compose(
        reminder=row,
        appointments=[row.visit, *(other.visit for other in companions)],
        moved_from=batch.moved_from.get(row.visit.pk),
        now=now,
    )


def _settle(
    row: Reminder,
    outcome: delivery.Outcome,
    companions: Iterable[Reminder],
    *,
    now: dt.datetime,
) -> None:
    if outcome.sent:
        _record(row, outcome, companions, now=now)
    else:
        _fail(row, outcome, now=now)


def _safely(row: Reminder, step: Callable[[], T], *, clock: Clock) -> T | None:
    """Return what `step` returns; one person's data must not keep the others' messages.

    Only the kind of the error is written down: its text may hold personal data.
    """
    try:
        return step()
    except Exception as error:
        code = type(error).__name__[:40]
        logger.error("reminder %s could not be prepared: %s", row.pk, code)
        _fail(row, delivery.Outcome(sent=False, code=code), now=clock())
        return None


def _is_still_right(row: Reminder, batch: Batch, *, now: dt.datetime) -> bool:
    """Say whether the row is to be sent now; skip it with its reason, or put it off, where not."""
    if row.kind == ReminderKind.DOSE:
        reason = dose_refusal(row, now=now, is_due=row.pk in batch.doses_due)
    else:
        reason = refusal(row, now=now, steps_due=batch.steps_due.get(row.visit.pk, ()))
    if reason is not None:
        skip(row, reason)
        return False
    if row.kind != ReminderKind.REMINDER:
        return True
    quiet = options().quiet_hours
    span = rules.quiet_span(instant=now, quiet=quiet, tz=row.visit.time_zone)
    if span is None:
        return True
    if span[1] < row.useful_until:
        _mine(row).update(status=ReminderStatus.PLANNED, lease_until=None, due_at=span[1])
    else:
        skip(row, SkipReason.QUIET)
    return False


def refusal(row: Reminder, *, now: dt.datetime, steps_due: Sequence[int]) -> SkipReason | None:
    """Return why this message must not go out any more, or None (N2, N3, N4).

    Wishes about reminders do not hold back the answer to a booking, a move or a cancellation.
    """
    status = row.visit.status
    expected = (
        AppointmentStatus.CANCELLED
        if row.kind == ReminderKind.CANCELLATION
        else AppointmentStatus.BOOKED
    )
    if row.visit.version != row.appointment_version:
        return SkipReason.CHANGED
    if status != expected:
        return SkipReason.CHANGED if status in EXIT_STATUSES else SkipReason.NOT_EXPECTED
    if now >= row.useful_until:
        return SkipReason.LATE
    if rules.is_superseded(step_minutes=row.step_minutes, steps_due=steps_due):
        return SkipReason.SUPERSEDED
    if row.channel == Channel.EMAIL and not messages.address_of(row.patient):
        return SkipReason.NO_ADDRESS
    if row.kind == ReminderKind.REMINDER and not row.patient.reminders_by_email:
        return SkipReason.OPTED_OUT
    return None


def dose_refusal(row: Reminder, *, now: dt.datetime, is_due: bool) -> SkipReason | None:
    """Return why a dose is not to be reminded of any more, or None.

    Quiet hours do not count: the patient chose the time. Nor does the wish about visits: this
    switch is the medicine's own.
    """
    if not is_due:
        return SkipReason.NOT_DUE
    if now >= row.useful_until:
        return SkipReason.LATE
    return None if messages.address_of(row.patient) else SkipReason.NO_ADDRESS


def _mine(row: Reminder) -> QuerySet[Reminder]:
    """Return the row while it is this claim's and open; nothing once it is void or another's."""
    return Reminder.objects.filter(pk=row.pk, fence=row.fence, status__in=OPEN)


def skip(row: Reminder, reason: SkipReason) -> None:
    _mine(row).update(status=ReminderStatus.SKIPPED, skipped_reason=reason, lease_until=None)


def _begin(row: Reminder, *, now: dt.datetime) -> bool:
    """Mark the row as being sent; False when it was taken back or claimed by another since.

    A move or a cancellation voids claimed rows in its own transaction, so this one condition is
    also the last check of version and status before the server is spoken to.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, [message_id_of(row.pk), now + LEASE, row.pk, row.fence, now])
        return bool(cursor.rowcount)


def _take_along(companions: Iterable[Reminder], *, now: dt.datetime) -> list[Reminder]:
    """Claim the rows of the day's other visits that this message covers; keep what was had."""
    taken = []
    for other in companions:
        found = _mine(other).filter(status__in=TAKEN_BACK)
        if found.update(
            status=ReminderStatus.CLAIMED, fence=F("fence") + 1, lease_until=now + LEASE
        ):
            other.fence += 1
            taken.append(other)
    return taken


def _record(
    row: Reminder,
    outcome: delivery.Outcome,
    companions: Iterable[Reminder],
    *,
    now: dt.datetime,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, [now, outcome.code, row.pk, row.fence])
    for other in companions:
        skip(other, SkipReason.TOGETHER)


def _fail(row: Reminder, outcome: delivery.Outcome, *, now: dt.datetime) -> None:
    """Try again after a while, or give up: refused for good, tried often enough, no use later."""
    attempts = row.attempts + 1
    again = rules.next_attempt(attempts=attempts, now=now, until=row.useful_until)
    changes: dict[str, object] = {"answer_code": outcome.code, "attempts": attempts}
    if outcome.final or again is None:
        _mine(row).update(status=ReminderStatus.FAILED, lease_until=None, **changes)
    else:
        _mine(row).update(status=ReminderStatus.CLAIMED, lease_until=again, **changes)


def _give_back(rows: Iterable[Reminder]) -> None:
    for row in rows:
        _mine(row).filter(status=ReminderStatus.CLAIMED).update(
            status=ReminderStatus.PLANNED, lease_until=None
        )

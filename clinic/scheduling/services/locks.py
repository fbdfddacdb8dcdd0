"""Advisory locks of the scheduling services and the retry around a deadlock.

Bookings share a practitioner's lock, so that they never queue behind each other; editing rules and
every UPDATE that may run into an exclusion constraint takes it exclusively, in id order.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction

LOCK_TIMEOUT = "3s"
DEADLOCK_DETECTED = "40P01"
LOCK_NOT_AVAILABLE = "55P03"
EXCLUSION_VIOLATION = "23P01"
UNIQUE_VIOLATION = "23505"

P = ParamSpec("P")
R = TypeVar("R")


class ScheduleBusy(Exception):
    """Somebody is changing this schedule right now and did not finish in time; try again."""


def _lock_key(identifier: uuid.UUID, purpose: int) -> int:
    """Fold an id into the signed 64 bits PostgreSQL locks by; the low bits of a UUIDv7 are
    random.
    """
    return ((identifier.int ^ purpose) & 0x7FFF_FFFF_FFFF_FFFF) - 0x4000_0000_0000_0000


def lock_holder(holder_id: uuid.UUID) -> None:
    """Let one transaction at a time act for this patient or visitor; taken before any other
    lock.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_lock_key(holder_id, 1)])


def lock_holder_and_look(
    holder_id: uuid.UUID, *, key: uuid.UUID, hold_token: uuid.UUID | None
) -> bool:
    """Take the patient's turn; say whether a row has this idempotency key or is a hold of theirs.

    One message for the usual booking, where there is neither.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(%(lock)s);"
            " select exists(select from scheduling_appointment where idempotency_key = %(key)s)"
            " or exists(select from scheduling_appointment where status = 'proposed'"
            " and (patient_id = %(holder)s or hold_token = %(token)s))",
            {
                "lock": _lock_key(holder_id, 1),
                "key": key,
                "holder": holder_id,
                "token": hold_token,
            },
        )
        cursor.nextset()
        found: bool = cursor.fetchone()[0]
    return found


def share_schedule(practitioner_id: uuid.UUID) -> int:
    """Keep the practitioner's rules from changing until this transaction ends; return their
    version.
    """
    with connection.cursor() as cursor:
        # One message, two statements: the second sees what was committed while the first waited.
        cursor.execute(
            "select pg_advisory_xact_lock_shared(%s);"
            " select version from scheduling_schedule where practitioner_id = %s",
            [_lock_key(practitioner_id, 2), practitioner_id],
        )
        cursor.nextset()
        row = cursor.fetchone()
    return row[0] if row else 0


def lock_schedules(practitioner_ids: Iterable[uuid.UUID]) -> None:
    """Take the schedules for this transaction alone, in id order; waits at most LOCK_TIMEOUT."""
    keys = [_lock_key(practitioner_id, 2) for practitioner_id in sorted(set(practitioner_ids))]
    with connection.cursor() as cursor:
        cursor.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
        for key in keys:
            cursor.execute("select pg_advisory_xact_lock(%s)", [key])


def sqlstate(error: BaseException) -> str | None:
    """Return PostgreSQL's five-letter code behind a Django database error."""
    return getattr(error.__cause__, "sqlstate", None)


def in_one_transaction(function: Callable[P, R]) -> Callable[P, R]:
    """Run the service in a durable transaction; repeat it twice after a deadlock.

    Raises ScheduleBusy when a lock could not be had in time.
    """

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        repeats = 2
        while True:
            try:
                with transaction.atomic(durable=True):
                    return function(*args, **kwargs)
            except OperationalError as error:
                state = sqlstate(error)
                if state == LOCK_NOT_AVAILABLE or (state == DEADLOCK_DETECTED and not repeats):
                    raise ScheduleBusy from error
                if state != DEADLOCK_DETECTED:
                    raise
                repeats -= 1

    return wrapper

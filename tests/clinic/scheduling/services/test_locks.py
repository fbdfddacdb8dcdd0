"""One transaction a service, repeated after a deadlock and given up in good order."""

import psycopg
import pytest
from django.db import OperationalError, connection

from clinic.scheduling.services import locks

pytestmark = pytest.mark.django_db


def failing(error: type[psycopg.Error], times: int):
    """Return a service that fails so often with an error of PostgreSQL, and its calls."""
    calls = []

    @locks.in_one_transaction
    def service():
        calls.append(connection.in_atomic_block)
        if len(calls) <= times:
            raise OperationalError from error()
        return "done"

    return service, calls


def test_a_deadlock_is_repeated_twice():
    service, calls = failing(psycopg.errors.DeadlockDetected, 2)

    assert service() == "done"
    assert calls == [True] * 3


def test_a_third_deadlock_is_given_up():
    service, calls = failing(psycopg.errors.DeadlockDetected, 3)

    with pytest.raises(locks.ScheduleBusy):
        service()
    assert len(calls) == 3


def test_a_lock_that_takes_too_long_is_given_up_at_once():
    service, calls = failing(psycopg.errors.LockNotAvailable, 1)

    with pytest.raises(locks.ScheduleBusy):
        service()
    assert len(calls) == 1


def test_any_other_failure_is_not_repeated():
    service, calls = failing(psycopg.errors.QueryCanceled, 1)

    with pytest.raises(OperationalError):
        service()
    assert len(calls) == 1

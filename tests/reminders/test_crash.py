"""A real worker killed with SIGKILL among five hundred messages (N2, property 6)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.utils import timezone

from config.celery import app
from reminders import tasks
from reminders.models import Reminder
from reminders.services.delivering import message_id_of
from tests.reminders.sink import Sink, due_reminders

MESSAGES = 500
KILLED_AFTER = (80, 190, 330)
PROCESSES = 2


@pytest.fixture
def sink() -> Iterator[Sink]:
    running = Sink()
    running.start()
    yield running
    running.stop()


@pytest.fixture
def queue() -> Iterator[None]:
    """An empty queue under this test's own prefix."""
    app.control.purge()
    yield
    app.control.purge()


@contextmanager
def worker(sink: Sink) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Celery worker in its own process group."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "celery", "-A", "config.celery:app", "worker"),
            *("--pool", "prefork", "--concurrency", str(PROCESSES), "--loglevel", "ERROR"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ],
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "tests.reminders.worker_settings",
            "WORKER_DB_NAME": connection.settings_dict["NAME"],
            "WORKER_EMAIL_PORT": str(sink.port),
        },
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            # The parent alone: it lets its processes finish what they have begun.
            process.terminate()
        process.wait(timeout=60)


def kill(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)


def let_leases_end() -> None:
    """Stand in for two minutes in which nobody did anything."""
    Reminder.objects.filter(lease_until__isnull=False).update(lease_until=timezone.now())


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_among_500_messages_loses_none(sink: Sink, queue: None) -> None:
    rows = due_reminders(MESSAGES, now=timezone.now())

    for sent in KILLED_AFTER:
        tasks.dispatch_due()
        with worker(sink) as process:
            sink.wait_for(sent, seconds=90)
            kill(process)
        let_leases_end()
    recorded = dict(Reminder.objects.filter(status="sent").values_list("message_id", "sent_at"))
    copies_before = {message_id: sink.message_ids[message_id] for message_id in recorded}
    tasks.dispatch_due()
    with worker(sink):
        sink.wait_for(MESSAGES, seconds=120)

    # None lost, each under the identity that its row has always had, each to its one patient.
    assert set(sink.message_ids) == {message_id_of(row.pk) for row in rows}
    assert all(len(people) == 1 for people in sink.recipients.values())
    assert set(Reminder.objects.values_list("status", flat=True)) == {"sent"}
    # What was recorded as sent before the last start was not touched by it.
    for message_id, sent_at in recorded.items():
        assert sink.message_ids[message_id] == copies_before[message_id]
        assert Reminder.objects.get(message_id=message_id).sent_at == sent_at
    # A second copy only of what was on the wire at a kill: one message per process at most.
    copies = sum(sink.message_ids.values()) - MESSAGES
    assert copies <= len(KILLED_AFTER) * PROCESSES
    sys.stderr.write(f"{MESSAGES} messages, {len(KILLED_AFTER)} kills, {copies} second copies\n")

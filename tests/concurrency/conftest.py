"""Rows here are committed, because other connections have to meet them."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection

from clinic.people.viewer import SYSTEM
from clinic.scheduling.choices import Modality
from clinic.scheduling.models import VisitType
from clinic.scheduling.services import booking, claims
from config.launcher.valkey import free_port
from tests.factories.people import PractitionerFactory
from tests.factories.scheduling import open_practice

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 60
TUESDAY_NINE = dt.datetime(2026, 3, 3, 8, 0, tzinfo=dt.UTC)

# By comparison of bounds, without the ranges and the constraint of the product: two claims that
# share time of one doctor, or of one patient, while both live (B1).
_OVERLAPS = """
select count(*) from scheduling_appointment one join scheduling_appointment other
    on one.id < other.id and one.{who} = other.{who}
   and one.starts_at < other.ends_at and other.starts_at < one.ends_at
   and (other.released_at is null or one.claimed_at < other.released_at)
   and (one.released_at is null or other.claimed_at < one.released_at)
   and (one.released_at is null or one.released_at > one.claimed_at)
   and (other.released_at is null or other.released_at > other.claimed_at)
"""


def overlaps() -> int:
    """Return how many pairs of rows have had one doctor's or one patient's time at once."""
    found = 0
    with connection.cursor() as cursor:
        for who in ("practitioner_id", "patient_id"):
            cursor.execute(_OVERLAPS.format(who=who))
            found += cursor.fetchone()[0]
    return found


def at(minutes: int) -> dt.datetime:
    """Return an instant of that Tuesday, in minutes after nine."""
    return TUESDAY_NINE + dt.timedelta(minutes=minutes)


@pytest.fixture
def practice(transactional_db: None) -> Callable[[], claims.Wish]:
    """Open the practice of another doctor; return the wish for its Tuesday at nine."""

    def opened() -> claims.Wish:
        doctor = PractitionerFactory()
        visit_type = open_practice(doctor)
        VisitType.objects.filter(pk=visit_type.pk).update(grid_minutes=5)
        return claims.Wish(
            practitioner_id=doctor.pk,
            visit_type_id=visit_type.pk,
            starts_at=TUESDAY_NINE,
            modality=Modality.IN_PERSON,
            for_patient=True,
        )

    return opened


def order(wish: claims.Wish, patient_id: uuid.UUID, key: uuid.UUID | None = None) -> booking.Order:
    return booking.Order(wish=wish, patient_id=patient_id, idempotency_key=key or uuid.uuid4())


def book(
    wish: claims.Wish, patient_id: uuid.UUID, now: dt.datetime, key: uuid.UUID | None = None
) -> Callable[[], object]:
    """Return a booking that can be called at a chosen moment."""
    wanted = order(wish, patient_id, key)
    return lambda: booking.book_appointment(order=wanted, by=SYSTEM, now=now)


class Server:
    """The product in a process of its own, on this test's database."""

    def __init__(self, log: Path) -> None:
        self.port = free_port()
        self.log = log
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "DB_NAME": str(connection.settings_dict["NAME"]),
            "PYTHONUNBUFFERED": "1",
        }
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "realtime.server", "--port", str(self.port)],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self.port), 1),
            ):
                return
            time.sleep(0.05)
        raise AssertionError("the server did not start")

    def stop(self) -> None:
        """End it; its connections report what they met (deadlocks) when they close."""
        self.process.terminate()
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def server(transactional_db: None, tmp_path: Path) -> Iterator[Server]:
    running = Server(tmp_path / "server.log")
    yield running
    running.stop()
    sys.stderr.write(running.log.read_text(errors="replace"))


def deadlocks() -> int:
    """Return how many deadlocks PostgreSQL has resolved in this database."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_stat_clear_snapshot()")
        cursor.execute("select deadlocks from pg_stat_database where datname = current_database()")
        found: int = cursor.fetchone()[0]
    return found

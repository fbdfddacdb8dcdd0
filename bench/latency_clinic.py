"""The clinic, the server and the 200 browsers that `bench.latency` measures.

Runs as a program of its own, because settings are read once per process. The bookings are made in
this process by the service the page calls, so the instant of the commit is known exactly.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import os
import socket
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from typing import Any

import django

django.setup()

import redis  # noqa: E402
import uvloop  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect  # noqa: E402

from clinic.lib import times  # noqa: E402
from clinic.people.choices import ApprovalStatus  # noqa: E402
from clinic.people.models import Patient, Practitioner  # noqa: E402
from clinic.people.viewer import SYSTEM, VISITOR  # noqa: E402
from clinic.scheduling import signals  # noqa: E402
from clinic.scheduling.choices import Modality  # noqa: E402
from clinic.scheduling.models import (  # noqa: E402
    Offering,
    Schedule,
    ScheduleDay,
    Site,
    VisitType,
    WorkingHours,
)
from clinic.scheduling.services import booking, claims  # noqa: E402
from realtime import tokens  # noqa: E402
from realtime.routing import socket_path  # noqa: E402

ZONE = "Europe/Berlin"
BOOKINGS = 60
WARM_UP = 6
PAUSE_SECONDS = 0.12
START_SECONDS = 30
SOON = 5


def open_clinic() -> tuple[Practitioner, VisitType, list[Patient], dt.date]:
    """Create one doctor whose day has room for every booking of the run."""
    site = Site.objects.create(name="Harbour Street", slug="bench", time_zone=ZONE)
    kind = VisitType.objects.create(
        name="Check", slug="check", duration_minutes=10, modalities=[Modality.IN_PERSON]
    )
    doctor = Practitioner.objects.create(
        given_name="Ines",
        family_name="Llorente",
        specialty="general-practice",
        approval=ApprovalStatus.APPROVED,
    )
    Schedule.objects.create(practitioner=doctor)
    Offering.objects.create(practitioner=doctor, visit_type=kind)
    date = times.today(ZONE, timezone.now()) + dt.timedelta(days=3)
    WorkingHours.objects.create(
        practitioner=doctor,
        site=site,
        weekday=date.isoweekday(),
        starts=dt.time(6),
        ends=dt.time(20),
        valid_from=dt.date(2020, 1, 1),
    )
    patients = Patient.objects.bulk_create(
        Patient(record_number=f"B{number}", given_name="A", family_name=f"B{number}")
        for number in range(BOOKINGS + WARM_UP)
    )
    return doctor, kind, patients, date


@contextlib.contextmanager
def serving() -> Iterator[int]:
    """Run the product's server; yield its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "realtime.server", "--host", "127.0.0.1", "--port", str(port)],
        env={**os.environ, "SITE_URL": f"http://127.0.0.1:{port}"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(10)


class Browsers:
    """Every socket writes down when the frame of the awaited slot arrived."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.awaited = b""
        self.seen: set[int] = set()
        self.last = 0.0
        self.everybody = asyncio.Event()

    def expect(self, dom_id: str) -> None:
        self.awaited, self.seen = f'id="{dom_id}" data-state="taken"'.encode(), set()
        self.everybody.clear()

    def note(self, number: int, data: bytes) -> None:
        if self.awaited and self.awaited in data and number not in self.seen:
            self.seen.add(number)
            if len(self.seen) == self.count:
                self.last = time.perf_counter()
                self.everybody.set()


class Listener(WSListener):  # type: ignore[misc]
    def __init__(self, browsers: Browsers, number: int) -> None:
        super().__init__()
        self.browsers, self.number = browsers, number

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT:
            self.browsers.note(self.number, frame.get_payload_as_bytes())
        elif frame.msg_type == WSMsgType.PING:
            transport.send_pong(frame.get_payload_as_bytes())


async def run(
    port: int, count: int, clinic: tuple[Practitioner, VisitType, list[Patient], dt.date]
) -> list[float]:
    """Open the sockets, make the bookings one by one; return milliseconds from commit to last."""
    doctor, kind, patients, date = clinic
    topic = f"slots.{doctor.pk.hex}.{date.isoformat()}.{kind.pk.hex}.i"
    now = timezone.now()
    ticket = [tokens.Shown(topic, -1)]
    browsers = Browsers(count)
    origin = [("Origin", f"http://127.0.0.1:{port}")]
    for number in range(count):
        path = socket_path(tokens.issue(viewer=VISITOR, session_key=None, topics=ticket, now=now))
        await ws_connect(
            lambda number=number: Listener(browsers, number),
            f"ws://127.0.0.1:{port}{path}",
            extra_headers=origin,
            logger_name=None,
        )
    committed: dict[str, float] = {}

    def note_commit(**_: Any) -> None:
        committed["at"] = time.perf_counter()

    signals.schedule_day_changed.connect(note_commit, sender=ScheduleDay)
    loop = asyncio.get_running_loop()
    first = times.to_instant(date, dt.time(6), ZONE)
    found = []
    for number, patient in enumerate(patients):
        starts_at = first + dt.timedelta(minutes=10 * number)
        browsers.expect(f"slot-{doctor.pk.hex}-{times.seconds(starts_at)}")
        await loop.run_in_executor(None, book, doctor, kind, patient, starts_at)
        await asyncio.wait_for(browsers.everybody.wait(), SOON)
        if number >= WARM_UP:
            found.append((browsers.last - committed["at"]) * 1000)
        await asyncio.sleep(PAUSE_SECONDS)
    return found


def book(doctor: Practitioner, kind: VisitType, patient: Patient, starts_at: dt.datetime) -> None:
    """Book by the service that the page calls."""
    order = booking.Order(
        wish=claims.Wish(
            practitioner_id=doctor.pk,
            visit_type_id=kind.pk,
            starts_at=starts_at,
            modality=Modality.IN_PERSON,
            for_patient=True,
        ),
        patient_id=patient.pk,
        idempotency_key=uuid.uuid4(),
        reason="Check",
    )
    booking.book_appointment(order=order, by=SYSTEM, now=timezone.now())


def bare() -> float:
    """Return the median of one query and one message through Valkey and back, in milliseconds."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    heard = client.pubsub(ignore_subscribe_messages=True)
    heard.subscribe("bench")
    heard.get_message(timeout=1)
    found = []
    for _ in range(200):
        begun = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute("select 1")
            cursor.fetchone()
        client.publish("bench", "1")
        while heard.get_message(timeout=1) is None:
            pass
        found.append((time.perf_counter() - begun) * 1000)
    return statistics.median(found)


def main() -> None:
    count = int(sys.argv[1])
    call_command("migrate", verbosity=0)
    clinic = open_clinic()
    with serving() as port:
        found = sorted(uvloop.run(run(port, count, clinic)))
    json.dump(
        {
            "median_ms": statistics.median(found),
            "p99_ms": found[-1 - len(found) // 100],
            "bare_ms": bare(),
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()

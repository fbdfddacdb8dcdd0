"""The same with the real thing: visitors and a doctor watch while times are held and booked."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import re
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from clinic.lib import times
from clinic.lib.fragments import Fragment
from clinic.people.models import Patient, Practitioner
from clinic.people.selectors import viewer_for
from clinic.people.viewer import SYSTEM, VISITOR, Viewer
from clinic.scheduling.choices import CancellationReason, Modality
from clinic.scheduling.models import VisitType
from clinic.scheduling.services import appointments, booking, claims, holds
from realtime import registry, tokens
from tests.factories.people import PatientFactory
from tests.factories.scheduling import open_practice
from tests.realtime.servers import KillableValkey, Server

PIECE = re.compile(
    r'<hx-partial hx-target="#([^"]+)" hx-swap="outerMorph">(.*?)</hx-partial>', re.DOTALL
)
PAGES, BOARDS, PATIENTS = 100, 3, 8
CHANGES = 12  # before Valkey dies and while it is dead, twice
DEAD_SECONDS = 1.5
CATCH_UP_SECONDS = 25  # less than the 30 s after which versions are compared anyway
SESSION = "the-doctors-session"
ORIGIN = "http://testserver"


@dataclass
class Clinic:
    practitioner: Practitioner
    visit_type: VisitType
    patients: list[Patient]
    date: dt.date

    def public_topics(self) -> list[str]:
        doctor, kind = self.practitioner.pk.hex, self.visit_type.pk.hex
        return [
            f"slots.{doctor}.{self.date}.{kind}.i",
            f"strip.{doctor}.{kind}.i.{self.date}",
            f"next.{doctor}.any",
        ]

    def board_topics(self) -> list[str]:
        return [f"board.{self.practitioner.pk.hex}.{self.date}"]


@pytest.fixture
def clinic(transactional_db: None, practitioner: Practitioner) -> Clinic:
    day = timezone.now().date() + dt.timedelta(days=3)
    while day.isoweekday() > 5:
        day += dt.timedelta(days=1)
    return Clinic(
        practitioner,
        open_practice(practitioner),
        PatientFactory.create_batch(PATIENTS),
        day,
    )


@pytest.fixture
def servers(valkey: KillableValkey, clinic: Clinic) -> Iterator[list[Server]]:
    environment = {"REDIS_URL": valkey.url, "DB_NAME": str(connection.settings_dict["NAME"])}
    running = [Server(environment, "config.asgi:application") for _ in range(2)]
    yield running
    for server in running:
        server.stop()


@dataclass
class Shown:
    """What a page shows of one topic: its container, and pieces that came after it."""

    fragment: Fragment
    whole: str = ""
    pieces: dict[str, str] = field(default_factory=dict)

    def apply(self, dom_id: str, html: str) -> None:
        if dom_id == self.fragment.container_id:
            self.whole, self.pieces = html, {}
        elif dom_id in self.fragment.pieces:
            self.pieces[dom_id] = html

    def equals(self, truth: Fragment) -> bool:
        return all(
            self.pieces[dom_id] == html if dom_id in self.pieces else html in self.whole
            for dom_id, html in truth.pieces.items()
        )


class Views:
    """Renders for everybody who asks within a tenth of a second, in a thread of its own."""

    def __init__(self) -> None:
        self.thread = ThreadPoolExecutor(1)
        self.newest: dict[tuple[str, ...], tuple[float, asyncio.Future[dict[str, Fragment]]]] = {}

    async def rendered(self, topics: list[str]) -> dict[str, Fragment]:
        key, now = tuple(topics), time.monotonic()
        if key not in self.newest or self.newest[key][0] < now - 0.1:
            loop = asyncio.get_running_loop()
            work = loop.run_in_executor(self.thread, _closing, lambda: _read(topics))
            self.newest[key] = (now, work)
        return await asyncio.shield(self.newest[key][1])


@dataclass
class Page:
    topics: list[str]
    viewer: Viewer
    shown: dict[str, Shown] = field(default_factory=dict)
    connected: bool = False

    def render(self, fragments: dict[str, Fragment]) -> str:
        """Take over what a view has rendered and return the token that stands in the page."""
        self.shown = {
            topic: Shown(
                found,
                found.container() if found.container else "",
                {} if found.container else dict(found.pieces),
            )
            for topic, found in fragments.items()
        }
        return tokens.issue(
            viewer=self.viewer,
            session_key=SESSION if self.viewer.user_id else None,
            topics=[
                tokens.Shown(
                    topic, found.version, found.wakes_at.timestamp() if found.wakes_at else None
                )
                for topic, found in fragments.items()
            ],
            now=timezone.now(),
        )

    def equals(self, truth: dict[str, Fragment]) -> bool:
        return bool(self.shown) and all(
            self.shown[topic].equals(truth[topic]) for topic in self.topics
        )

    async def visit(
        self, servers: list[Server], views: Views, chance: random.Random, last: asyncio.Event
    ) -> None:
        """Open the page, watch for a while, leave, come back; the last visit lasts."""
        while True:
            stays, self.connected = last.is_set(), False
            token = self.render(await views.rendered(self.topics))
            await asyncio.sleep(chance.uniform(0, 0.4))
            headers = {"Cookie": f"sid={SESSION}"} if self.viewer.user_id else {}
            address = chance.choice(servers).address(token)
            try:
                async with (
                    asyncio.timeout(None if stays else chance.uniform(0.1, 2.5)),
                    connect(
                        address, origin=ORIGIN, additional_headers=headers, max_size=None
                    ) as socket,
                ):
                    self.connected = stays
                    async for message in socket:
                        for dom_id, html in PIECE.findall(str(message)):
                            for shown in self.shown.values():
                                shown.apply(dom_id, html)
            except (TimeoutError, WebSocketException, OSError):
                continue


class Desk:
    """Everybody who books: one change at a time, each in a transaction of its own."""

    def __init__(self, clinic: Clinic, chance: random.Random) -> None:
        self.clinic, self.chance = clinic, chance
        self.changes = 0
        lower, _ = times.day_bounds(clinic.date, "Europe/Berlin")
        self.starts = [lower + dt.timedelta(hours=9, minutes=20 * n) for n in range(9)]

    async def work(self, until: float = 0.0) -> None:
        enough = self.changes + CHANGES
        with ThreadPoolExecutor(1) as thread:
            while self.changes < enough or time.monotonic() < until:
                await asyncio.get_running_loop().run_in_executor(thread, self.change)

    async def work_while_dead(self, valkey: KillableValkey) -> None:
        valkey.kill()
        await self.work(until=time.monotonic() + DEAD_SECONDS)
        await asyncio.to_thread(valkey.start)

    def change(self) -> None:
        try:
            self._hold_or_book()
            self.changes += 1
        except (claims.SlotTaken, holds.HoldEnded):
            pass
        finally:
            connections.close_all()

    def _hold_or_book(self) -> None:
        now, patient = timezone.now(), self.chance.choice(self.clinic.patients)
        wish = claims.Wish(
            practitioner_id=self.clinic.practitioner.pk,
            visit_type_id=self.clinic.visit_type.pk,
            starts_at=self.chance.choice(self.starts),
            modality=Modality.IN_PERSON,
            for_patient=True,
        )
        holder = holds.Holder(patient_id=patient.pk)
        match self.chance.randrange(4):
            case 0 | 1:
                holds.hold_slot(holder=holder, wish=wish, now=now)
            case 2:
                holds.release_hold(holder=holder, now=now)
            case 3:
                order = booking.Order(wish, patient.pk, uuid.uuid4())
                visit = booking.book_appointment(order=order, by=SYSTEM, now=now)
                appointments.cancel_appointment(
                    appointment_id=visit.pk,
                    reason=CancellationReason.CANNOT_COME,
                    by=SYSTEM,
                    now=timezone.now(),
                )


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
async def test_every_page_ends_on_the_database_though_valkey_dies_while_people_book(
    clinic: Clinic, servers: list[Server], valkey: KillableValkey
) -> None:
    chance = random.Random(11)  # noqa: S311
    doctor: Any = clinic.practitioner.user
    watcher = await asyncio.to_thread(_closing, lambda: viewer_for(user_id=doctor.pk))
    pages = [Page(clinic.public_topics(), VISITOR) for _ in range(PAGES - BOARDS)]
    pages += [Page(clinic.board_topics(), watcher) for _ in range(BOARDS)]
    views, last = Views(), asyncio.Event()
    tasks = [asyncio.create_task(page.visit(servers, views, chance, last)) for page in pages]
    desk = Desk(clinic, chance)
    try:
        await desk.work()
        await desk.work_while_dead(valkey)
        await desk.work()
        last.set()
        await _all_connected(pages)
        # Nobody comes any more, and these are announced to nobody: only the gap tells.
        await desk.work_while_dead(valkey)
        await _all_equal(pages, clinic)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        views.thread.shutdown()


async def _all_connected(pages: list[Page]) -> None:
    deadline = time.monotonic() + CATCH_UP_SECONDS
    while not all(page.connected for page in pages):
        assert time.monotonic() < deadline, "not every page is connected"
        await asyncio.sleep(0.05)


async def _all_equal(pages: list[Page], clinic: Clinic) -> None:
    topics = clinic.public_topics() + clinic.board_topics()
    deadline = time.monotonic() + CATCH_UP_SECONDS
    while True:
        truth = await asyncio.to_thread(_closing, lambda: _read(topics))
        behind = sum(not page.equals(truth) for page in pages)
        if not behind:
            return
        assert time.monotonic() < deadline, f"{behind} pages are behind"
        await asyncio.sleep(0.1)


def _read(topics: list[str]) -> dict[str, Fragment]:
    now = timezone.now()
    return {topic: registry.load(topic, now=now) for topic in topics}


def _closing(job: Any) -> Any:
    try:
        return job()
    finally:
        connections.close_all()

"""A topic that lives in memory, and pages that watch it."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
from typing import Any

import pytest
import pytest_asyncio
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.utils import timezone

from clinic.lib.fragments import Fragment
from clinic.people.viewer import VISITOR, Viewer
from realtime import registry, tokens
from realtime.hubs import hub_of_this_loop, stop_hub
from realtime.routing import socket_path, websocket_urlpatterns
from tests.realtime.servers import server, truth, valkey

__all__ = ["server", "truth", "valkey"]


class FakeTopic:
    """Topics `fake.<key>`: each has a version and pieces, as a doctor-day has."""

    def __init__(self) -> None:
        self.versions: dict[str, int] = {}
        self.pieces: dict[str, dict[str, str]] = {}
        self.wakes_at: dict[str, dt.datetime] = {}
        self.reads: list[str] = []
        self.version_reads = 0
        self.refused: set[Any] = set()
        self.may_read = threading.Event()
        self.may_read.set()

    def change(self, key: str = "a", **pieces: str) -> int:
        """Change pieces (or none) and return the new version."""
        self.versions[key] = self.versions.get(key, 0) + 1
        self.pieces.setdefault(key, {}).update(
            {name: f'<p id="{name}">{text}</p>' for name, text in pieces.items()}
        )
        return self.versions[key]

    def load(self, key: str, now: dt.datetime) -> Fragment:
        self.reads.append(key)
        self.may_read.wait(5)
        if self.refused == {"broken"}:
            raise RuntimeError("cannot be read")
        pieces = dict(self.pieces.get(key, {}))
        return Fragment(
            self.versions.get(key, 0),
            pieces,
            container_id="all",
            container=lambda: f'<div id="all">{"".join(pieces.values())}</div>',
            wakes_at=self.wakes_at.get(key),
        )

    def read_versions(self, keys: Collection[str]) -> dict[str, int]:
        self.version_reads += 1
        return {key: self.versions.get(key, 0) for key in keys}

    def audience(self, viewer: Viewer, key: str) -> bool:
        return viewer.user_id not in self.refused


@pytest.fixture
def topic() -> Iterator[FakeTopic]:
    fake = FakeTopic()
    fake.change("a", one="1", two="2")
    fake.change("b", one="1")
    registry.register(registry.Kind("fake", str, fake.audience, fake.load, fake.read_versions))
    yield fake
    fake.may_read.set()
    registry.unregister("fake")


Connect = Callable[..., Awaitable[WebsocketCommunicator]]


@pytest_asyncio.fixture
async def connect(topic: FakeTopic) -> AsyncIterator[Connect]:
    """Return a function that opens the socket of a page that shows the topics as they are now."""
    opened: list[WebsocketCommunicator] = []

    async def open_page(
        *names: str,
        viewer: Viewer = VISITOR,
        session_key: str | None = None,
        cookie: str | None = None,
        version: int | None = None,
        token: str | None = None,
        now: dt.datetime | None = None,
    ) -> WebsocketCommunicator:
        shown = [
            tokens.Shown(f"fake.{key}", topic.versions[key] if version is None else version)
            for key in names
        ]
        token = token or tokens.issue(
            viewer=viewer, session_key=session_key, topics=shown, now=now or timezone.now()
        )
        sent = cookie or session_key
        headers = [(b"cookie", f"{settings.SESSION_COOKIE_NAME}={sent}".encode())] if sent else []
        page = WebsocketCommunicator(
            URLRouter(websocket_urlpatterns), socket_path(token), headers=headers
        )
        opened.append(page)
        connected, _ = await page.connect(timeout=5)
        assert connected
        await settled()
        return page

    yield open_page
    for page in opened:
        if not page.future.done():
            await page.disconnect()
    await stop_hub()


async def settled() -> None:
    """Wait until the hub has brought every page up to date."""
    hub = hub_of_this_loop()
    while any(feed.arrivals or feed.reading or feed.waiting for feed in hub.all_feeds()):
        await asyncio.sleep(0.001)


async def closed_with(page: WebsocketCommunicator) -> int:
    """Return the code the page is closed with; frames before it are passed over."""
    while True:
        output = await page.receive_output(timeout=5)
        if output["type"] == "websocket.close":
            return int(output["code"])

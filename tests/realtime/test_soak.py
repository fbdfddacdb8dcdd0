"""Everything at once: pages come and go, changes go on, Valkey is killed in the middle."""

from __future__ import annotations

import asyncio
import random
import time

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tests.realtime.servers import KillableValkey, Page, Truth, fake_server, token_for

PAGES = 100
CHANGING_SECONDS = 6.0
DEAD_SECONDS = 1.5
CATCH_UP_SECONDS = 15


class Visitor:
    """Somebody who opens the page, looks, leaves, comes back; the last visit lasts."""

    def __init__(self, addresses: list[int], truth: Truth, chance: random.Random) -> None:
        self.ports, self.truth, self.chance = addresses, truth, chance
        self.page = Page(dict(truth.pieces))
        self.went_back = False
        self.staying = asyncio.Event()

    async def visit(self, last_from: float) -> None:
        while True:
            lasting = time.monotonic() >= last_from
            # The page is rendered now; its socket opens a little later.
            token = token_for(self.truth)
            self.page = Page(dict(self.truth.pieces))
            await asyncio.sleep(self.chance.uniform(0, 0.4))
            try:
                await self._watch(token, None if lasting else self.chance.uniform(0.05, 1.0))
            except (WebSocketException, OSError):
                continue

    async def _watch(self, token: str, seconds: float | None) -> None:
        from realtime.routing import socket_path

        port = self.chance.choice(self.ports)
        async with connect(f"ws://127.0.0.1:{port}{socket_path(token)}") as connection:
            try:
                await asyncio.wait_for(self.page.follow(connection), seconds)
            except TimeoutError:
                return
            finally:
                self.went_back |= self.page.went_back


@pytest.mark.slow
async def test_every_page_ends_on_the_newest_version_though_valkey_dies(
    valkey: KillableValkey, truth: Truth
) -> None:
    chance = random.Random(7)  # noqa: S311
    servers = [fake_server(valkey, truth) for _ in range(2)]
    ports = [server.port for server in servers]
    begin = time.monotonic()
    visitors = [Visitor(ports, truth, chance) for _ in range(PAGES)]
    tasks = [
        asyncio.create_task(visitor.visit(begin + chance.uniform(1, CHANGING_SECONDS)))
        for visitor in visitors
    ]
    try:
        await _change_for(CHANGING_SECONDS, truth, valkey, chance)
        deadline = time.monotonic() + CATCH_UP_SECONDS
        while behind := [v for v in visitors if v.page.pieces != truth.pieces]:
            assert time.monotonic() < deadline, f"{len(behind)} pages are behind"
            await asyncio.sleep(0.05)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for server in servers:
            server.stop()

    assert truth.version > 200
    assert not any(visitor.went_back for visitor in visitors)


async def _change_for(
    seconds: float, truth: Truth, valkey: KillableValkey, chance: random.Random
) -> None:
    """Change on and on; the last changes before and after the gap are announced to nobody."""
    begin = time.monotonic()
    dead = False
    while (passed := time.monotonic() - begin) < seconds:
        await asyncio.to_thread(truth.change)
        if not dead and passed > seconds / 2:
            dead = True
            valkey.kill()
            while time.monotonic() - begin < seconds / 2 + DEAD_SECONDS:
                await asyncio.to_thread(truth.change)
                await asyncio.sleep(0.05)
            await asyncio.to_thread(valkey.start)
        await asyncio.sleep(chance.uniform(0, 0.02))

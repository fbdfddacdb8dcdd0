"""Everything at once: pages come and go, changes go on, Valkey is killed in the middle."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tests.realtime.servers import KillableValkey, Page, Server, Truth, fake_server, token_for

PAGES = 100
CHANGES = 40  # before Valkey dies and while it is dead, twice
DEAD_SECONDS = 1.5
CATCH_UP_SECONDS = 25  # less than the 30 s after which versions are compared anyway


class Visitor:
    """Somebody who opens the page, looks, leaves, comes back; the last visit lasts."""

    def __init__(self, servers: list[Server], truth: Truth, chance: random.Random) -> None:
        self.servers, self.truth, self.chance = servers, truth, chance
        self.page = Page(dict(truth.pieces))
        self.went_back = False
        self.stays = False
        self.connected = False

    async def visit(self, last: asyncio.Event) -> None:
        while True:
            self.stays, self.connected = last.is_set(), False
            # The page is rendered now; its socket opens a little later.
            token = token_for(self.truth)
            self.page = Page(dict(self.truth.pieces))
            await asyncio.sleep(self.chance.uniform(0, 0.4))
            try:
                await self._watch(token, None if self.stays else self.chance.uniform(0.1, 2.5))
            except (TimeoutError, WebSocketException, OSError):
                continue

    async def _watch(self, token: str, seconds: float | None) -> None:
        address = self.chance.choice(self.servers).address(token)
        async with asyncio.timeout(seconds), connect(address) as connection:
            self.connected = self.stays
            try:
                await self.page.follow(connection)
            finally:
                self.went_back |= self.page.went_back


@pytest.mark.slow
async def test_every_page_ends_on_the_newest_version_though_valkey_dies(
    valkey: KillableValkey, truth: Truth
) -> None:
    chance = random.Random(7)  # noqa: S311
    servers = [fake_server(valkey, truth) for _ in range(2)]
    last = asyncio.Event()
    visitors = [Visitor(servers, truth, chance) for _ in range(PAGES)]
    tasks = [asyncio.create_task(visitor.visit(last)) for visitor in visitors]
    try:
        await _change(truth, chance)
        await _change_while_dead(truth, valkey, chance)
        await _change(truth, chance)
        last.set()
        await _until(lambda: all(visitor.connected for visitor in visitors))
        # Nobody comes any more, and these are announced to nobody: only the gap tells.
        await _change_while_dead(truth, valkey, chance)
        await _until(lambda: all(visitor.page.pieces == truth.pieces for visitor in visitors))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for server in servers:
            server.stop()

    assert not any(visitor.went_back for visitor in visitors)


async def _change(truth: Truth, chance: random.Random, until: float = 0.0) -> None:
    enough = truth.version + CHANGES
    while truth.version < enough or time.monotonic() < until:
        await asyncio.to_thread(truth.change)
        await asyncio.sleep(chance.uniform(0, 0.02))


async def _change_while_dead(truth: Truth, valkey: KillableValkey, chance: random.Random) -> None:
    valkey.kill()
    await _change(truth, chance, until=time.monotonic() + DEAD_SECONDS)
    await asyncio.to_thread(valkey.start)


async def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + CATCH_UP_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "not every page got there"
        await asyncio.sleep(0.05)

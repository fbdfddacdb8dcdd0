"""Everything at once: pages come and go, changes go on, Valkey is killed in the middle."""

from __future__ import annotations

import asyncio
import random
import time

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tests.realtime.servers import KillableValkey, Page, Server, Truth, fake_server, token_for

PAGES = 100
CHANGES = 150  # before Valkey dies, while it is dead, and afterwards
DEAD_SECONDS = 1.5
CATCH_UP_SECONDS = 30


class Visitor:
    """Somebody who opens the page, looks, leaves, comes back; the last visit lasts."""

    def __init__(self, servers: list[Server], truth: Truth, chance: random.Random) -> None:
        self.servers, self.truth, self.chance = servers, truth, chance
        self.page = Page(dict(truth.pieces))
        self.went_back = False

    async def visit(self, over: asyncio.Event) -> None:
        while True:
            lasting = over.is_set() or self.chance.random() < 0.1
            # The page is rendered now; its socket opens a little later.
            token = token_for(self.truth)
            self.page = Page(dict(self.truth.pieces))
            await asyncio.sleep(self.chance.uniform(0, 0.4))
            try:
                await self._watch(token, None if lasting else self.chance.uniform(0.05, 1.0))
            except (TimeoutError, WebSocketException, OSError):
                continue

    async def _watch(self, token: str, seconds: float | None) -> None:
        address = self.chance.choice(self.servers).address(token)
        async with asyncio.timeout(seconds), connect(address) as connection:
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
    over = asyncio.Event()
    visitors = [Visitor(servers, truth, chance) for _ in range(PAGES)]
    tasks = [asyncio.create_task(visitor.visit(over)) for visitor in visitors]
    try:
        await _change(truth, valkey, chance)
        over.set()
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

    assert not any(visitor.went_back for visitor in visitors)


async def _change(truth: Truth, valkey: KillableValkey, chance: random.Random) -> None:
    """Change on and on while Valkey dies in the middle and comes back."""

    async def once() -> None:
        await asyncio.to_thread(truth.change)
        await asyncio.sleep(chance.uniform(0, 0.02))

    while truth.version < CHANGES:
        await once()
    valkey.kill()
    back_at = time.monotonic() + DEAD_SECONDS
    while truth.version < 2 * CHANGES or time.monotonic() < back_at:
        await once()
    await asyncio.to_thread(valkey.start)
    while truth.version < 3 * CHANGES:
        await once()

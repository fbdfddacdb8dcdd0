"""Our server as a process: a reader that stops, a flood, closing, the way it ends."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.realtime.servers import Page, Server, Truth, token_for, wait_until

pytest_plugins: list[str] = []

# Enough frames to fill every kernel buffer between the two many times over.
FRAMES, FRAME_BYTES = 1500, 16_000


async def test_reader_that_stops_is_bounded_and_gets_the_newest_state(
    server: Server, truth: Truth
) -> None:
    page = Page(dict(truth.pieces))
    async with (
        connect(server.address(token_for(truth)), max_queue=1) as stuck,
        connect(server.address(token_for(truth))) as healthy,
    ):
        watching = asyncio.create_task(Page(dict(truth.pieces)).follow(healthy))
        before = server.memory_kb()
        truth.size = FRAME_BYTES
        for _ in range(FRAMES):
            truth.change()
            await asyncio.sleep(0)
            await _pause_for_hub(truth)

        grown = server.memory_kb() - before
        assert grown < 4_000, f"{grown} KB for one stuck reader"
        while page.pieces != truth.pieces:
            page.apply(await asyncio.wait_for(stuck.recv(), 10))
        assert not page.went_back
        watching.cancel()


async def _pause_for_hub(truth: Truth) -> None:
    """Let every change become a frame of its own, past the 15 ms in which they are put together."""
    if truth.version % 5 == 0:
        await asyncio.sleep(0.016)


async def test_frame_larger_than_what_browsers_may_send_arrives_whole(
    server: Server, truth: Truth
) -> None:
    truth.size = 100_000
    async with connect(server.address(token_for(truth)), max_size=None) as page:
        truth.change()

        message = await asyncio.wait_for(page.recv(), 10)

    assert len(message) > 100_000


async def test_too_many_messages_close_the_socket_with_their_code(
    server: Server, truth: Truth
) -> None:
    """Few enough that nothing unread is left, so that the closing frame surely arrives."""
    async with connect(server.address(token_for(truth))) as page:
        for _ in range(30):
            await page.send("{}")
        with pytest.raises(ConnectionClosed):
            while True:
                await asyncio.wait_for(page.recv(), 10)

        assert page.close_code == 4429


async def test_flood_of_messages_is_cut_off_and_harms_nobody(server: Server, truth: Truth) -> None:
    """What a flood leaves unread makes TCP reset the connection, with or without the code."""
    async with connect(server.address(token_for(truth))) as flood:
        with contextlib.suppress(ConnectionClosed):
            for _ in range(5_000):
                await flood.send("{}")
        with pytest.raises(ConnectionClosed):
            while True:
                await asyncio.wait_for(flood.recv(), 10)

    async with connect(server.address(token_for(truth))) as page:
        truth.change()
        assert await asyncio.wait_for(page.recv(), 10)


async def test_server_that_ends_tells_pages_to_come_back(server: Server, truth: Truth) -> None:
    async with connect(server.address(token_for(truth))) as page:
        server.terminate()
        with pytest.raises(ConnectionClosed):
            while True:
                await asyncio.wait_for(page.recv(), 10)

        assert page.close_code == 1012
    wait_until(lambda: server.process.poll() is not None)
    assert server.process.returncode == 0


async def test_server_names_neither_itself_nor_compression(server: Server, truth: Truth) -> None:
    async with connect(server.address(token_for(truth))) as page:
        assert page.response is not None
        headers = page.response.headers

    assert "Server" not in headers or not headers["Server"]
    assert "Sec-WebSocket-Extensions" not in headers

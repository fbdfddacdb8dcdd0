"""The bus: what is announced is heard; what may have been missed is said; outages hurt nobody."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import pytest
from channels.layers import get_channel_layer

from realtime import bus
from tests.realtime.servers import KillableValkey

SOON = 20


class Listener:
    """Somebody on the bus, as a hub is."""

    def __init__(self, events: AsyncIterator[bus.Event]) -> None:
        self.events = events

    async def next(self) -> bus.Event:
        return await asyncio.wait_for(anext(self.events), SOON)

    async def joined(self) -> None:
        """Read on until own channel and group are both confirmed."""
        assert [await self.next(), await self.next()] == [bus.Gap(), bus.Gap()]


@pytest.fixture
def listener(valkey: KillableValkey) -> Listener:
    return Listener(bus.events())


def told(work: Any, *arguments: Any, **named: Any) -> Awaitable[None]:
    """Announce from a thread, as a request does."""
    return asyncio.to_thread(work, *arguments, **named)


async def test_announcements_are_heard_in_order(listener: Listener) -> None:
    await listener.joined()

    await told(bus.announce_dirty, [("board.a", 1), ("next.*", None)])
    await told(bus.announce_ended, user_id=uuid.UUID(int=1), session="mark")
    await told(bus.announce_ended, user_id=uuid.UUID(int=2))

    assert await listener.next() == bus.Dirty("board.a", 1)
    assert await listener.next() == bus.Dirty("next.*", None)
    assert await listener.next() == bus.Ended(uuid.UUID(int=1), "mark")
    assert await listener.next() == bus.Ended(uuid.UUID(int=2), None)


async def test_listener_learns_that_it_may_have_missed_something(
    listener: Listener, valkey: KillableValkey
) -> None:
    await listener.joined()

    valkey.kill()
    await told(bus.announce_dirty, [("board.lost", 1)])
    await asyncio.to_thread(valkey.start)

    assert await listener.next() == bus.Gap()
    await listener.next()
    await told(bus.announce_dirty, [("board.heard", 2)])
    assert await listener.next() == bus.Dirty("board.heard", 2)


async def test_connection_cut_for_a_moment_is_noticed(
    listener: Listener, valkey: KillableValkey
) -> None:
    """channels_redis connects again by itself and says nothing; a message in between is gone."""
    await listener.joined()

    client = get_channel_layer()._plain
    await asyncio.to_thread(client.execute_command, "CLIENT", "KILL", "TYPE", "pubsub")

    assert await listener.next() == bus.Gap()


async def test_bus_that_is_not_there_at_the_start_is_joined_later(
    listener: Listener, valkey: KillableValkey
) -> None:
    valkey.kill()
    first = asyncio.create_task(listener.next())
    await asyncio.sleep(0.2)

    await asyncio.to_thread(valkey.start)

    assert await first == bus.Gap()


async def test_announcing_without_a_bus_fails_nobody(valkey: KillableValkey) -> None:
    valkey.kill()

    await told(bus.announce_dirty, [("board.a", 1)])


async def test_message_that_is_not_understood_is_passed_over(listener: Listener) -> None:
    await listener.joined()
    layer = get_channel_layer()

    await told(layer.publish, bus.GROUP, [{"type": "of.a.later.release"}])
    await told(bus.announce_dirty, [("board.a", 1)])

    assert await listener.next() == bus.Dirty("board.a", 1)

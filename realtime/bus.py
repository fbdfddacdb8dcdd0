"""The bus between processes: "this topic changed", "close this person's sockets".

 It carries ids and versions only. Announcing is for ordinary (synchronous) code after its commit
and never fails it. Listening is for the hub: one channel per process, in one group. A message may
be lost; whoever listens is told when that is possible (`Gap`) and reads the database's versions
again.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any

import redis
from channels.layers import get_channel_layer

from realtime.layer import FIRST_PAUSE, LONGEST_PAUSE, SUBSCRIBED

logger = logging.getLogger(__name__)

GROUP = "live"


@dataclass(frozen=True, slots=True)
class Dirty:
    """A topic changed; `version` is None where the announcer knows none. A topic may end in `*`."""

    topic: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """A session ended (`session` is its mark), or all of the person's access changed (None)."""

    user_id: uuid.UUID
    session: str | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Messages may have been missed before this moment."""


Event = Dirty | Ended | Gap


def announce_dirty(topics: Iterable[tuple[str, int | None]]) -> None:
    """Tell every process that these topics changed."""
    _publish([{"type": "live.dirty", "topics": [[topic, version] for topic, version in topics]}])


def announce_ended(*, user_id: uuid.UUID, session: str | None = None) -> None:
    """Tell every process to close this person's sockets, or those of one session."""
    _publish([{"type": "live.ended", "user": str(user_id), "session": session}])


def _publish(messages: list[dict[str, Any]]) -> None:
    try:
        get_channel_layer().publish(GROUP, messages)
    except (redis.RedisError, OSError) as error:
        # Whoever watches notices by itself: at the latest at its next reading of versions.
        logger.warning("announcement lost: %s", type(error).__name__)


async def events() -> AsyncIterator[Event]:
    """Yield what is announced, for ever; joins again whenever Redis comes back."""
    layer = get_channel_layer()
    pause = FIRST_PAUSE
    while True:
        try:
            channel = await layer.new_channel()
            await layer.group_add(GROUP, channel)
            pause = FIRST_PAUSE
        except (redis.RedisError, OSError) as error:
            if pause == FIRST_PAUSE:  # once an outage
                logger.warning("bus not reached: %s", type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            continue
        while True:
            for event in _parse(await layer.receive(channel)):
                yield event


def _parse(message: dict[str, Any]) -> list[Event]:
    match message:
        case {"type": "live.dirty", "topics": topics}:
            return [Dirty(topic, version) for topic, version in topics]
        case {"type": "live.ended", "user": user, "session": session}:
            return [Ended(uuid.UUID(user), session)]
        case {"type": kind} if kind == SUBSCRIBED:
            return [Gap()]
    logger.error("unknown message on the bus")
    return []

"""The channel layer: channels_redis' pub/sub layer, with its two silent faults made audible.

`channels_redis.pubsub` (4.3) loses messages while its connection is down and says nothing, and it
considers a channel subscribed before Redis has confirmed it. Here every confirmation, the first and
each one after a reconnection, is delivered to the local channels as a message of type `SUBSCRIBED`:
whoever receives it knows that something may have been missed before, and nothing after.

Publishing from ordinary code uses a plain client: `async_to_sync(group_send)` opens a connection
per call. Only what channels_redis keeps in `_do_receiving`, `_ensure_redis` and `_shards` is
replaced.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Iterable, Mapping
from typing import Any

import redis
from channels_redis.pubsub import (
    RedisPubSubChannelLayer,
    RedisPubSubLoopLayer,
    RedisSingleShardConnection,
)
from channels_redis.utils import _wrap_close, create_pool, decode_hosts
from redis import asyncio as aioredis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

SUBSCRIBED = "bus.subscribed"
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 0.5
POLL_SECONDS = 1.0
# Announcing happens in a request, after its commit: it may be lost, it may not hold the answer up.
PUBLISH_TIMEOUT_SECONDS = 0.3


class _Shard(RedisSingleShardConnection):  # type: ignore[misc]
    """One connection to Redis that reconnects by itself and reports each confirmed subscription."""

    _redis: Any
    _pubsub: Any

    async def _do_receiving(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                message = await self._next_message()
                pause = FIRST_PAUSE
            except (redis.RedisError, OSError) as error:
                if pause == FIRST_PAUSE:  # once an outage
                    logger.warning("bus connection lost: %s", type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            if message is None:
                continue
            if message["type"] == "subscribe":
                self.channel_layer.confirmed()
            else:
                self._receive_message(message)

    async def _next_message(self) -> Mapping[str, Any] | None:
        if self._pubsub is None or not self._pubsub.subscribed:
            await asyncio.sleep(FIRST_PAUSE)
            return None
        return await self._pubsub.get_message(timeout=POLL_SECONDS)  # type: ignore[no-any-return]

    def _ensure_redis(self) -> None:
        if self._pubsub is None:
            # The client's retries would hide a reconnection for seconds; the loop has its own.
            options = {"retry": AsyncRetry(NoBackoff(), 0), "socket_connect_timeout": 2}
            pool = create_pool({**options, "health_check_interval": 10, **self.host})
            client = aioredis.Redis(connection_pool=pool)
            self._redis, self._pubsub = client, client.pubsub()


class _LoopLayer(RedisPubSubLoopLayer):  # type: ignore[misc]
    def __init__(self, hosts: Any = None, **kwargs: Any) -> None:
        super().__init__(hosts=hosts, **kwargs)
        self._shards = [_Shard(host, self) for host in decode_hosts(hosts)]

    def confirmed(self) -> None:
        notice = self.channel_layer.serialize({"type": SUBSCRIBED})
        for queue in self.channels.values():
            queue.put_nowait(notice)


class LiveChannelLayer(RedisPubSubChannelLayer):  # type: ignore[misc]
    """`CHANNEL_LAYERS["default"]`: as channels_redis' own, plus `SUBSCRIBED` and `publish`."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return super().__getattr__(name)

    def _get_layer(self) -> _LoopLayer:
        loop = asyncio.get_running_loop()
        layer = self._layers.get(loop)
        if layer is None:
            layer = self._layers[loop] = _LoopLayer(*self._args, **self._kwargs, channel_layer=self)
            _wrap_close(self, loop)
        return layer  # type: ignore[no-any-return]

    @functools.cached_property
    def _plain(self) -> redis.Redis:
        host = dict(decode_hosts(self._kwargs.get("hosts"))[0])
        limits: dict[str, Any] = {
            "socket_timeout": PUBLISH_TIMEOUT_SECONDS,
            "socket_connect_timeout": PUBLISH_TIMEOUT_SECONDS,
            # Once, at once: a pooled connection may have died since it was last used.
            "retry": Retry(NoBackoff(), 1),
        }
        if "address" in host:
            return redis.Redis.from_url(host.pop("address"), **host, **limits)
        return redis.Redis(**host, **limits)

    def publish(self, group: str, messages: Iterable[Mapping[str, Any]]) -> None:
        """Send messages to a group from ordinary code in one round trip; raise RedisError."""
        channel = f"{self._kwargs.get('prefix', 'asgi')}__group__{group}"
        pipeline = self._plain.pipeline(transaction=False)
        for message in messages:
            pipeline.publish(channel, self.serialize(message))
        pipeline.execute()

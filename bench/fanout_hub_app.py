"""The product's own live connection with a topic that lives in memory: what `bench.fanout` loads.

A text frame with a number on /pub is announced on the bus, as a booking would be after its commit;
the hub reads the topic, compares, and writes the piece that changed. Served by `realtime.server`
(direct) or by stock daphne. Tokens are signed outside, with the same SECRET_KEY. For this machine's
loopback only.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Awaitable, Callable, Collection
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.fanout_settings")
django.setup()

from channels.routing import URLRouter
from django.urls import path

from clinic.lib.fragments import Fragment
from realtime import bus, registry
from realtime.routing import websocket_urlpatterns

SIZE = 2048
TOPIC = "bench.one"

_state = {"seq": 0}


def _load(key: str, now: dt.datetime) -> Fragment:
    seq = _state["seq"]
    piece = f'<div id="piece" data-seq="{seq}">'.ljust(SIZE - 120) + "</div>"
    return Fragment(seq, {"piece": piece})


def _versions(keys: Collection[str]) -> dict[str, int]:
    return dict.fromkeys(keys, _state["seq"])


registry.register(registry.Kind("bench", str, lambda viewer, key: True, _load, _versions))


async def publish(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Take the numbers of events."""
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] != "websocket.disconnect":
        if message["type"] == "websocket.receive":
            _state["seq"] = json.loads(message["text"])["seq"]
            bus.announce_dirty([(TOPIC, _state["seq"])])


application = URLRouter([path("pub", publish), *websocket_urlpatterns])

"""The usual way: a stock Channels consumer in a group of the pub/sub layer, on stock daphne."""

from __future__ import annotations

import json
import os
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.fanout_settings")
django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import URLRouter
from django.urls import path

SIZE = 2048
GROUP = "bench"


class Watcher(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def piece(self, event: dict[str, Any]) -> None:
        await self.send(text_data=event["html"])


class Publisher(AsyncWebsocketConsumer):
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        seq = json.loads(text_data or "{}")["seq"]
        html = f'<div id="piece" data-seq="{seq}">'.ljust(SIZE - 6) + "</div>"
        await self.channel_layer.group_send(GROUP, {"type": "piece", "html": html})


application = URLRouter([path("pub", Publisher.as_asgi()), path("<path:rest>", Watcher.as_asgi())])

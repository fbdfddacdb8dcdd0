"""The socket of a page: let in by its stream token, then only written to.

People act by HTTP, so whatever a browser sends here is counted and dropped. The consumer has no
channel of its own and no thread: the hub writes to it directly. A refused socket is accepted first
and closed with a code, because a refused handshake is tried again for ever.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer
from django.conf import settings
from django.http.cookie import parse_cookie
from django.utils import timezone

from realtime import tokens
from realtime.hub import TooManySockets
from realtime.hubs import hub_of_this_loop
from realtime.limits import TokenBucket
from realtime.sockets import DIRECT, TOO_MANY, UNREADABLE, AsgiSink, Sink, Socket

LONGEST_MESSAGE = 8 * 1024


class LiveConsumer(AsyncConsumer):  # type: ignore[misc]
    """One page's socket."""

    socket: Socket | None = None

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        # Not AsyncConsumer's own: that subscribes a channel and keeps two tasks for each socket.
        self.scope = scope
        self.base_send = send
        self.bucket = TokenBucket()
        try:
            while True:
                await self.dispatch(await receive())
        except StopConsumer:
            pass
        finally:
            self.depart()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Handle a message without AsyncConsumer's hop to a thread: no database is used here."""
        match message["type"]:
            case "websocket.connect":
                await self.arrive()
            case "websocket.receive":
                await self.drop(message)
            case "websocket.disconnect":
                raise StopConsumer

    async def arrive(self) -> None:
        """Let the page in, or say why not."""
        await self.base_send({"type": "websocket.accept"})
        try:
            grant = tokens.read(
                self.scope["url_route"]["kwargs"]["token"],
                session_key=self.session_key(),
                now=timezone.now(),
            )
        except tokens.Refused as refusal:
            await self.close(refusal.code)
            return
        socket = Socket(self.sink(), grant)
        try:
            hub_of_this_loop().enter(socket)
        except TooManySockets:
            await self.close(TOO_MANY)
            return
        self.socket = socket

    def depart(self) -> None:
        if self.socket is not None:
            hub_of_this_loop().leave(self.socket)
            self.socket = None

    async def drop(self, message: dict[str, Any]) -> None:
        """Ignore what a well-behaved page may send; close on anything else."""
        if not self.bucket.take(asyncio.get_running_loop().time()):
            await self.close(TOO_MANY)
        elif not well_formed(message.get("text")):
            await self.close(UNREADABLE)

    async def close(self, code: int) -> None:
        self.depart()
        await self.base_send({"type": "websocket.close", "code": code})

    def sink(self) -> Sink:
        direct: Sink | None = self.scope.get("extensions", {}).get(DIRECT)
        return direct if direct is not None else AsgiSink(self.base_send)

    def session_key(self) -> str | None:
        for name, value in self.scope["headers"]:
            if name == b"cookie":
                cookies = parse_cookie(value.decode("latin-1"))
                return cookies.get(settings.SESSION_COOKIE_NAME)
        return None


def well_formed(text: str | None) -> bool:
    """Say whether a message is a short JSON object, which is all that htmx ever sends."""
    if text is None or len(text) > LONGEST_MESSAGE:
        return False
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False

"""One page's socket as the hub sees it: send a frame, or keep only the newest while it is full.


What actually writes is a sink: the server's own (`server`) or any ASGI server's `send` (below).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, Protocol

from realtime.frames import Frame

logger = logging.getLogger(__name__)

# Key of `scope["extensions"]` under which our own server offers itself as the sink.
DIRECT = "betony.direct"
# Close codes: come back at once; no longer needed; session over; no access; misbehavior.
GOING_AWAY = 1012
REPLACED = 1000
SESSION_OVER, NO_ACCESS = 4401, 4403
UNREADABLE, TOO_MANY = 4400, 4429

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Sink(Protocol):
    """Writes to one browser."""

    # Called once when everything accepted so far has left, after an `offer` answered False.
    on_drain: Callable[[], None] | None

    def offer(self, frame: Frame) -> bool:
        """Take a frame. False: taken, but the reader does not keep up; wait for the drain."""

    def close(self, code: int) -> None:
        """Close the socket with a code."""


class Backlog(dict[str, dict[str, str]]):
    """What a slow reader has not been sent: per topic the newest HTML of each piece."""

    def add(self, topic: str, frame: Frame) -> None:
        """Put the frame after what is waiting; each piece waits once, in its newest form."""
        if frame.whole:
            self[topic] = dict(frame.pieces)
            return
        waiting = self.setdefault(topic, {})
        for dom_id, html in frame.pieces.items():
            # Taken out first, so that a newer piece comes after an older container that holds it.
            waiting.pop(dom_id, None)
            waiting[dom_id] = html

    def frame(self) -> Frame:
        return Frame(
            {dom_id: html for waiting in self.values() for dom_id, html in waiting.items()}
        )


class Socket:
    """A connected page: who it is for, until when, and what it still has to be sent."""

    __slots__ = ("backlog", "closed", "grant", "offer", "sink", "timer", "topics")

    def __init__(self, sink: Sink, grant: Any) -> None:
        self.sink = sink
        self.offer = sink.offer
        self.grant = grant
        self.backlog: Backlog | None = None
        self.closed = False
        self.timer: asyncio.TimerHandle | None = None
        self.topics: list[str] = []
        sink.on_drain = self.drained

    @property
    def owner(self) -> object:
        """Whose sockets are counted together: a person's, or those of one visitor's page."""
        return self.grant.user_id or self.grant.nonce

    def send(self, topic: str, frame: Frame) -> None:
        """Write now, or remember the newest until the reader has caught up."""
        if self.backlog is not None:
            self.backlog.add(topic, frame)
        elif not self.offer(frame):
            self.backlog = Backlog()

    def drained(self) -> None:
        """Send what has gathered while the reader was behind."""
        backlog, self.backlog = self.backlog, None
        if backlog and not self.closed and not self.offer(backlog.frame()):
            self.backlog = Backlog()

    def close(self, code: int) -> None:
        if not self.closed:
            self.closed = True
            self.backlog = None
            self.sink.close(code)


class AsgiSink:
    """Writes through any ASGI server's `send`, driven to its first real wait without a task.


    Only a server whose `send` waits (its buffer is full) costs a task, and only one.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._waiting: asyncio.Task[None] | None = None
        self.on_drain: Callable[[], None] | None = None

    def offer(self, frame: Frame) -> bool:
        return self._start({"type": "websocket.send", "text": frame.text})

    def close(self, code: int) -> None:
        self._start({"type": "websocket.close", "code": code})

    def _start(self, message: dict[str, Any]) -> bool:
        coroutine = self._send(message)
        assert isinstance(coroutine, Coroutine)
        try:
            waits_for = coroutine.send(None)
        except StopIteration:
            return True
        except Exception:  # the peer is gone; the server will say so with websocket.disconnect
            logger.debug("socket refused a frame", exc_info=True)
            return True
        self._waiting = asyncio.ensure_future(self._finish(coroutine, waits_for))
        return False

    async def _finish(self, coroutine: Coroutine[Any, Any, None], waits_for: Any) -> None:
        try:
            await _Rest(coroutine, waits_for)
        except Exception:
            logger.debug("socket refused a frame", exc_info=True)
        self._waiting = None
        if self.on_drain is not None:
            self.on_drain()


class _Rest:
    """The rest of a coroutine that was driven by hand up to its first wait."""

    def __init__(self, coroutine: Coroutine[Any, Any, None], waits_for: Any) -> None:
        self._coroutine = coroutine
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, None]:
        try:
            yield self._waits_for
        except BaseException:
            self._coroutine.close()
            raise
        yield from self._coroutine.__await__()

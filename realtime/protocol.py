"""daphne's WebSocket protocol, writing prepared frames straight to the transport.

What is replaced of daphne 4.2 and autobahn, and why: the send path (30 to 50 us a frame, and a
reader that has stopped is buffered without limit), the pings (all sockets of a storm at the same
moment), the refusal of close code 1012. Needs daphne.server imported first, for its reactor; knows
no Django.
"""

from __future__ import annotations

import random
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

from autobahn.websocket import protocol as autobahn_protocol
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet import tcp

from realtime.frames import Frame, Prepared, text_frame

PING_SECONDS, PONG_SECONDS = 20, 30
# What may wait for one reader here, besides one frame, and in the kernel (which doubles it).
MOST_QUEUED_BYTES = 32 * 1024
KERNEL_BUFFER_BYTES = 64 * 1024
MOST_UNREAD_MESSAGES = 32
TOO_MANY = 4429
OPEN = WebSocketProtocol.STATE_OPEN
PING = Prepared(struct.pack("!BB", 0x89, 0))  # RFC 6455 5.5.2, without payload
PONG, PONG_BYTES = struct.pack("!BB", 0x8A, 0x80), 6  # masked, as browsers must

# For a debug line that nobody reads, autobahn formats its options prettily at every connection: a
# third of what a connection costs.
autobahn_protocol.pformat = repr  # type: ignore[assignment]


class LiveProtocol(WebSocketProtocol):  # type: ignore[misc]
    """daphne's WebSocket protocol; also the hub's sink for this socket."""

    on_drain: Callable[[], None] | None = None
    full = False

    def connectionMade(self) -> None:
        super().connectionMade()
        now = time.monotonic()
        self.heard_at = now
        # Spread, so that a storm of connections is not followed by a storm of pings.
        self.pinged_at = now - random.random() * PING_SECONDS  # noqa: S311
        # The HTTP channel registered itself as producer before the upgrade.
        self.transport.unregisterProducer()
        self.plain = isinstance(self.transport, tcp.Connection)
        self.transmit: Callable[[bytes], int] | None = None
        if self.plain:
            self.transmit = self.transport.socket.send
            self.transport.socket.setsockopt(
                socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER_BYTES
            )

    def dataReceived(self, data: bytes) -> None:
        self.heard_at = time.monotonic()
        # The answer to our ping, alone: nearly all that browsers ever send. autobahn takes 80 us.
        if len(data) == PONG_BYTES and data.startswith(PONG) and self.between_frames():
            return
        super().dataReceived(data)

    def between_frames(self) -> bool:
        return self.state == OPEN and not self.data and self.current_frame is None

    # The hub's sink

    def offer(self, frame: Frame | Prepared) -> bool:
        """Write past autobahn, to the kernel if nothing waits before it; False: the reader is slow.

        This runs once for each browser and change, so it calls nothing that it can do without.
        """
        data = frame.data
        if self.state != OPEN:
            return True
        transport = self.transport
        if self.transmit and not transport._tempDataBuffer and not transport.dataBuffer:
            try:
                sent = self.transmit(data)
            except BlockingIOError:
                sent = 0
            except OSError:  # the reactor finds out by itself and reports the loss
                return True
            if sent == len(data):
                return True
            data = data[sent:]
        transport.write(data)
        if not self.full and self.queued() > MOST_QUEUED_BYTES:
            self.full = True
            transport.registerProducer(self, False)
        return not self.full

    def queued(self) -> int:
        transport = self.transport
        if not self.plain:
            return 0
        waiting: int = len(transport.dataBuffer) - transport.offset + transport._tempDataLen
        return waiting

    def close(self, code: int) -> None:
        if self.state == OPEN:
            self.sendCloseFrame(code=code)

    # Twisted's pull producer: called when the transport's buffer has run empty

    def resumeProducing(self) -> None:
        if not self.full or self.queued():
            return
        self.full = False
        self.transport.unregisterProducer()
        if self.on_drain is not None:
            self.on_drain()

    def stopProducing(self) -> None:
        self.full = False

    def connectionLost(self, reason: Any) -> None:
        self.transmit = None
        super().connectionLost(reason)

    # daphne's events

    def serverClose(self, code: int | None = None) -> None:
        self.close(1000 if code is None else code)

    def serverSend(self, content: str | bytes, binary: bool = False) -> None:
        if isinstance(content, str) and self.state == OPEN:
            self.offer(Prepared(text_frame(content.encode())))
        else:
            super().serverSend(content, binary)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        """Cut a flood off before it is queued for the application."""
        if not self.muted and self.application_queue.qsize() >= MOST_UNREAD_MESSAGES:
            self.close(TOO_MANY)
            return
        super().onMessage(payload, isBinary)

    def check_timeouts(self) -> None:
        """Called every two seconds: end what takes too long, ping what is silent."""
        now = time.monotonic()
        if self.state == self.STATE_CONNECTING:
            if self.duration() > self.server.websocket_connect_timeout:
                self.serverReject()
        elif self.state == OPEN:
            if self.duration() > self.server.websocket_timeout:
                self.serverClose()
            elif now - self.heard_at > PING_SECONDS + PONG_SECONDS:
                self.dropConnection(abort=True)
            elif now - max(self.heard_at, self.pinged_at) > PING_SECONDS:
                self.pinged_at = now
                self.offer(PING)

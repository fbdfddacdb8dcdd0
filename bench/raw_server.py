"""The raw limit of a fan-out in Python: one prepared frame written to N transports, nothing else.

Clients connect to ws://127.0.0.1:PORT/...; a text frame sent to ws://127.0.0.1:PORT/pub is padded
to SIZE and written to every other client. No limits, no sign-in: for this machine's loopback only.

    python bench/raw_server.py PORT [SIZE]
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import struct
import sys

import uvloop

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
SIZE = 2048


def frame(payload: bytes) -> bytes:
    length = len(payload)
    if length < 126:
        return struct.pack("!BB", 0x81, length) + payload
    if length < 65536:
        return struct.pack("!BBH", 0x81, 126, length) + payload
    return struct.pack("!BBQ", 0x81, 127, length) + payload


def unmask(data: bytes) -> tuple[int, bytes, int] | None:
    """Return opcode, payload and bytes used of one client frame, or None while it is incomplete."""
    if len(data) < 6:
        return None
    length, at = data[1] & 127, 2
    if length == 126:
        length, at = struct.unpack("!H", data[2:4])[0], 4
    elif length == 127:
        length, at = struct.unpack("!Q", data[2:10])[0], 10
    if len(data) < at + 4 + length:
        return None
    mask, body = data[at : at + 4], data[at + 4 : at + 4 + length]
    return data[0] & 15, bytes(c ^ mask[i & 3] for i, c in enumerate(body)), at + 4 + length


class Peer(asyncio.Protocol):
    """One socket; `/pub` writes to all others."""

    watchers: set[asyncio.Transport] = set()
    size = SIZE

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")
        self.transport, self.buffer, self.path = transport, b"", b""

    def connection_lost(self, exc: Exception | None) -> None:
        self.watchers.discard(self.transport)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.path and not self.shake_hands():
            return
        while self.buffer and (got := unmask(self.buffer)):
            opcode, body, used = got
            self.buffer = self.buffer[used:]
            self.handle(opcode, body)

    def shake_hands(self) -> bool:
        if b"\r\n\r\n" not in self.buffer:
            return False
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        self.path = head.split(b" ")[1]
        headers = dict(line.split(b":", 1) for line in head.split(b"\r\n")[1:])
        key = next(v.strip() for n, v in headers.items() if n.lower() == b"sec-websocket-key")
        accept = base64.b64encode(hashlib.sha1(key + MAGIC).digest())  # noqa: S324
        self.transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        if not self.path.startswith(b"/pub"):
            self.watchers.add(self.transport)
        return True

    def handle(self, opcode: int, body: bytes) -> None:
        if opcode == 8:
            self.transport.close()
        elif opcode == 9:
            self.transport.write(bytes((0x8A, len(body))) + body)
        elif opcode == 1 and self.path.startswith(b"/pub"):
            prepared = frame(body.ljust(self.size))
            for watcher in self.watchers:
                watcher.write(prepared)


async def main() -> None:
    if len(sys.argv) > 2:
        Peer.size = int(sys.argv[2])
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Peer, "127.0.0.1", int(sys.argv[1]), backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())

"""Ask a ClamAV daemon about a file: its INSTREAM command, over TCP or a socket file."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable
from urllib.parse import urlsplit

LENGTH = struct.Struct(">I")
SECONDS = 30
LONGEST_ANSWER = 4096


class ScannerUnavailable(Exception):
    """No answer, or none about the file: it counts as not scanned."""


def is_clean(*, url: str, chunks: Iterable[bytes]) -> bool:
    """Return whether the daemon at `tcp://host:port` or `unix:///path` finds nothing.

    Raises ScannerUnavailable for anything but a clear answer. The name of what it found is not
    kept.
    """
    try:
        with _connected(url) as daemon:
            daemon.sendall(b"zINSTREAM\0")
            for chunk in chunks:
                daemon.sendall(LENGTH.pack(len(chunk)) + chunk)
            daemon.sendall(LENGTH.pack(0))
            answer = _line(daemon)
    except OSError:
        raise ScannerUnavailable from None
    if answer == b"stream: OK":
        return True
    if answer.startswith(b"stream: ") and answer.endswith(b" FOUND"):
        return False
    raise ScannerUnavailable


def _connected(url: str) -> socket.socket:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        daemon = socket.socket(socket.AF_UNIX)
        daemon.settimeout(SECONDS)
        daemon.connect(parts.path)
        return daemon
    return socket.create_connection((parts.hostname, parts.port or 3310), timeout=SECONDS)


def _line(daemon: socket.socket) -> bytes:
    answer = b""
    while b"\0" not in answer and len(answer) < LONGEST_ANSWER:
        received = daemon.recv(LONGEST_ANSWER)
        if not received:
            break
        answer += received
    return answer.partition(b"\0")[0].strip()

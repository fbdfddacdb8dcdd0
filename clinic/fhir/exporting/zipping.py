"""A zip that is sent while it is made: it is never whole, neither in memory nor on the disk."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

# A piece is sent when it has grown to this.
PIECE_BYTES = 256 * 1024
# Files may be read by whoever unpacks them, and by nobody else.
_MODE = 0o600 << 16


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the zip; `pieces` is asked for its content when its turn has come.

    What is compressed already (pictures, PDF) is only stored.
    """

    name: str
    pieces: Callable[[], Iterable[bytes]]
    compress: bool = True


class _Pipe:
    """What the zip is written into; `take` empties it."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, piece: bytes) -> int:
        self._held += piece
        return len(piece)

    def flush(self) -> None:
        """Nothing waits anywhere else."""

    def close(self) -> None:
        """What was written stays until it is taken."""

    def take(self, least: int = 0) -> bytes:
        if len(self._held) <= least:
            return b""
        piece, self._held = bytes(self._held), bytearray()
        return piece


def zipped(members: Iterable[Member], *, now: dt.datetime) -> Iterator[bytes]:
    """Give the zip of the members, in their order, piece by piece."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w") as archive:
        for member in members:
            for _written in _write(archive, member, now):
                if piece := pipe.take(PIECE_BYTES):
                    yield piece
    yield pipe.take()


def _write(archive: zipfile.ZipFile, member: Member, now: dt.datetime) -> Iterator[None]:
    info = zipfile.ZipInfo(member.name, date_time=now.timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED if member.compress else zipfile.ZIP_STORED
    info.external_attr = _MODE
    with archive.open(info, "w", force_zip64=True) as target:
        for piece in member.pieces():
            target.write(piece)
            yield

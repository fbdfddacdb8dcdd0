"""The folder of sealed files: `settings.FILE_STORE`, by default CLINIC_VAR/files.

A file is found by the id of its place and lies two folders deep. It appears whole or not at all:
it is written under a passing name, pushed to the disk and then renamed. Nothing in clear is ever
written here, names included.
"""

from __future__ import annotations

import os
import secrets
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from clinic.crypto.errors import OpenRefused
from clinic.crypto.fileformat import FilePlace, read_header
from clinic.crypto.files import OpenedFile, seal_stream

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600
UNFINISHED = ".part"


def write(*, source: BinaryIO | Iterable[bytes], place: FilePlace, replace: bool = False) -> int:
    """Seal `source` under the id of its place; return how many bytes it had.

    Raises FileExistsError rather than overwrite another file, unless told to `replace` it. A
    transaction that fails afterwards leaves the file: remove it then.
    """
    path = path_of(place.row)
    if path.exists() and not replace:
        raise FileExistsError(f"There is a file {place.row} already.")
    for folder in _folders_of(path):
        # `mkdir(parents=True)` alone would leave those between to the umask.
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    passing = path.with_name(f"{path.name}.{secrets.token_hex(8)}{UNFINISHED}")
    try:
        with _private(passing) as target:
            size = seal_stream(source=source, target=target, place=place)
            target.flush()
            os.fsync(target.fileno())
        passing.replace(path)
    finally:
        passing.unlink(missing_ok=True)
    for folder in _folders_of(path):
        _push_to_disk(folder)
    return size


class Content:
    """The content of a stored file, to be iterated once; closes itself at the end.

    What is cut off or of another place raises OpenRefused at once, what is missing
    FileNotFoundError; a damaged chunk raises when it is reached. A streaming response that is
    never iterated calls `close`.
    """

    def __init__(self, place: FilePlace) -> None:
        self._stream = path_of(place.row).open("rb")
        try:
            self._file = OpenedFile(self._stream, place)
        except BaseException:
            self._stream.close()
            raise
        self.size = self._file.size

    def __iter__(self) -> Iterator[bytes]:
        return self.range(0, self.size)

    def range(self, start: int, end: int) -> Iterator[bytes]:
        """Give the bytes from `start` to before `end` only."""
        with self._stream:
            yield from self._file.range(start, end)

    def close(self) -> None:
        self._stream.close()


def generation(place: FilePlace) -> int:
    """Return which generation of the owner's key a file names; 0 when its header is damaged."""
    with path_of(place.row).open("rb") as stream, suppress(OpenRefused):
        return read_header(stream).gen
    return 0


def remove(row: uuid.UUID) -> bool:
    """Remove a file; say whether there was one."""
    try:
        path_of(row).unlink()
    except FileNotFoundError:
        return False
    return True


def path_of(row: uuid.UUID) -> Path:
    """Return where the file of this id lies. An id ends in random digits: folders fill evenly."""
    return Path(settings.FILE_STORE) / row.hex[-2:] / row.hex[-4:-2] / str(row)


def _folders_of(path: Path) -> tuple[Path, Path, Path]:
    return path.parent.parent.parent, path.parent.parent, path.parent


def _private(path: Path) -> BinaryIO:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    return os.fdopen(os.open(path, flags, PRIVATE_FILE), "wb")


def _push_to_disk(folder: Path) -> None:
    """Make a new name in this folder survive a power cut too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

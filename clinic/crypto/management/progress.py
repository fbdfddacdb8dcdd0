"""Tell on one line at a time how far a long command has come."""

from __future__ import annotations

import time
from typing import Final

from django.core.management.base import OutputWrapper

SECONDS_BETWEEN: Final = 1.0


class Progress:
    """Writes a line at most once a second, and one when everything is done."""

    def __init__(self, out: OutputWrapper, what: str) -> None:
        self._out, self._what = out, what
        self._next = time.monotonic() + SECONDS_BETWEEN

    def show(self, done: int, whole: int) -> None:
        if done < whole and time.monotonic() < self._next:
            return
        self._next = time.monotonic() + SECONDS_BETWEEN
        self._out.write(f"{self._what}: {done:,} of {whole:,}")
        self._out.flush()

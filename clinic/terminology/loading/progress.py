"""A line that says how far a load is, redrawn in place on a terminal."""

from __future__ import annotations

import time
from typing import Any

EVERY_SECONDS = 0.2


class Progress:
    """Counts up; writes nothing where nobody watches, so that logs stay short."""

    def __init__(self, out: Any, *, title: str) -> None:
        self.out, self.title = out, title
        self.watched = bool(out.isatty())
        self.shown_at = 0.0

    def show(self, count: int) -> None:
        if self.watched and time.monotonic() - self.shown_at >= EVERY_SECONDS:
            self.shown_at = time.monotonic()
            self._draw(f"{self.title}: {count:,} codes")

    def done(self) -> None:
        if self.watched:
            self._draw("")

    def _draw(self, text: str) -> None:
        self.out.write(f"\r\x1b[K{text}", ending="")
        self.out.flush()

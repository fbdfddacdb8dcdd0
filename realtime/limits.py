"""How much a browser may send on its socket."""

from __future__ import annotations


class TokenBucket:
    """Ten messages a second, twenty at once."""

    RATE = 10.0
    BURST = 20.0

    __slots__ = ("_at", "_left")

    def __init__(self) -> None:
        self._left = self.BURST
        self._at: float | None = None

    def take(self, now: float) -> bool:
        """Take one message at `now` (monotonic seconds); False when there were too many."""
        if self._at is not None:
            self._left = min(self.BURST, self._left + (now - self._at) * self.RATE)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

"""Rules of emergency access over plain values."""

from __future__ import annotations

SHORTEST_REASON = 10
LONGEST_REASON = 1000


class ReasonTooShort(Exception):
    """An emergency is explained in at least ten characters."""


class ReviewedAlready(Exception):
    """Somebody else has judged this use already."""


def check_reason(*, reason: str) -> None:
    """Raise ReasonTooShort where nobody could learn from the words why."""
    if len(" ".join(reason.split())) < SHORTEST_REASON:
        raise ReasonTooShort

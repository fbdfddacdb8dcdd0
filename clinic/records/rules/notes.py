"""Rules of visit notes: when a follow-up falls due, what differs between two texts, what is new."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass

SECTIONS = ("subjective", "objective", "assessment", "plan")
TEXTS = (*SECTIONS, "instructions")
# For so long a released note is marked as new.
NEW_FOR = dt.timedelta(days=14)
# A follow-up in w weeks may be booked about a sixth of that time earlier or later.
LEEWAY_SHARE = 6
LEAST_LEEWAY = dt.timedelta(days=3)

Texts = Mapping[str, str]


class Choice(enum.StrEnum):
    """What to do with a section that two tabs have written."""

    SAVED = "saved"
    OTHER = "other"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Difference:
    """One section as it is saved and as the other tab had it."""

    name: str
    saved: str
    other: str


def follow_up_window(*, today: dt.date, weeks: int) -> tuple[dt.date, dt.date]:
    """Return the first and the last day on which a follow-up in so many weeks is in time."""
    due = today + dt.timedelta(weeks=weeks)
    leeway = max(LEAST_LEEWAY, dt.timedelta(weeks=weeks) // LEEWAY_SHARE)
    leeway = dt.timedelta(days=leeway.days)
    return max(today + dt.timedelta(days=1), due - leeway), due + leeway


def differences(*, saved: Texts, other: Texts) -> list[Difference]:
    """Return the sections that differ, in the order of the note. White space at the end is none."""
    pairs = ((name, saved.get(name, ""), other.get(name, "")) for name in TEXTS)
    return [Difference(*pair) for pair in pairs if pair[1].rstrip() != pair[2].rstrip()]


def merged(*, saved: Texts, other: Texts, choices: Mapping[str, str]) -> dict[str, str]:
    """Return the note after somebody has chosen; what was not asked about stays as saved.

    Without an answer for a section both texts are kept: nothing typed is lost by an omission.
    """
    result = {name: saved.get(name, "") for name in TEXTS}
    for difference in differences(saved=saved, other=other):
        choice = choices.get(difference.name, Choice.BOTH)
        if choice == Choice.OTHER:
            result[difference.name] = difference.other
        elif choice == Choice.BOTH:
            result[difference.name] = _both(difference)
    return result


def _both(difference: Difference) -> str:
    """Return the two texts one below the other; of a text and its own continuation, the longer."""
    saved, other = difference.saved.rstrip(), difference.other.rstrip()
    if saved.startswith(other):
        return saved
    if other.startswith(saved):
        return other
    return f"{saved}\n\n{other}"


def is_new(*, released_at: dt.datetime | None, now: dt.datetime) -> bool:
    """Say whether a note was released to the patient not long ago."""
    return released_at is not None and now - released_at < NEW_FOR

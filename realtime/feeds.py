"""One watched topic in this process: what its watchers have, who is new, what is to be sent.

Values and bookkeeping only; `hub` decides when to read, `rendering` reads.
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, field, replace

from clinic.lib.fragments import Fragment
from realtime.frames import Frame
from realtime.sockets import Socket

NEVER = math.inf


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a topic: the state, the changes against the one before, the whole if asked."""

    fragment: Fragment
    read_at: float
    changes: Frame | None = None
    whole: Frame | None = None

    @property
    def wakes_at(self) -> float:
        wakes_at = self.fragment.wakes_at
        return NEVER if wakes_at is None else wakes_at.timestamp()


@dataclass(frozen=True, slots=True)
class Arrival:
    """A socket that is not up to date yet, and what its page shows (instants as epoch seconds)."""

    socket: Socket
    version: int
    rendered_at: float
    wakes_at: float

    def shows(self, reading: Reading) -> bool:
        """Say whether the page shows this reading.

        One version looks the same until time alone changes it: the page, the reading or both must
        not have been overtaken by the other's next change.
        """
        return (
            self.version == reading.fragment.version
            and reading.read_at < self.wakes_at
            and self.rendered_at < reading.wakes_at
        )

    def outdated(self) -> Arrival:
        """Return the arrival as of a page that shows nothing one could count on."""
        return replace(self, version=-1)


def changes_between(old: Fragment, new: Fragment) -> Frame | None:
    """Return the frame that takes a page from `old` to `new`: changed pieces, or all of it."""
    if list(old.pieces) != list(new.pieces):
        return whole_of(new)
    changed = {i: html for i, html in new.pieces.items() if html != old.pieces[i]}
    return Frame(changed) if changed else None


def whole_of(fragment: Fragment) -> Frame:
    """Return the frame that brings any page up to date: the container, or every piece."""
    if fragment.container is None or fragment.container_id is None:
        return Frame(dict(fragment.pieces), whole=True)
    return Frame({fragment.container_id: fragment.container()}, whole=True)


@dataclass(slots=True, eq=False)
class Feed:
    """A topic that somebody here watches, in one language."""

    topic: str
    language: str = ""
    last: Reading | None = None
    # Exactly those whose page shows `last`; a dict, because the order of sending should be stable.
    watchers: dict[Socket, None] = field(default_factory=dict)
    arrivals: list[Arrival] = field(default_factory=list)
    # The newest version anybody spoke of; a reading below it is read again.
    wanted: int = 0
    short_of: int = 0
    waiting: bool = False
    reading: bool = False
    again: bool = False
    not_before: float = 0.0
    alarm: asyncio.TimerHandle | None = None

    @property
    def version(self) -> int:
        return self.last.fragment.version if self.last else -1

    @property
    def abandoned(self) -> bool:
        return not self.watchers and not self.arrivals

    def leave(self, socket: Socket) -> None:
        self.watchers.pop(socket, None)
        self.arrivals = [arrival for arrival in self.arrivals if arrival.socket is not socket]

    def accept(self, reading: Reading) -> None:
        """Take a newer reading and send its changes to those who had the one before."""
        self.last = reading
        if reading.changes is not None:
            for socket in self.watchers:
                socket.send(self.topic, reading.changes)

    def greet(self) -> None:
        """Bring newcomers up to date; those for whom something must be read first stay."""
        if self.last is None:
            return
        arrivals, later = self.arrivals, []
        for arrival in arrivals:
            if arrival.version > self.version:
                later.append(arrival)
            elif arrival.shows(self.last):
                self.watchers[arrival.socket] = None
            elif self.last.whole is not None:
                arrival.socket.send(self.topic, self.last.whole)
                self.watchers[arrival.socket] = None
            else:
                later.append(arrival)
        self.arrivals = later

    def believe(self) -> None:
        """Take the database's word against anybody who spoke of a newer version."""
        self.wanted = self.version
        self.arrivals = [
            arrival.outdated() if arrival.version > self.version else arrival
            for arrival in self.arrivals
        ]

    def start_over(self) -> None:
        """Forget what was read; whatever is read next is sent whole to everybody."""
        self.arrivals += [Arrival(socket, -1, 0, 0) for socket in self.watchers]
        self.watchers.clear()
        self.last = None
        self.wanted = 0

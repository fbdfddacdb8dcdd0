"""Walk the whole chain and name what is not as it was written."""

from __future__ import annotations

import datetime as dt
import enum
import hmac
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from clinic.audit import ids, macs, sealing
from clinic.audit.anchors import Anchor

PAGE = 5_000
# The sealer runs every three seconds; what has no link after a minute was kept from it.
UNSEALED_MS = 60 * 1000

WALK = f"""
SELECT l.pos, l.event::text, l.mac, {macs.SELECT_TEXTS}
FROM audit_auditlink l LEFT JOIN audit_auditevent e ON e.id = l.event
WHERE l.pos > %s AND l.pos <= %s ORDER BY l.pos LIMIT {PAGE}
"""


class Kind(enum.Enum):
    """What was done to the trail; the value is how the command says it."""

    CHANGED = "event changed or forged"
    DELETED = "event deleted"
    MISSING = "links missing"
    MOVED = "link altered or moved"
    REWRITTEN = "link differs from its anchor"
    CUT = "end cut off"
    FORGED = "event without a link and without a genuine MAC"
    UNSEALED = "event never sealed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, by the first and last position or the event it concerns."""

    kind: Kind
    first: int | None = None
    last: int | None = None
    event: str | None = None

    def __str__(self) -> str:
        places = [] if self.first is None else [f"link {self.first}"]
        if self.last is not None and self.last != self.first:
            places = [f"links {self.first} to {self.last}"]
        if self.event is not None:
            places.append(f"event {self.event}")
        return f"{self.kind.value}: {', '.join(places)}"


@dataclass(slots=True)
class Walk:
    """Verifies link after link. `previous` is the MAC as stored, so one fault is told once."""

    secret: bytes
    anchors: Mapping[int, set[bytes]]
    pos: int = 0
    previous: bytes = field(default=macs.NOTHING, repr=False)

    def step(self, pos: int, event: str, mac: bytes, row: macs.EventRow) -> Iterator[Finding]:
        gap = pos != self.pos + 1
        if gap:
            yield Finding(Kind.MISSING, self.pos + 1, pos - 1)
        if row[0] is None:
            yield Finding(Kind.DELETED, pos, event=event)
        elif not macs.is_genuine(row, secret=self.secret):
            yield Finding(Kind.CHANGED, pos, event=event)
        # Behind a gap there is nothing to compare with; the next link covers this one.
        elif not gap and not hmac.compare_digest(mac, self._mac(pos, event, bytes(row[10]))):
            yield Finding(Kind.MOVED, pos, event=event)
        if self.anchors.get(pos, {mac}) != {mac}:
            yield Finding(Kind.REWRITTEN, pos)
        self.pos, self.previous = pos, mac

    def _mac(self, pos: int, event: str, event_mac: bytes) -> bytes:
        return macs.link_mac(
            previous=self.previous, pos=pos, event=event, event_mac=event_mac, secret=self.secret
        )


def verify(
    *,
    now: dt.datetime,
    anchors: Iterable[Anchor],
    progress: Callable[[int, int], None],
) -> Iterator[Finding]:
    """Yield everything that is wrong. `progress` is told how many links of how many are done.

    `anchors` must be read before this is called: the chain grows meanwhile.
    """
    known: dict[int, set[bytes]] = defaultdict(set)
    for anchor in anchors:
        known[anchor.pos].add(anchor.mac)
    last = sealing.last_link()
    end = last[0] if last else 0
    walk = Walk(macs.key(), known)
    while walk.pos < end:
        for pos, event, mac, *row in _page(walk.pos, end):
            yield from walk.step(pos, event, bytes(mac), tuple(row))
        progress(walk.pos, end)
    if known and max(known) > end:
        yield Finding(Kind.CUT, end + 1, max(known))
    yield from _without_link(walk.secret, now)


def _page(after: int, end: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(WALK, [after, end])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _without_link(secret: bytes, now: dt.datetime) -> Iterator[Finding]:
    after = ids.first_id(0)
    border = ids.first_id(ids.ms(now) - UNSEALED_MS)
    while rows := sealing.unlinked(after):
        for row in rows:
            if not macs.is_genuine(row, secret=secret):
                yield Finding(Kind.FORGED, event=row[0])
            elif row[0] < border:
                yield Finding(Kind.UNSEALED, event=row[0])
        after = rows[-1][0]

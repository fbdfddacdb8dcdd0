"""Why a start is refused (A12), and the stretches of time in which a start would be."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import accumulate
from uuid import UUID

from clinic.lib import times
from clinic.scheduling.availability.query import Query
from clinic.scheduling.availability.rows import Busy
from clinic.scheduling.availability.windows import ONE_DAY, Occurrence


class Refusal(StrEnum):
    """Reason codes, the strongest first: where several apply, the first is given.

    The last three are said only of time that is otherwise free: the clinic can still be called.
    """

    CLOSED = "closed"
    CLOSURE = "closure"
    ABSENCE = "absence"
    TAKEN = "taken"
    HOLD = "hold"
    BUFFER = "buffer"
    RESOURCE = "resource"
    CAPACITY = "capacity"
    QUOTA = "quota"
    NOT_ONLINE = "not-online"
    LEAD_TIME = "lead-time"
    HORIZON = "horizon"


ORDER = tuple(Refusal)
RANK = {refusal: rank for rank, refusal in enumerate(ORDER)}
ALWAYS = 1 << 62


Verdict = tuple[int, str]  # rank of the refusal, public reason

# Starts s with low <= s < high are refused. Plain tuples: there is one for every row read.
Stretch = tuple[int, int, Verdict]


def verdict(refusal: Refusal, reason: str = "") -> Verdict:
    """Return a verdict that sorts by the strength of its refusal."""
    return RANK[refusal], reason


_TAKEN = verdict(Refusal.TAKEN)
_HOLD = verdict(Refusal.HOLD)
BUFFER = verdict(Refusal.BUFFER)
_RESOURCE = verdict(Refusal.RESOURCE)


class Stretches:
    """Stretches in order, to be asked for those that reach into a span."""

    def __init__(self, stretches: Iterable[Stretch]) -> None:
        self.rows = sorted(stretches)
        self._lows = [row[0] for row in self.rows]
        # The furthest end so far never falls, so it can be searched although ends are in no order.
        self._reach = list(accumulate((row[1] for row in self.rows), max))

    def within(self, start: int, end: int) -> Sequence[Stretch]:
        """Return the rows from the first to reach past `start` to the last before `end`."""
        return self.rows[bisect_right(self._reach, start) : bisect_left(self._lows, end)]


class Refusals:
    """The refused stretches of one query, for each place and room in which it has windows."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._claims = list(self._claimed())
        self._places: dict[tuple[UUID, UUID | None, str], Stretches] = {}

    def at(self, occurrence: Occurrence) -> Stretches:
        """Return what refuses a start in the place of an occurrence, apart from its own edges."""
        place = (occurrence.site_id, occurrence.room_id, occurrence.time_zone)
        if place not in self._places:
            self._places[place] = Stretches(
                [
                    *self._claims,
                    *self._blocked(occurrence.site_id),
                    *self._resources(occurrence.room_id),
                    *self._limits(occurrence.time_zone),
                ]
            )
        return self._places[place]

    def _claimed(self) -> Iterator[Stretch]:
        query = self._query
        mine = query.practitioner_id
        for row in query.claims():
            if row[0] == mine:
                yield from _around(row, query, _HOLD if row[5] else _TAKEN, BUFFER)

    def _resources(self, room_id: UUID | None) -> Iterator[Stretch]:
        if room_id is not None:
            for row in self._query.resource_busy.get(room_id, ()):
                yield from _around(row, self._query, _RESOURCE, _RESOURCE)

    def _blocked(self, site_id: UUID) -> Iterator[Stretch]:
        query = self._query
        duration, before, after = query.duration, query.before, query.after
        for block in query.rules.blocks_of(query.practitioner_id):
            if block.site_id not in (None, site_id):
                continue
            if block.visit_type_id not in (None, query.visit_type_id):
                continue
            low, high = block.starts_at - duration + 1, block.ends_at
            yield low, high, verdict(Refusal(block.kind), block.reason)
            if not query.buffers_in_closed_time:
                yield low - after, high + before, BUFFER

    def _limits(self, tz: str) -> Iterator[Stretch]:
        """Yield the limits that bind patients only (A6); the horizon counts days of the site."""
        query, parameters = self._query, self._query.parameters
        if not query.for_patient:
            return
        last_date = times.date_of_seconds(query.now, tz) + ONE_DAY * parameters.horizon_days
        yield -ALWAYS, query.now + parameters.lead_minutes * 60, verdict(Refusal.LEAD_TIME)
        yield times.day_seconds(last_date, tz)[1], ALWAYS, verdict(Refusal.HORIZON)
        if not parameters.online:
            yield -ALWAYS, ALWAYS, verdict(Refusal.NOT_ONLINE)


def _around(row: Busy, query: Query, given: Verdict, buffer: Verdict) -> Iterator[Stretch]:
    """Yield the stretch in which a visit would overlap a claimed one, then the wider of buffers.

    Between neighbors lie the earlier one's buffer after and the later one's buffer before: both,
    or the larger if they may overlap. Neither ever reaches into a visit (A5).
    """
    _, starts_at, ends_at, row_before, row_after, _, appointment_id, _ = row
    if appointment_id is not None and appointment_id == query.ignore_appointment_id:
        return
    low = starts_at - query.duration + 1
    yield low, ends_at, given
    gap_before = _gap(query.after, row_before, query.buffers_may_overlap)
    gap_after = _gap(row_after, query.before, query.buffers_may_overlap)
    if gap_before or gap_after:
        yield low - gap_before, ends_at + gap_after, buffer


def _gap(after_earlier: int, before_later: int, may_overlap: bool) -> int:
    if may_overlap:
        return max(after_earlier, before_later)
    return after_earlier + before_later

"""Why a start is refused (A12), and the stretches of time in which a start would be."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import accumulate
from operator import add, itemgetter
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
        self._lows = list(map(itemgetter(0), self.rows))
        # The furthest end so far never falls, so it can be searched although ends are in no order.
        self._reach = list(accumulate(map(itemgetter(1), self.rows), max))

    def within(self, start: int, end: int) -> Sequence[Stretch]:
        """Return the rows from the first to reach past `start` to the last before `end`."""
        return self.rows[bisect_right(self._reach, start) : bisect_left(self._lows, end)]


class Refusals:
    """The refused stretches of one query, for each place and room in which it has windows."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._claims = list(_around(query.claims(), query))
        self._places: dict[tuple[UUID, UUID | None, str], Stretches] = {}

    def at(self, occurrence: Occurrence) -> Stretches:
        """Return what refuses a start in the place of an occurrence, apart from its own edges."""
        query, place = self._query, (occurrence.site_id, occurrence.room_id, occurrence.time_zone)
        if place not in self._places:
            self._places[place] = Stretches(
                [
                    *self._claims,
                    *self._blocked(occurrence.site_id),
                    *_around(self._room_claims(occurrence.room_id), query, _RESOURCE),
                    *self._limits(occurrence.time_zone),
                ]
            )
        return self._places[place]

    def _room_claims(self, room_id: UUID | None) -> Sequence[Busy]:
        return () if room_id is None else self._query.resource_busy.get(room_id, ())

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


def _around(rows: Iterable[Busy], query: Query, given: Verdict | None = None) -> Iterator[Stretch]:
    """Yield the stretch in which a visit would overlap a claimed one, then the wider of buffers.

    Between neighbors lie the earlier one's buffer after and the later one's buffer before: both,
    or the larger if they may overlap. Neither ever reaches into a visit (A5).
    """
    reach, before, after = query.duration - 1, query.before, query.after
    ignored, between = query.ignore_appointment_id, max if query.buffers_may_overlap else add
    for _, starts_at, ends_at, row_before, row_after, tentative, appointment_id, _ in rows:
        if ignored is not None and appointment_id == ignored:
            continue
        low = starts_at - reach
        yield low, ends_at, given or (_HOLD if tentative else _TAKEN)
        if before or after or row_before or row_after:
            gap_before, gap_after = between(after, row_before), between(row_after, before)
            yield low - gap_before, ends_at + gap_after, given or BUFFER

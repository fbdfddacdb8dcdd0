"""The rows that availability is computed from, as values: rules, blocks and claimed time."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple, TypeVar
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekly:
    """A window of the weekly template, in wall time of the site. `ends <= starts`: overnight."""

    practitioner_id: UUID
    site_id: UUID
    time_zone: str
    weekday: int  # ISO, 1 = Monday (T9)
    starts: dt.time
    ends: dt.time
    valid_from: dt.date
    valid_to: dt.date | None = None  # inclusive
    room_id: UUID | None = None
    visit_type_id: UUID | None = None  # None: any
    modalities: tuple[str, ...] = ()  # empty: any


@dataclass(frozen=True, slots=True, kw_only=True)
class DateWindow:
    """A window of one date: "replace" takes the place of that day's template, "extra" adds to it.

    "replace" without times closes the day: at its site, or everywhere if it names none. With times
    it takes the place of the doctor's whole day, at every site; several stand side by side.
    """

    practitioner_id: UUID
    date: dt.date
    kind: Literal["replace", "extra"]
    site_id: UUID | None = None
    time_zone: str = ""
    starts: dt.time | None = None
    ends: dt.time | None = None
    room_id: UUID | None = None
    visit_type_id: UUID | None = None
    modalities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Time taken away. None means every doctor, every site, every visit type (A2)."""

    starts_at: int
    ends_at: int
    kind: Literal["absence", "closure"]
    practitioner_id: UUID | None = None
    site_id: UUID | None = None
    visit_type_id: UUID | None = None
    reason: str = ""  # public (A11)


class Busy(NamedTuple):
    """A booking, request or hold. A plain tuple in this order, straight from SQL, does as well."""

    practitioner_id: UUID
    starts_at: int
    ends_at: int
    buffer_before: int = 0  # seconds
    buffer_after: int = 0
    tentative: bool = False  # a hold
    appointment_id: UUID | None = None
    patient_id: UUID | None = None


Row = TypeVar("Row", Weekly, DateWindow)


@dataclass(frozen=True)
class Rules:
    """Rules and blocks of any number of practitioners."""

    weekly: Sequence[Weekly] = ()
    windows: Sequence[DateWindow] = ()
    blocks: Sequence[Block] = ()

    def weekly_of(self, practitioner_id: UUID) -> Sequence[Weekly]:
        """Return the weekly template of one practitioner."""
        return self._weekly.get(practitioner_id, ())

    def windows_of(self, practitioner_id: UUID) -> Sequence[DateWindow]:
        """Return the dated windows of one practitioner."""
        return self._windows.get(practitioner_id, ())

    def blocks_of(self, practitioner_id: UUID) -> Sequence[Block]:
        """Return the blocks that name one practitioner or nobody."""
        return (*self._blocks.get(practitioner_id, ()), *self._blocks.get(None, ()))

    # Grouped once, so that asking for fifty doctors does not read every row fifty times.

    @cached_property
    def _weekly(self) -> dict[UUID, list[Weekly]]:
        return _by_practitioner(self.weekly)

    @cached_property
    def _windows(self) -> dict[UUID, list[DateWindow]]:
        return _by_practitioner(self.windows)

    @cached_property
    def _blocks(self) -> dict[UUID | None, list[Block]]:
        grouped: dict[UUID | None, list[Block]] = defaultdict(list)
        for block in self.blocks:
            grouped[block.practitioner_id].append(block)
        return grouped


def _by_practitioner(rows: Iterable[Row]) -> dict[UUID, list[Row]]:
    grouped: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row.practitioner_id].append(row)
    return grouped

"""One question to the engine: whose starts, of what kind, within which span, for whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NotRequired, Required, TypedDict
from uuid import UUID

from clinic.scheduling.availability.parameters import Parameters
from clinic.scheduling.availability.rows import Busy, Rules

Claims = Sequence[Busy] | Mapping[UUID, Sequence[Busy]]


class Case(TypedDict, total=False):
    """The keywords that every function of the engine takes. Instants are epoch seconds."""

    rules: Required[Rules]
    busy: Required[Claims]  # rows of any practitioners, or rows by practitioner
    parameters: Required[Parameters]
    practitioner_id: Required[UUID]
    visit_type_id: Required[UUID | None]
    modality: NotRequired[str | None]
    site_id: NotRequired[UUID | None]
    now: Required[int]
    for_patient: Required[bool]  # lead time, horizon and online bind patients only (A6)
    buffers_may_overlap: NotRequired[bool]  # True: the larger of two neighbours' buffers applies
    buffers_in_closed_time: NotRequired[bool]  # True: only the visit itself must lie in a window
    ignore_appointment_id: NotRequired[UUID | None]  # the visit being moved, the holder's own hold
    resource_busy: NotRequired[Mapping[UUID, Sequence[Busy]]]  # by room


class Span(Case):
    """A case within `[start, end)`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A span as an object, with lengths in seconds."""

    rules: Rules
    busy: Claims
    parameters: Parameters
    practitioner_id: UUID
    visit_type_id: UUID | None
    start: int
    end: int
    now: int
    for_patient: bool
    modality: str | None = None
    site_id: UUID | None = None
    buffers_may_overlap: bool = True
    buffers_in_closed_time: bool = True
    ignore_appointment_id: UUID | None = None
    resource_busy: Mapping[UUID, Sequence[Busy]] = field(default_factory=dict)

    duration: int = field(init=False)
    step: int = field(init=False)
    before: int = field(init=False)
    after: int = field(init=False)

    def __post_init__(self) -> None:
        # Once, and not by properties: they are read for every window and every claim.
        for name, value in (
            ("duration", self.parameters.duration_minutes),
            ("step", self.parameters.step_minutes),
            ("before", self.parameters.buffer_before_minutes),
            ("after", self.parameters.buffer_after_minutes),
        ):
            object.__setattr__(self, name, value * 60)

    def claims(self) -> Sequence[Busy]:
        """Return the rows of this practitioner."""
        mine = self.practitioner_id
        if isinstance(self.busy, Mapping):
            return self.busy.get(mine, ())
        return [row for row in self.busy if row[0] == mine]

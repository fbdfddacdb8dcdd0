"""The keys of the topics that show doctor-days: what stands between the dots, parsed."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from clinic.scheduling.fragments.slots import STRIP_DAYS
from clinic.scheduling.presenters.slots import MODALITIES
from clinic.scheduling.selectors.versions import DaySpan

WEEK = dt.timedelta(days=6)
STRIP = dt.timedelta(days=STRIP_DAYS - 1)


@dataclass(frozen=True, slots=True)
class DayKey:
    """A doctor and a calendar day; a week by its Monday."""

    practitioner_id: uuid.UUID
    date: dt.date

    @classmethod
    def parse(cls, text: str) -> DayKey:
        practitioner, date = text.split(".")
        return cls(uuid.UUID(hex=practitioner), dt.date.fromisoformat(date))

    def span(self) -> DaySpan:
        return DaySpan(self.practitioner_id, self.date, self.date)


@dataclass(frozen=True, slots=True)
class WeekKey(DayKey):
    def span(self) -> DaySpan:
        return DaySpan(self.practitioner_id, self.date, self.date + WEEK)


@dataclass(frozen=True, slots=True)
class SlotsKey:
    """A doctor-day as it looks to somebody who wants one kind of visit."""

    practitioner_id: uuid.UUID
    date: dt.date
    visit_type_id: uuid.UUID
    modality: str

    @classmethod
    def parse(cls, text: str) -> SlotsKey:
        practitioner, date, visit_type, letter = text.split(".")
        return cls(
            uuid.UUID(hex=practitioner),
            dt.date.fromisoformat(date),
            uuid.UUID(hex=visit_type),
            _modality(letter),
        )

    def span(self) -> DaySpan:
        return DaySpan(self.practitioner_id, self.date, self.date)


@dataclass(frozen=True, slots=True)
class StripKey:
    """Two weeks of a doctor's days, from `first`."""

    practitioner_id: uuid.UUID
    visit_type_id: uuid.UUID
    modality: str
    first: dt.date

    @classmethod
    def parse(cls, text: str) -> StripKey:
        practitioner, visit_type, letter, first = text.split(".")
        return cls(
            uuid.UUID(hex=practitioner),
            uuid.UUID(hex=visit_type),
            _modality(letter),
            dt.date.fromisoformat(first),
        )

    def span(self) -> DaySpan:
        return DaySpan(self.practitioner_id, self.first, self.first + STRIP)


@dataclass(frozen=True, slots=True)
class NextKey:
    """A doctor's next free times, of one kind of visit or of any."""

    practitioner_id: uuid.UUID
    visit_type_id: uuid.UUID | None
    modality: str | None

    @classmethod
    def parse(cls, text: str) -> NextKey:
        practitioner, visit_type, *letter = text.split(".")
        if len(letter) > 1:
            raise ValueError(text)
        return cls(
            uuid.UUID(hex=practitioner),
            None if visit_type == "any" else uuid.UUID(hex=visit_type),
            _modality(letter[0]) if letter else None,
        )

    def span(self) -> DaySpan:
        return DaySpan(self.practitioner_id)


def _modality(letter: str) -> str:
    if letter not in MODALITIES:
        raise ValueError(letter)
    return MODALITIES[letter]

"""Reads of the history. What was ruled out or entered by mistake is left out unless asked for."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import (
    Case,
    Count,
    F,
    IntegerField,
    Q,
    QuerySet,
    Value,
    When,
    Window,
)
from django.db.models.functions import RowNumber

from clinic.records.choices import CURRENT_STATUSES, HistorySection, ObservationCategory
from clinic.records.models import (
    AllergyIntolerance,
    Condition,
    FamilyMemberHistory,
    Immunization,
    Observation,
    Procedure,
)
from clinic.records.models.base import CodedEntry
from clinic.records.permissions import NotAllowed, RecordAccess
from clinic.records.rules.history import HIDDEN
from clinic.records.services.history_entries import MODEL_OF

Row = TypeVar("Row", bound=CodedEntry)

# The newest first; what has no date stands last.
_ORDER = {
    HistorySection.CONDITIONS: F("onset_date").desc(nulls_last=True),
    HistorySection.ALLERGIES: F("recorded_at").asc(),
    HistorySection.PROCEDURES: F("performed_date").desc(nulls_last=True),
    HistorySection.VACCINATIONS: F("occurrence_date").desc(nulls_last=True),
    HistorySection.FAMILY: F("recorded_at").asc(),
    HistorySection.LIFESTYLE: F("effective_at").desc(),
}
HAS_STATUS = (HistorySection.CONDITIONS, HistorySection.ALLERGIES)
_SEVERITY_ORDER = {"severe": 0, "moderate": 1, "mild": 2}


# Which part of a section a row belongs to.
CURRENT, PAST, TAKEN_OUT = range(3)


@dataclass(frozen=True, slots=True)
class Entries:
    """One section: what is current, what is past, what was taken out; how many there are of each.

    A part may hold fewer rows than its number says, where not all were asked for.
    """

    section: HistorySection
    current: Sequence[CodedEntry]
    past: Sequence[CodedEntry]
    taken_out: Sequence[CodedEntry]
    numbers: tuple[int, int, int]


def active_conditions(*, access: RecordAccess) -> list[Condition]:
    """Return what the patient has now, the newest first."""
    return list(_on_file(Condition, access).filter(clinical_status__in=CURRENT_STATUSES))


def allergies(*, access: RecordAccess) -> list[AllergyIntolerance]:
    """Return the active allergies, the most dangerous first; without the statement of none."""
    found = _on_file(AllergyIntolerance, access).filter(clinical_status__in=CURRENT_STATUSES)
    return sorted((row for row in found if not row.states_none), key=danger)


def procedures(*, access: RecordAccess) -> list[Procedure]:
    """Return what was done, the newest first."""
    return list(_on_file(Procedure, access))


def immunizations(*, access: RecordAccess) -> list[Immunization]:
    """Return the vaccinations, the newest first."""
    return list(_on_file(Immunization, access))


def family_history(*, access: RecordAccess) -> list[FamilyMemberHistory]:
    """Return the illnesses of relatives, in the order they were told."""
    return list(_on_file(FamilyMemberHistory, access))


def lifestyle(*, access: RecordAccess) -> list[Observation]:
    """Return the newest answer to each question about how the patient lives."""
    return _newest_answers(list(_on_file(Observation, access)))[0]


def section_entries(*, access: RecordAccess, section: HistorySection, most: int) -> Entries:
    """Return a section with at most so many entries of each part, in one query."""
    if section == HistorySection.LIFESTYLE:
        return _lifestyle_entries(access)
    part = _part_of(section)
    rows = (
        _all(MODEL_OF[section], access)
        .annotate(
            part=part,
            place=Window(RowNumber(), partition_by=[part], order_by=[_ORDER[section], F("pk")]),
            number=Window(Count("*"), partition_by=[part]),
        )
        .filter(place__lte=most)
        .select_related("confirmed_by__practitioner")
    )
    parts: tuple[list[CodedEntry], ...] = ([], [], [])
    numbers = [0, 0, 0]
    for row in rows:
        parts[row.part].append(row)
        numbers[row.part] = row.number
    current, past, taken_out = parts
    if section == HistorySection.ALLERGIES:
        current.sort(key=danger)  # type: ignore[arg-type]
    return Entries(section, current, past, taken_out, (numbers[0], numbers[1], numbers[2]))


def all_of_section(*, access: RecordAccess, section: HistorySection) -> QuerySet[CodedEntry]:
    """Return everything on file in a section, current first: for a page at a time."""
    rows = _all(MODEL_OF[section], access).exclude(verification__in=HIDDEN)
    rows = rows.annotate(part=_part_of(section)).order_by("part", _ORDER[section], "pk")
    return rows.select_related("confirmed_by__practitioner")


def entry(*, access: RecordAccess, section: HistorySection, entry_id: uuid.UUID) -> CodedEntry:
    """Return one entry; raises NotAllowed where this patient has none of that id."""
    found = _all(MODEL_OF[section], access).select_related("confirmed_by__practitioner")
    row = found.filter(pk=entry_id).first()
    if row is None:
        raise NotAllowed("entry of the history")
    return row


def danger(row: AllergyIntolerance) -> tuple[bool, int, str]:
    """Return the sort key that puts the most dangerous allergy first."""
    severity = _SEVERITY_ORDER.get(row.reaction_severity, 3)
    return row.criticality != "high", severity, row.label.casefold()


def _part_of(section: HistorySection) -> Case:
    """Return the expression that says which part a row belongs to.

    What has no clinical status happened, and is current as long as it is on file.
    """
    parts = [When(verification__in=HIDDEN, then=Value(TAKEN_OUT))]
    if section in HAS_STATUS:
        past = ~Q(clinical_status__in=CURRENT_STATUSES)
        parts.append(When(past, then=Value(PAST)))
    return Case(*parts, default=Value(CURRENT), output_field=IntegerField())


def _lifestyle_entries(access: RecordAccess) -> Entries:
    rows = list(_all(Observation, access).select_related("confirmed_by__practitioner"))
    taken_out = [row for row in rows if row.verification in HIDDEN]
    current, past = _newest_answers([row for row in rows if row.verification not in HIDDEN])
    numbers = (len(current), len(past), len(taken_out))
    return Entries(HistorySection.LIFESTYLE, current, past, taken_out, numbers)


def _newest_answers(rows: list[Observation]) -> tuple[list[Observation], list[Observation]]:
    newest: dict[bytes, Observation] = {}
    for row in rows:
        newest.setdefault(bytes(row.code_token), row)
    current = list(newest.values())
    kept = {row.pk for row in current}
    return current, [row for row in rows if row.pk not in kept]


def _on_file(model: type[Row], access: RecordAccess) -> QuerySet[Row]:
    return _all(model, access).exclude(verification__in=HIDDEN)


def _all(model: type[Row], access: RecordAccess) -> QuerySet[Row]:
    section = next(section for section, known in MODEL_OF.items() if known is model)
    rows = model._default_manager.filter(patient_id=access.patient_id)
    if section == HistorySection.LIFESTYLE:
        rows = rows.filter(category=ObservationCategory.SOCIAL_HISTORY)
    return rows.order_by(_ORDER[section], "pk")

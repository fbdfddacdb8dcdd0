"""Reads of medicines and prescriptions."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet, Window

from clinic.records.choices import MedicationStatus
from clinic.records.models import MedicationRequest, MedicationStatement
from clinic.records.permissions import NotAllowed, RecordAccess
from clinic.records.rules.medications import CURRENT, HIDDEN, PAST

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class PastPage:
    """One page of what is no longer taken, the last ended first; `more` pages follow."""

    rows: Sequence[MedicationStatement]
    count: int
    number: int

    @property
    def more(self) -> bool:
        return self.number * PAGE_SIZE < self.count

    @property
    def next(self) -> int:
        return self.number + 1

    @property
    def previous(self) -> int:
        return self.number - 1


def current_medications(*, access: RecordAccess) -> list[MedicationStatement]:
    """Return what is taken now or soon, by name."""
    return _by_name(_statements(access).filter(status__in=CURRENT))


def current_and_paused(
    *, access: RecordAccess
) -> tuple[list[MedicationStatement], list[MedicationStatement]]:
    """Return what is taken and what is paused, each by name; one query."""
    wanted = (*CURRENT, MedicationStatus.ON_HOLD)
    rows = _by_name(_statements(access).filter(status__in=wanted))
    paused = [row for row in rows if row.status == MedicationStatus.ON_HOLD]
    return [row for row in rows if row.status != MedicationStatus.ON_HOLD], paused


def past_medications(*, access: RecordAccess) -> list[MedicationStatement]:
    """Return all that is no longer taken, the last ended first."""
    return list(_past(access))


def past_page(*, access: RecordAccess, number: int = 1) -> PastPage:
    """Return one page of what is no longer taken, and how much there is; one query."""
    start = (number - 1) * PAGE_SIZE
    counted = _past(access).annotate(total=Window(Count("pk")))
    rows = list(counted[start : start + PAGE_SIZE])
    return PastPage(rows, rows[0].total if rows else 0, number)


def medication_for(*, access: RecordAccess, statement_id: uuid.UUID) -> MedicationStatement:
    """Return one medicine with its prescription; raise NotAllowed for one that is not there."""
    row = _statements(access).filter(pk=statement_id).first()
    if row is None:
        raise NotAllowed("medicine")
    return row


def prescriptions(
    *, access: RecordAccess, encounter_id: uuid.UUID | None = None
) -> list[MedicationRequest]:
    """Return what was prescribed, newest first; at one visit only where it is named."""
    rows = _requests(access)
    if encounter_id is not None:
        rows = rows.filter(encounter_id=encounter_id)
    return list(rows.order_by("-authored_at", "-pk"))


def prescriptions_of(*, access: RecordAccess, statement_id: uuid.UUID) -> list[MedicationRequest]:
    """Return the prescriptions of one medicine, newest first."""
    rows = _requests(access).filter(statements=statement_id)
    return list(rows.order_by("-authored_at", "-pk"))


def prescription_for(*, access: RecordAccess, request_id: uuid.UUID) -> MedicationRequest:
    """Return one prescription; raise NotAllowed for one that is not there."""
    row = _requests(access).filter(pk=request_id).first()
    if row is None:
        raise NotAllowed("prescription")
    return row


def _statements(access: RecordAccess) -> QuerySet[MedicationStatement]:
    rows = MedicationStatement.objects.filter(patient_id=access.patient_id)
    rows = rows.exclude(verification__in=HIDDEN)
    rows = rows.exclude(status=MedicationStatus.ENTERED_IN_ERROR)
    return rows.select_related("request__requester")


def _requests(access: RecordAccess) -> QuerySet[MedicationRequest]:
    rows = MedicationRequest.objects.filter(patient_id=access.patient_id)
    return rows.exclude(verification__in=HIDDEN).select_related("requester")


def _past(access: RecordAccess) -> QuerySet[MedicationStatement]:
    ended = _statements(access).filter(status__in=PAST)
    return ended.order_by("-ends_on", "-changed_at", "-pk")


def _by_name(rows: QuerySet[MedicationStatement]) -> list[MedicationStatement]:
    # Names are sealed: the database cannot sort by them.
    return sorted(rows, key=lambda row: (row.label.casefold(), row.recorded_at, str(row.pk)))

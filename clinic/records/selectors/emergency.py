"""Reads around emergency access: finding a patient, what is open now, what waits for review."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet, Value
from django.db.models.functions import Replace

from clinic.crypto.errors import SealError
from clinic.people.models import Patient
from clinic.people.viewer import Viewer
from clinic.records.choices import ErasureStatus
from clinic.records.models import EmergencyAccess
from clinic.records.permissions import check_may_review_emergencies

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class OpenEmergency:
    """One record that is open to a doctor for a while."""

    patient_id: uuid.UUID
    name: str
    ends_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Review:
    """One use as its reviewer sees it. `reason` is None once it cannot be read any more."""

    row: EmergencyAccess
    reason: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class ReviewPage:
    waiting: list[Review]
    decided: list[Review]
    page: int
    pages: int


def patient_found(*, record_number: str, birth_date: dt.date) -> Patient | None:
    """Return the patient with exactly this record number and birth date; the caller counts tries.

    Whose record was erased is not found.
    """
    bare = "".join(record_number.split())
    return (
        Patient.objects.annotate(bare_number=Replace("record_number", Value(" ")))
        .filter(bare_number__iexact=bare, birth_date=birth_date)
        .exclude(erasure__status=ErasureStatus.EXECUTED)
        .first()
    )


def patient_to_open(*, patient_id: uuid.UUID) -> Patient | None:
    """Return the patient whom a doctor has found; `was_found` and the policy are asked before."""
    return Patient.objects.filter(pk=patient_id).first()


def open_emergencies(*, viewer: Viewer, now: dt.datetime) -> list[OpenEmergency]:
    """Return the records that are open to this doctor by emergency access, soonest over first."""
    if viewer.practitioner_id is None:
        return []
    rows = EmergencyAccess.objects.filter(
        practitioner_id=viewer.practitioner_id,
        starts_at__lte=now,
        ends_at__gt=now,
        ended_at__isnull=True,
    ).select_related("patient")
    latest: dict[uuid.UUID, OpenEmergency] = {}
    for row in rows.order_by("ends_at"):
        latest[row.patient_id] = OpenEmergency(row.patient_id, row.patient.full_name, row.ends_at)
    return sorted(latest.values(), key=lambda glass: glass.ends_at)


def reviews(*, viewer: Viewer, page: int) -> ReviewPage:
    """Return what waits for review, the oldest first, and a page of what was decided.

    Raises NotAllowed.
    """
    check_may_review_emergencies(viewer=viewer)
    decided = _rows().filter(reviewed_at__isnull=False)
    pages = max(1, -(-decided.count() // PAGE_SIZE))
    number = min(max(1, page), pages)
    first = (number - 1) * PAGE_SIZE
    return ReviewPage(
        waiting=_readable(_rows().filter(reviewed_at__isnull=True).order_by("starts_at")),
        decided=_readable(decided.order_by("-reviewed_at")[first : first + PAGE_SIZE]),
        page=number,
        pages=pages,
    )


def emergencies_of(*, patient_id: uuid.UUID) -> list[EmergencyAccess]:
    """Return every use of emergency access to one record, newest first, without its words."""
    rows = EmergencyAccess.objects.filter(patient_id=patient_id).select_related("practitioner")
    return list(rows.defer("reason", "review_note").order_by("-starts_at"))


def untold(*, most: int) -> list[uuid.UUID]:
    """Return the uses about which no mail has left yet, the oldest first."""
    rows = EmergencyAccess.objects.filter(notified_at__isnull=True).exclude(patient__email="")
    return list(rows.order_by("starts_at").values_list("pk", flat=True)[:most])


def _rows() -> QuerySet[EmergencyAccess]:
    return EmergencyAccess.objects.select_related("patient", "practitioner", "reviewed_by")


def _readable(rows: Iterable[EmergencyAccess]) -> list[Review]:
    return [_review(row) for row in rows]


def _review(row: EmergencyAccess) -> Review:
    # Sealed words are empty once the key is destroyed; nobody opens a record without a reason.
    try:
        return Review(row, row.reason or None, row.review_note or None)
    except SealError:
        return Review(row, None, None)

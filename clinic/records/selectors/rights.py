"""What the page of a patient's rights says, and the erasures that administrators decide on."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Replace

from clinic.people.models import Patient
from clinic.people.permissions import check_can_administer
from clinic.people.viewer import Viewer
from clinic.records.choices import ErasureStatus
from clinic.records.models import Erasure
from clinic.records.rules.rights import gone_from_backups_on, retention_until
from clinic.records.selectors.clinic import clinic_zone
from clinic.scheduling.choices import EXIT_STATUSES, AppointmentStatus
from clinic.scheduling.models import Appointment

MOST_DECIDED = 50


@dataclass(frozen=True, slots=True)
class ErasureCase:
    """One erasure with the dates that matter; `backups_until` only once it is done."""

    row: Erasure
    kept_until: dt.date
    visits_ahead: bool
    backups_until: dt.date | None


def kept_until(*, patient_id: uuid.UUID, tz: str) -> dt.date:
    """Return the last day on which this patient's record must be kept. One query."""
    visits = (
        Appointment.objects.filter(patient_id=OuterRef("pk"))
        .exclude(status__in=[*EXIT_STATUSES, AppointmentStatus.PROPOSED])
        .order_by("-ends_at")
    )
    known = Patient.objects.filter(pk=patient_id).values_list(
        "created_at", "record__changed_at", Subquery(visits.values("ends_at")[:1])
    )
    return retention_until(
        last_entry_at=max(at for at in known.get() if at is not None),
        years=settings.RECORD_LIMITS["RETENTION_YEARS"],
        tz=tz,
    )


def visits_ahead(*, patient_id: uuid.UUID, now: dt.datetime) -> bool:
    """Say whether the patient has visits that are not over."""
    return (
        Appointment.objects.filter(patient_id=patient_id, ends_at__gt=now)
        .filter(Q(released_at__isnull=True) | Q(released_at__gt=now))
        .exclude(status__in=EXIT_STATUSES)
        .exists()
    )


def erasures(*, viewer: Viewer, now: dt.datetime) -> tuple[list[ErasureCase], list[ErasureCase]]:
    """Return the erasures that wait for a second person, and those that were decided."""
    check_can_administer(by=viewer)
    rows = Erasure.objects.select_related("patient", "requested_by", "decided_by")
    waiting = rows.filter(status=ErasureStatus.REQUESTED).order_by("requested_at")
    decided = rows.exclude(status=ErasureStatus.REQUESTED).order_by("-decided_at")[:MOST_DECIDED]
    tz = clinic_zone()
    return [_case(row, tz, now) for row in waiting], [_case(row, tz, now) for row in decided]


def _case(row: Erasure, tz: str, now: dt.datetime) -> ErasureCase:
    done = row.status == ErasureStatus.EXECUTED and row.decided_at is not None
    waits = row.status == ErasureStatus.REQUESTED
    return ErasureCase(
        row=row,
        kept_until=kept_until(patient_id=row.patient_id, tz=tz),
        visits_ahead=waits and visits_ahead(patient_id=row.patient_id, now=now),
        backups_until=backups_until(executed_at=row.decided_at, tz=tz)
        if done and row.decided_at
        else None,
    )


def backups_until(*, executed_at: dt.datetime, tz: str) -> dt.date:
    """Return the day from which no backup holds the key anymore."""
    return gone_from_backups_on(
        executed_at=executed_at, kept=settings.RECORDS["BACKUPS_KEPT"], tz=tz
    )


def patient_by_number(*, viewer: Viewer, record_number: str) -> Patient | None:
    """Return the patient of a record number, written with or without spaces."""
    check_can_administer(by=viewer)
    bare = Replace("record_number", Value(" "))
    return Patient.objects.annotate(bare=bare).filter(bare__iexact=_bare(record_number)).first()


def _bare(record_number: str) -> str:
    return "".join(record_number.split())

"""What the reminder engine needs to know of doses: whose, when, and nothing of what.

Not for pages: it speaks of many patients, so it takes no `RecordAccess` and hands out no content.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from clinic.crypto import datakeys
from clinic.lib import times
from clinic.records.choices import ErasureStatus
from clinic.records.dosage import Dosage, due_times
from clinic.records.models import DoseEvent, Erasure, MedicationStatement
from clinic.records.rules.medications import CURRENT, HIDDEN
from clinic.records.selectors.clinic import clinic_zone


@dataclass(frozen=True, slots=True)
class DoseDue:
    """One dose that its patient wants to be reminded of. `day` is the patient's."""

    patient_id: uuid.UUID
    statement_id: uuid.UUID
    due_at: dt.datetime
    day: dt.date


def doses_to_remind(
    *,
    since: dt.datetime,
    until: dt.datetime,
    patient_id: uuid.UUID | None = None,
    after: uuid.UUID | None = None,
    limit: int | None = None,
) -> tuple[list[DoseDue], uuid.UUID | None]:
    """Return the doses in `[since, until)` that are to be reminded of and are not ticked.

    Of one patient, or of the next `limit` medicines with an id after `after`; the second value is
    where to go on from, None at the end.
    """
    rows = _reminding()
    if patient_id is not None:
        rows = rows.filter(patient_id=patient_id)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    found = list(rows.order_by("pk")[:limit] if limit else rows.order_by("pk"))
    datakeys.preload({row.patient_id for row in found})
    ticked = _ticked(found, since, until)
    zone = clinic_zone()
    doses = [
        dose
        for row in found
        for dose in _doses(row, since, until, _zone(row) or zone)
        if (dose.statement_id, dose.due_at) not in ticked
    ]
    return doses, found[-1].pk if limit and len(found) == limit else None


def still_to_remind(
    *, doses: Collection[tuple[uuid.UUID, dt.datetime]]
) -> set[tuple[uuid.UUID, dt.datetime]]:
    """Return which of these doses (statement, instant) are still due, wanted and not ticked."""
    rows = list(_reminding().filter(pk__in={statement_id for statement_id, _ in doses}))
    datakeys.preload({row.patient_id for row in rows})
    zone = clinic_zone()
    by_id = {row.pk: row for row in rows}
    moments = [due_at for _, due_at in doses]
    if not moments:
        return set()
    ticked = _ticked(rows, min(moments), max(moments) + dt.timedelta(seconds=1))
    return {
        (statement_id, due_at)
        for statement_id, due_at in doses
        if (row := by_id.get(statement_id)) is not None
        and (statement_id, due_at) not in ticked
        and _is_due(row, due_at, _zone(row) or zone)
    }


def _reminding() -> QuerySet[MedicationStatement]:
    erased = Erasure.objects.filter(pk=OuterRef("patient_id"), status=ErasureStatus.EXECUTED)
    rows = MedicationStatement.objects.filter(dose_reminders=True, status__in=CURRENT)
    rows = rows.exclude(verification__in=HIDDEN).filter(~Exists(erased))
    # Of the sealed columns only this one is opened: a reminder never says what it is for.
    return rows.select_related("patient__user").only(
        "status", "dosage", "patient__time_zone", "patient__user__time_zone"
    )


def _ticked(
    rows: Sequence[MedicationStatement], since: dt.datetime, until: dt.datetime
) -> set[tuple[uuid.UUID, dt.datetime]]:
    events = DoseEvent.objects.filter(
        statement__in=[row.pk for row in rows], due_at__gte=since, due_at__lt=until
    )
    return set(events.values_list("statement_id", "due_at"))


def _doses(
    row: MedicationStatement, since: dt.datetime, until: dt.datetime, zone: str
) -> list[DoseDue]:
    dosage = Dosage.from_json(row.dosage)
    return [
        DoseDue(row.patient_id, row.pk, due_at, date)
        for date in times.dates_touched(since, until, zone)
        for due_at in due_times(dosage=dosage, date=date, zone=zone)
        if since <= due_at < until
    ]


def _is_due(row: MedicationStatement, due_at: dt.datetime, zone: str) -> bool:
    date = times.local_date(due_at, zone)
    return due_at in due_times(dosage=Dosage.from_json(row.dosage), date=date, zone=zone)


def _zone(row: MedicationStatement) -> str:
    user = row.patient.user
    return row.patient.time_zone or (user.time_zone if user is not None else "")

"""Ticks of doses: taken, skipped, and back again. The patient's own; a carer's with write scope."""

from __future__ import annotations

import datetime as dt
import uuid

from clinic.lib import times
from clinic.people.viewer import Viewer
from clinic.records.choices import DoseStatus
from clinic.records.dosage import Dosage, due_times
from clinic.records.dosage_choices import Frequency
from clinic.records.models import DoseEvent, MedicationStatement
from clinic.records.permissions import NotAllowed
from clinic.records.rules import medications as rules
from clinic.records.selectors.doses import zone_of
from clinic.records.services import medication_rows as rows
from clinic.records.services.writing import RecordChange, record_change


def mark_dose(
    *,
    by: Viewer,
    patient_id: uuid.UUID,
    statement_id: uuid.UUID,
    due_at: dt.datetime,
    status: DoseStatus,
    now: dt.datetime,
) -> DoseEvent:
    """Write that a dose was taken or skipped; a second tick takes the place of the first.

    Possible until the end of the day after. Raises NotAllowed, NotPossible, NoSuchDose,
    TooEarlyToMark and TooLateToMark.
    """
    what = "dose.taken" if status == DoseStatus.TAKEN else "dose.skipped"
    with record_change(by=by, patient_id=patient_id, what=what, now=now) as change:
        row = _found(change, statement_id)
        _check_dose(change, row, due_at)
        return _write(change, row, due_at, status, what)


def note_taken_as_needed(
    *, by: Viewer, patient_id: uuid.UUID, statement_id: uuid.UUID, now: dt.datetime
) -> DoseEvent:
    """Write that a medicine for when it is needed was taken now. NotAllowed, NotPossible."""
    with record_change(by=by, patient_id=patient_id, what="dose.taken", now=now) as change:
        row = _found(change, statement_id)
        if Dosage.from_json(row.dosage).frequency != Frequency.AS_NEEDED:
            raise rules.NotPossible
        return _write(change, row, now.replace(microsecond=0), DoseStatus.TAKEN, "dose.taken")


def undo_dose(
    *,
    by: Viewer,
    patient_id: uuid.UUID,
    statement_id: uuid.UUID,
    due_at: dt.datetime,
    now: dt.datetime,
) -> None:
    """Take a tick back; the audit trail keeps that it was there.

    Raises NotAllowed, NoSuchDose and TooLateToMark.
    """
    with record_change(by=by, patient_id=patient_id, what="dose.undone", now=now) as change:
        row = _found(change, statement_id)
        rules.check_may_mark(due_at=due_at, now=now, zone=zone_of(access=change.access))
        event = DoseEvent.objects.filter(statement=row, due_at=due_at).first()
        if event is None:
            raise rules.NoSuchDose
        change.wrote(event, "dose.undone")
        event.delete()


def _found(change: RecordChange, statement_id: uuid.UUID) -> MedicationStatement:
    if not change.access.is_patient_side:
        raise NotAllowed("ticking a dose")
    row = rows.found(change, statement_id, act=None, expected_version=None)
    if row.status not in rules.CURRENT:
        raise rules.NotPossible
    return row


def _check_dose(change: RecordChange, row: MedicationStatement, due_at: dt.datetime) -> None:
    zone = zone_of(access=change.access)
    rules.check_may_mark(due_at=due_at, now=change.now, zone=zone)
    date = times.local_date(due_at, zone)
    due = due_times(dosage=Dosage.from_json(row.dosage), date=date, zone=zone)
    if due_at not in due and not DoseEvent.objects.filter(statement=row, due_at=due_at).exists():
        raise rules.NoSuchDose


def _write(
    change: RecordChange,
    row: MedicationStatement,
    due_at: dt.datetime,
    status: DoseStatus,
    action: str,
) -> DoseEvent:
    event, _ = DoseEvent.objects.update_or_create(
        statement=row,
        due_at=due_at,
        defaults={
            "patient_id": change.patient_id,
            "status": status,
            "recorded_at": change.now,
            "recorded_by_id": change.by.user_id,
        },
    )
    change.wrote(event, action)
    return event

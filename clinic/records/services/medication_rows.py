"""The rows of medicines within a change: found, written, ended. Asks no permission."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from clinic.lib import times
from clinic.records.choices import MedicationStatus, Verification
from clinic.records.dosage import HOURS_OF_A_DAY, Dosage
from clinic.records.dosage_choices import Frequency
from clinic.records.models import MedicationStatement
from clinic.records.permissions import NotAllowed
from clinic.records.rules import medications as rules
from clinic.records.selectors.clinic import clinic_zone
from clinic.records.services.writing import RecordChange, check_version

DECISION = ("verification", "confirmed_at", "confirmed_by", "changed_at", "version")


def insert(change: RecordChange, columns: Mapping[str, Any], **about: Any) -> MedicationStatement:
    """Write a new medicine within a change; `about` goes above what the change implies."""
    row = MedicationStatement(
        patient_id=change.patient_id,
        source=change.access.source,
        recorded_at=change.now,
        recorded_by_id=change.by.user_id,
        changed_at=change.now,
        **columns,
    )
    row.dosage = _begun(change, row.dosage, row.starts_on)
    if change.access.is_clinical:
        _confirm(change, row)
    for name, value in about.items():
        setattr(row, name, value)
    row.save(force_insert=True)
    said = [name for name, value in columns.items() if value not in ("", None, {})]
    change.wrote(row, "medication.added", fields=said)
    return row


def rewrite(
    change: RecordChange, row: MedicationStatement, columns: Mapping[str, Any], *, action: str
) -> MedicationStatement:
    """Write columns of a medicine within a doctor's change, which confirms it."""
    columns = dict(columns)
    if "dosage" in columns and action != "restarted":
        columns["dosage"] = _kept_since(change, row, columns["dosage"])
    _confirm(change, row)
    return save(change, row, columns, action=action)


def end(
    change: RecordChange, row: MedicationStatement, *, reason: str, ends_on: dt.date | None = None
) -> MedicationStatement:
    """End a medicine within a doctor's change; nobody is reminded of it any more."""
    columns = {
        "status": MedicationStatus.STOPPED,
        "status_reason": reason,
        "ends_on": ends_on or today_of(change),
        "dose_reminders": False,
    }
    return rewrite(change, row, columns, action="stopped")


def found(
    change: RecordChange, statement_id: uuid.UUID, *, act: str | None, expected_version: int | None
) -> MedicationStatement:
    """Return one medicine of the patient on which the act is possible.

    Raises NotAllowed, ChangedMeanwhile, NotPossible.
    """
    rows = MedicationStatement.objects.filter(pk=statement_id, patient_id=change.patient_id)
    row = rows.first()
    if row is None or row.verification in rules.HIDDEN:
        raise NotAllowed("medicine")
    check_version(row, expected_version)
    if act is not None:
        rules.check_can(act=act, status=row.status, verification=row.verification)
    return row


def today_of(change: RecordChange) -> dt.date:
    """Return the day it is at the clinic."""
    return times.today(clinic_zone(), change.now)


def _begun(
    change: RecordChange, stored: Mapping[str, Any], starts_on: dt.date | None
) -> dict[str, Any]:
    """Let a new way of taking it begin on its day, never before it was written down.

    What is taken every third day has to be counted from the day on which it was taken first.
    """
    dosage, today = Dosage.from_json(stored), today_of(change)
    counts_on = dosage.frequency == Frequency.EVERY_HOURS and HOURS_OF_A_DAY % (dosage.hours or 1)
    first = starts_on or today
    return replace(dosage, since=first if counts_on else max(first, today)).as_json()


def _kept_since(
    change: RecordChange, row: MedicationStatement, stored: Mapping[str, Any]
) -> dict[str, Any]:
    was, becomes = Dosage.from_json(row.dosage), Dosage.from_json(stored)
    if was.says_the_same(becomes):
        return was.as_json()
    return _begun(change, stored, row.starts_on)


def _confirm(change: RecordChange, row: MedicationStatement) -> None:
    row.verification = Verification.CONFIRMED
    row.confirmed_at = change.now
    row.confirmed_by_id = change.by.user_id


def save(
    change: RecordChange, row: MedicationStatement, columns: Mapping[str, Any], *, action: str
) -> MedicationStatement:
    changed = [name for name, value in columns.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, columns[name])
    _keep_reminders_possible(row, changed)
    row.changed_at = change.now
    row.version += 1
    row.save(update_fields={*DECISION, *changed})
    change.wrote(row, f"medication.{action}", fields=changed)
    return row


def _keep_reminders_possible(row: MedicationStatement, changed: list[str]) -> None:
    """Switch reminders off where a new dosage has no times to remind of."""
    if row.dose_reminders and not Dosage.from_json(row.dosage).is_scheduled:
        row.dose_reminders = False
        changed.append("dose_reminders")

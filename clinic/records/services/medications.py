"""What a doctor does with a medicine on file; the patient's own words come as proposals."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field, replace
from typing import Any

from clinic.people.viewer import Viewer
from clinic.records.choices import DatePrecision, MedicationStatus, Verification
from clinic.records.dosage import Dosage, Supply
from clinic.records.models import MedicationStatement
from clinic.records.permissions import NotAllowed, check_is_clinical
from clinic.records.rules import medications as rules
from clinic.records.services import medication_rows as rows
from clinic.records.services.writing import record_change
from clinic.terminology.coded import Coded


@dataclass(frozen=True, slots=True)
class MedicationEntry:
    """What is written down about a medicine that somebody takes."""

    coded: Coded
    dosage: Dosage = field(default_factory=Dosage)
    reason: str = ""
    starts_on: dt.date | None = None
    starts_precision: str = DatePrecision.DAY
    prescriber_text: str = ""
    supply: Supply = field(default_factory=Supply)
    note: str = ""

    def columns(self) -> dict[str, Any]:
        """Return the columns of the row."""
        return {
            "concept": self.coded.as_json(),
            "dosage": self.dosage.as_json(),
            "reason": self.reason,
            "starts_on": self.starts_on,
            "starts_precision": str(self.starts_precision),
            "prescriber_text": self.prescriber_text,
            "supply": self.supply.as_json(),
            "note": self.note,
        }


def add_medication(
    *, by: Viewer, patient_id: uuid.UUID, entry: MedicationEntry, now: dt.datetime
) -> MedicationStatement:
    """Write a medicine that the patient takes; a doctor's act. Raises NotAllowed."""
    with record_change(by=by, patient_id=patient_id, what="medication.added", now=now) as change:
        check_is_clinical(change.access)
        return rows.insert(change, entry.columns())


def change_medication(
    *,
    by: Viewer,
    patient_id: uuid.UUID,
    statement_id: uuid.UUID,
    entry: MedicationEntry,
    expected_version: int | None,
    now: dt.datetime,
) -> MedicationStatement:
    """Write what is taken instead. Raises NotAllowed, ChangedMeanwhile, NotPossible."""
    with record_change(by=by, patient_id=patient_id, what="medication.changed", now=now) as change:
        check_is_clinical(change.access)
        row = rows.found(change, statement_id, act="change", expected_version=expected_version)
        return rows.rewrite(change, row, entry.columns(), action="changed")


def stop_medication(
    *,
    by: Viewer,
    patient_id: uuid.UUID,
    statement_id: uuid.UUID,
    reason: str,
    ends_on: dt.date | None = None,
    expected_version: int | None = None,
    now: dt.datetime,
) -> MedicationStatement:
    """End a medicine, as of today unless said. Raises NotAllowed, ChangedMeanwhile, NotPossible."""
    with record_change(by=by, patient_id=patient_id, what="medication.stopped", now=now) as change:
        check_is_clinical(change.access)
        row = rows.found(change, statement_id, act="stop", expected_version=expected_version)
        return rows.end(change, row, reason=reason, ends_on=ends_on)


def pause_medication(
    *,
    by: Viewer,
    patient_id: uuid.UUID,
    statement_id: uuid.UUID,
    reason: str,
    expected_version: int | None = None,
    now: dt.datetime,
) -> MedicationStatement:
    """Pause a medicine. Raises NotAllowed, ChangedMeanwhile, NotPossible."""
    with record_change(by=by, patient_id=patient_id, what="medication.paused", now=now) as change:
        check_is_clinical(change.access)
        row = rows.found(change, statement_id, act="pause", expected_version=expected_version)
        columns = {"status": MedicationStatus.ON_HOLD, "status_reason": reason}
        return rows.rewrite(change, row, columns, action="paused")


def restart_medication(
    *,
    by: Viewer,
    patient_id: uuid.UUID,
    statement_id: uuid.UUID,
    expected_version: int | None = None,
    now: dt.datetime,
) -> MedicationStatement:
    """Take a paused or ended medicine up again; its doses count from today.

    Raises NotAllowed, ChangedMeanwhile, NotPossible.
    """
    with record_change(
        by=by, patient_id=patient_id, what="medication.restarted", now=now
    ) as change:
        check_is_clinical(change.access)
        row = rows.found(change, statement_id, act="restart", expected_version=expected_version)
        dosage = replace(Dosage.from_json(row.dosage), since=rows.today_of(change))
        columns = {"status": MedicationStatus.ACTIVE, "status_reason": "", "ends_on": None}
        return rows.rewrite(change, row, columns | {"dosage": dosage.as_json()}, action="restarted")


def confirm_medication(
    *,
    by: Viewer,
    patient_id: uuid.UUID,
    statement_id: uuid.UUID,
    expected_version: int | None = None,
    now: dt.datetime,
) -> MedicationStatement:
    """Let a doctor stand for what is on file. Raises NotAllowed, ChangedMeanwhile."""
    with record_change(
        by=by, patient_id=patient_id, what="medication.confirmed", now=now
    ) as change:
        check_is_clinical(change.access)
        row = rows.found(change, statement_id, act=None, expected_version=expected_version)
        return rows.rewrite(change, row, {}, action="confirmed")


def mark_mistaken(
    *,
    by: Viewer,
    patient_id: uuid.UUID,
    statement_id: uuid.UUID,
    expected_version: int | None = None,
    now: dt.datetime,
) -> MedicationStatement:
    """Take out a medicine that was written down by mistake. Raises NotAllowed, ChangedMeanwhile."""
    with record_change(
        by=by, patient_id=patient_id, what="medication.marked_mistaken", now=now
    ) as change:
        check_is_clinical(change.access)
        row = rows.found(change, statement_id, act=None, expected_version=expected_version)
        row.verification = Verification.ENTERED_IN_ERROR
        columns = {"status": MedicationStatus.ENTERED_IN_ERROR, "dose_reminders": False}
        return rows.save(change, row, columns, action="marked_mistaken")


def note_filled(
    *,
    by: Viewer,
    patient_id: uuid.UUID,
    statement_id: uuid.UUID,
    quantity: str,
    filled_on: dt.date,
    now: dt.datetime,
) -> MedicationStatement:
    """Note a new pack, so that it can be said when it runs out; either side does.

    Raises NotAllowed, NotPossible.
    """
    with record_change(by=by, patient_id=patient_id, what="medication.filled", now=now) as change:
        row = rows.found(change, statement_id, act="fill", expected_version=None)
        supply = replace(Supply.from_json(row.supply), quantity=quantity, filled_on=filled_on)
        return rows.save(change, row, {"supply": supply.as_json()}, action="filled")


def set_dose_reminders(
    *, by: Viewer, patient_id: uuid.UUID, statement_id: uuid.UUID, on: bool, now: dt.datetime
) -> MedicationStatement:
    """Switch the reminders of one medicine; the patient's own choice.

    Raises NotAllowed, and NotPossible for a medicine whose doses do not fall due by the clock.
    """
    with record_change(
        by=by, patient_id=patient_id, what="medication.reminders_set", now=now
    ) as change:
        if not change.access.is_patient_side:
            raise NotAllowed("dose reminders")
        row = rows.found(change, statement_id, act="remind" if on else None, expected_version=None)
        if on and not Dosage.from_json(row.dosage).is_scheduled:
            raise rules.NotPossible
        return rows.save(change, row, {"dose_reminders": on}, action="reminders_set")

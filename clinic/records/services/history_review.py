"""What a doctor does with entries that are there: confirm, rule out, take out, end; each undone.

Nothing is deleted. Taking out is also the patient's, for own entries no doctor has looked at.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from clinic.lib.clinic_time import clinic_today
from clinic.people.viewer import Viewer
from clinic.records.choices import ClinicalStatus, DatePrecision, HistorySection, Verification
from clinic.records.models import AllergyIntolerance, Condition
from clinic.records.models.base import CodedEntry
from clinic.records.permissions import check_is_clinical
from clinic.records.rules import history as rules
from clinic.records.services import allergies
from clinic.records.services import history_rows as rows
from clinic.records.services.history_entries import WORD_OF
from clinic.records.services.writing import (
    ChangedMeanwhile,
    RecordChange,
    check_version,
    record_change,
)


@dataclass(frozen=True, slots=True)
class Target:
    """One entry at the version that somebody saw."""

    section: HistorySection
    entry_id: uuid.UUID
    version: int | None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """How many entries were confirmed, and how many had changed since they were shown."""

    confirmed: int
    changed: int


Write = Callable[[RecordChange, HistorySection, Any], list[str]]


def confirm_entry(
    *, by: Viewer, patient_id: uuid.UUID, target: Target, now: dt.datetime
) -> CodedEntry:
    """Confirm one entry; raises NotAllowed, ChangedMeanwhile, NotPossible."""
    return _act(by, patient_id, target, now, "confirmed", rules.can_confirm, _confirm)


def rule_out_entry(
    *, by: Viewer, patient_id: uuid.UUID, target: Target, now: dt.datetime
) -> CodedEntry:
    """Say that this was looked for and is not there; raises as `confirm_entry`."""
    return _act(by, patient_id, target, now, "ruled_out", rules.can_rule_out, _refute)


def mark_entry_mistaken(
    *, by: Viewer, patient_id: uuid.UUID, target: Target, now: dt.datetime
) -> CodedEntry:
    """Take out an entry that should not be there; raises as `confirm_entry`."""
    return _act(by, patient_id, target, now, "taken_out", rules.can_mark_mistaken, _mistake)


def restore_entry(
    *, by: Viewer, patient_id: uuid.UUID, target: Target, now: dt.datetime
) -> CodedEntry:
    """Put back what was ruled out or taken out; it waits to be confirmed again.

    Raises as `confirm_entry`, and AllergiesOnFile for the statement that there is none.
    """
    return _act(by, patient_id, target, now, "put_back", rules.can_restore, _restore)


def resolve_entry(
    *, by: Viewer, patient_id: uuid.UUID, target: Target, now: dt.datetime
) -> CodedEntry:
    """Say that a condition or allergy is over as of today; raises as `confirm_entry`."""
    return _act(by, patient_id, target, now, "resolved", rules.can_resolve, _resolve)


def reopen_entry(
    *, by: Viewer, patient_id: uuid.UUID, target: Target, now: dt.datetime
) -> CodedEntry:
    """Say that it is current after all; raises as `restore_entry`."""
    return _act(by, patient_id, target, now, "reopened", rules.can_reopen, _reopen)


def confirm_section(
    *,
    by: Viewer,
    patient_id: uuid.UUID,
    section: HistorySection,
    seen: Mapping[uuid.UUID, int],
    now: dt.datetime,
) -> Confirmed:
    """Confirm the entries that were shown, each at the version shown; others stay as they are."""
    confirmed = 0
    what = f"{WORD_OF[section]}.confirmed"
    with record_change(by=by, patient_id=patient_id, what=what, now=now) as change:
        check_is_clinical(change.access)
        for entry_id, version in seen.items():
            target = Target(section, entry_id, version)
            try:
                _act_within(change, target, "confirmed", rules.can_confirm, _confirm)
            except (ChangedMeanwhile, rules.NotPossible):
                continue
            confirmed += 1
    return Confirmed(confirmed, len(seen) - confirmed)


def _act(
    by: Viewer,
    patient_id: uuid.UUID,
    target: Target,
    now: dt.datetime,
    action: str,
    may: Callable[..., bool],
    write: Write,
) -> CodedEntry:
    what = f"{WORD_OF[target.section]}.{action}"
    with record_change(by=by, patient_id=patient_id, what=what, now=now) as change:
        return _act_within(change, target, action, may, write)


def _act_within(
    change: RecordChange, target: Target, action: str, may: Callable[..., bool], write: Write
) -> CodedEntry:
    row = rows.found(change, target.section, target.entry_id)
    check_version(row, target.version)
    rules.check(may(state=rows.state_of(change, target.section, row)))
    fields = write(change, target.section, row)
    rows.save(change, row, fields)
    change.wrote(row, f"{WORD_OF[target.section]}.{action}", fields=fields)
    return row


def _confirm(change: RecordChange, section: HistorySection, row: CodedEntry) -> list[str]:
    rows.confirm_row(change, row)
    return ["verification"]


def _refute(change: RecordChange, section: HistorySection, row: CodedEntry) -> list[str]:
    row.verification = Verification.REFUTED
    rows.decide(change, row)
    return ["verification"]


def _mistake(change: RecordChange, section: HistorySection, row: CodedEntry) -> list[str]:
    row.verification = Verification.ENTERED_IN_ERROR
    if change.access.is_clinical:
        rows.decide(change, row)
    return ["verification"]


def _restore(change: RecordChange, section: HistorySection, row: CodedEntry) -> list[str]:
    _make_room(change, row)
    row.verification = Verification.UNCONFIRMED
    return ["verification"]


def _resolve(
    change: RecordChange, section: HistorySection, row: Condition | AllergyIntolerance
) -> list[str]:
    row.clinical_status = ClinicalStatus.RESOLVED
    rows.confirm_row(change, row)
    if isinstance(row, AllergyIntolerance):
        return ["clinical_status"]
    row.abatement_date = clinic_today(change.now)
    row.abatement_precision = DatePrecision.DAY
    return ["abatement_date", "clinical_status"]


def _reopen(
    change: RecordChange, section: HistorySection, row: Condition | AllergyIntolerance
) -> list[str]:
    row.clinical_status = ClinicalStatus.ACTIVE
    _make_room(change, row)
    rows.confirm_row(change, row)
    if isinstance(row, AllergyIntolerance):
        return ["clinical_status"]
    row.abatement_date = None
    return ["abatement_date", "clinical_status"]


def _make_room(change: RecordChange, row: CodedEntry) -> None:
    """Keep an allergy and the statement that there is none from being on file together."""
    if not isinstance(row, AllergyIntolerance) or row.clinical_status != ClinicalStatus.ACTIVE:
        return
    if row.states_none:
        allergies.check_none_on_file(patient_id=change.patient_id)
    else:
        allergies.end_statement(change)

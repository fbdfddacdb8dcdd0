"""The rows of the history within a change: found, written, confirmed. Asks no rule."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from clinic.records import tokens
from clinic.records.choices import HistorySection, ObservationCategory, Verification
from clinic.records.models import Observation
from clinic.records.models.base import CodedEntry
from clinic.records.permissions import NotAllowed
from clinic.records.rules import history as rules
from clinic.records.services.history_entries import MODEL_OF, WORD_OF, HistoryEntry
from clinic.records.services.writing import RecordChange

DECISION = ("verification", "confirmed_at", "confirmed_by", "changed_at", "version")


def insert(change: RecordChange, entry: HistoryEntry, **columns: Any) -> CodedEntry:
    """Write a new row for an entry within a change; `columns` go above what the change implies."""
    model = MODEL_OF[entry.section]
    row = model(
        patient_id=change.patient_id,
        source=change.access.source,
        recorded_at=change.now,
        recorded_by_id=change.by.user_id,
        changed_at=change.now,
        **entry.columns(),
    )
    if isinstance(row, Observation):
        row.category = ObservationCategory.SOCIAL_HISTORY
        row.effective_at = change.now
        row.code_token = tokens.observation_token(
            patient_id=change.patient_id, code=entry.coded.code
        )
    if change.access.is_clinical:
        confirm_row(change, row)
    for name, value in columns.items():
        setattr(row, name, value)
    row.save(force_insert=True)
    change.wrote(row, f"{WORD_OF[entry.section]}.added", fields=said(entry.columns()))
    return row


def rewrite(
    change: RecordChange,
    section: HistorySection,
    row: CodedEntry,
    columns: dict[str, Any],
    *,
    action: str = "changed",
) -> CodedEntry:
    """Write changed columns of a row: confirmed by a doctor's hand, unconfirmed by the patient's.

    Who had confirmed it stays on the row.
    """
    if isinstance(row, Observation):
        # Its question is what it is found by; another one would be another entry.
        columns = {name: value for name, value in columns.items() if name != "concept"}
    changed = [name for name, value in columns.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, columns[name])
    if change.access.is_clinical:
        confirm_row(change, row)
    elif changed:
        row.verification = Verification.UNCONFIRMED
    save(change, row, changed)
    change.wrote(row, f"{WORD_OF[section]}.{action}", fields=changed)
    return row


def save(change: RecordChange, row: CodedEntry, fields: Iterable[str]) -> None:
    """Save changed columns of a row, who decided on it, and its next version."""
    row.changed_at = change.now
    row.version += 1
    row.save(update_fields=[*DECISION, *fields])


def confirm_row(change: RecordChange, row: CodedEntry) -> None:
    """Set on a row that this doctor confirms it now; the caller saves."""
    row.verification = Verification.CONFIRMED
    decide(change, row)


def decide(change: RecordChange, row: CodedEntry) -> None:
    """Set on a row which doctor decided on it last; the caller saves."""
    row.confirmed_at = change.now
    row.confirmed_by_id = change.by.user_id


def found(change: RecordChange, section: HistorySection, entry_id: uuid.UUID) -> CodedEntry:
    """Return one entry of the patient; NotAllowed where it is another's or of another section."""
    rows = MODEL_OF[section]._default_manager.filter(pk=entry_id, patient_id=change.patient_id)
    row = rows.first()
    if row is None or not _is_of_history(row):
        raise NotAllowed("entry of the history")
    return row


def state_of(change: RecordChange, section: HistorySection, row: CodedEntry) -> rules.EntryState:
    """Return what the rules look at."""
    return entry_state(section=section, row=row, by_doctor=change.access.is_clinical)


def entry_state(*, section: HistorySection, row: CodedEntry, by_doctor: bool) -> rules.EntryState:
    """Return what the rules look at, for a page that asks which buttons to show."""
    return rules.EntryState(
        section=section,
        verification=row.verification,
        source=row.source,
        was_decided=row.confirmed_at is not None,
        clinical_status=getattr(row, "clinical_status", ""),
        by_doctor=by_doctor,
        is_statement=getattr(row, "states_none", False),
    )


def said(columns: dict[str, Any]) -> list[str]:
    """Return the names of the columns that hold something."""
    return [name for name, value in columns.items() if value not in ("", None, {})]


def _is_of_history(row: CodedEntry) -> bool:
    """A measurement is an observation as well, but no lifestyle."""
    if not isinstance(row, Observation):
        return True
    return row.category == ObservationCategory.SOCIAL_HISTORY

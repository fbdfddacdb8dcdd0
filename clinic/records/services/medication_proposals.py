"""How a patient's proposals about medicines meet the record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from clinic.people.models import Patient
from clinic.records.choices import MedicationStatus, ProposalAction, Source
from clinic.records.dosage import Dosage
from clinic.records.models import ChangeProposal, MedicationStatement
from clinic.records.models.base import CodedEntry
from clinic.records.rules import medications as rules
from clinic.records.services import medication_rows as rows
from clinic.records.services import proposals
from clinic.records.services.medications import MedicationEntry
from clinic.records.services.writing import RecordChange

# What a patient says of a medicine; what was handed out and confirmed is not theirs to say.
COLUMNS = (
    *("concept", "dosage", "reason", "starts_on", "starts_precision", "prescriber_text", "note"),
    *("status", "status_reason", "ends_on"),
)
# A patient says that a medicine is taken, paused or stopped, and nothing else.
STATUSES = (MedicationStatus.ACTIVE, MedicationStatus.ON_HOLD, MedicationStatus.STOPPED)


def as_said(entry: MedicationEntry) -> dict[str, Any]:
    """Return a medicine as a proposal says it: columns whose values JSON can hold."""
    return {name: _plain(name, value) for name, value in entry.columns().items() if name in COLUMNS}


def snapshot(row: CodedEntry) -> dict[str, Any]:
    """Return what a medicine on file says, under the same names."""
    return {name: _plain(name, getattr(row, name)) for name in COLUMNS}


def apply(change: RecordChange, proposal: ChangeProposal, target: CodedEntry | None) -> CodedEntry:
    """Write an accepted proposal: confirmed by the doctor, said by the patient.

    Raises NotPossible where the medicine is no longer in a state for it.
    """
    if proposal.action == ProposalAction.ADD:
        return _add(change, proposal)
    assert isinstance(target, MedicationStatement)
    if proposal.action == ProposalAction.STOP:
        return _stop(change, proposal, target)
    # Only what the patient changed: the rest may say more by now than the patient saw.
    said = _typed(proposals.changes(proposal.said, proposal.on_file))
    act = {MedicationStatus.ON_HOLD: "pause", MedicationStatus.ACTIVE: "restart"}.get(
        said.get("status", ""), "change"
    )
    rules.check_can(act=act, status=target.status, verification=target.verification)
    return rows.rewrite(change, target, said, action="changed")


def _add(change: RecordChange, proposal: ChangeProposal) -> CodedEntry:
    return rows.insert(
        change,
        _typed(proposal.said),
        source=_source(proposal),
        recorded_at=proposal.created_at,
        recorded_by_id=proposal.created_by_id,
    )


def _stop(
    change: RecordChange, proposal: ChangeProposal, target: MedicationStatement
) -> CodedEntry:
    rules.check_can(act="stop", status=target.status, verification=target.verification)
    said = _typed(proposal.said)
    reason = said.get("status_reason", "") or proposal.note
    return rows.end(change, target, reason=reason, ends_on=said.get("ends_on"))


def _source(proposal: ChangeProposal) -> Source:
    patient = Patient.objects.get(pk=proposal.patient_id)
    return Source.PATIENT if patient.user_id == proposal.created_by_id else Source.PROXY


def _typed(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return columns as the row holds them: dates are what JSON cannot hold."""
    typed = {name: value for name, value in said.items() if name in COLUMNS}
    if typed.get("status") not in (*STATUSES, None):
        raise rules.NotPossible
    for name in ("starts_on", "ends_on"):
        if typed.get(name):
            typed[name] = dt.date.fromisoformat(typed[name])
    return typed


def _plain(name: str, value: Any) -> Any:
    if name == "dosage":
        # When it began is the clinic's count, not what somebody says.
        return replace(Dosage.from_json(value), since=None).as_json()
    return value.isoformat() if isinstance(value, dt.date) else value

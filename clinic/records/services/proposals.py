"""A patient's changes to medicines and allergies: proposed, taken back, accepted, declined.

What accepting does to the record is the applier of its kind (`register_applier`); this module
knows who may decide when, and what was on file. A target that changed since the patient looked
needs another look: the doctor's page says so and sends the version it showed.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from clinic.people.viewer import Viewer
from clinic.records.choices import ProposalAction, ProposalKind, ProposalStatus
from clinic.records.models import AllergyIntolerance, ChangeProposal, MedicationStatement
from clinic.records.models.base import CodedEntry
from clinic.records.permissions import NotAllowed, check_is_clinical
from clinic.records.rules import history as rules
from clinic.records.services.writing import (
    ChangedMeanwhile,
    RecordChange,
    check_version,
    record_change,
)

MODEL_OF: Mapping[str, type[CodedEntry]] = {
    ProposalKind.ALLERGY: AllergyIntolerance,
    ProposalKind.MEDICATION: MedicationStatement,
}


class AlreadyDecided(Exception):
    """The proposal was decided on or taken back before."""


class NothingProposed(Exception):
    """What the patient says is what is on file."""


class TargetGone(Exception):
    """The entry it would change is no longer on file: the proposal can only be declined."""


class ChangeRefused(Exception):
    """The applier cannot write this into the record as it stands now."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a patient proposes. `said` names the columns of the entry and what they should hold."""

    kind: ProposalKind
    action: ProposalAction
    said: Mapping[str, Any] = field(default_factory=dict)
    target_id: uuid.UUID | None = None
    target_version: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """How many proposals were accepted, and how many need another look."""

    accepted: int
    left: int


Apply = Callable[[RecordChange, ChangeProposal, CodedEntry | None], CodedEntry]
Snapshot = Callable[[CodedEntry], dict[str, Any]]
Check = Callable[[RecordChange, Proposed], None]


@dataclass(frozen=True, slots=True)
class Applier:
    """How proposals of one kind meet the record."""

    apply: Apply
    snapshot: Snapshot
    check: Check | None = None


_appliers: dict[str, Applier] = {}


def register_applier(
    kind: ProposalKind, apply: Apply, snapshot: Snapshot, check: Check | None = None
) -> None:
    """Say how proposals of a kind meet the record; called once, when the application starts.

    `apply(change, proposal, target)` writes the accepted change and its audit event within the
    change, or raises ChangeRefused or NotPossible before writing; target is None for something new.
    `snapshot(row)` returns what an entry says now, under the names that `said` uses.
    `check(change, proposed)` refuses what must not be proposed.
    """
    _appliers[kind] = Applier(apply, snapshot, check)


def applier_of(kind: str) -> Applier:
    """Return how proposals of a kind meet the record."""
    return _appliers[kind]


def propose(
    *, by: Viewer, patient_id: uuid.UUID, proposed: Proposed, now: dt.datetime
) -> ChangeProposal:
    """Write down what a patient says; an open proposal for the same entry is replaced.

    Raises NotAllowed (a doctor writes directly), ChangedMeanwhile, NothingProposed, TargetGone.
    """
    with record_change(by=by, patient_id=patient_id, what="proposal.made", now=now) as change:
        if not change.access.is_patient_side:
            raise NotAllowed("proposal")
        applier = applier_of(proposed.kind)
        target = _target(patient_id, proposed.kind, proposed.target_id)
        if target is not None:
            check_version(target, proposed.target_version)
        on_file = applier.snapshot(target) if target is not None else {}
        if proposed.action == ProposalAction.CHANGE and not changes(proposed.said, on_file):
            raise NothingProposed
        if applier.check is not None:
            applier.check(change, proposed)
        _take_back_open(change, proposed)
        return _write(change, proposed, target, on_file)


def withdraw(
    *, by: Viewer, patient_id: uuid.UUID, proposal_id: uuid.UUID, now: dt.datetime
) -> ChangeProposal:
    """Take a proposal back; raises NotAllowed, AlreadyDecided."""
    with record_change(by=by, patient_id=patient_id, what="proposal.withdrawn", now=now) as change:
        if not change.access.is_patient_side:
            raise NotAllowed("taking back a proposal")
        proposal = _open(change, proposal_id)
        return settle(change, proposal, ProposalStatus.WITHDRAWN)


def decline(
    *, by: Viewer, patient_id: uuid.UUID, proposal_id: uuid.UUID, note: str = "", now: dt.datetime
) -> ChangeProposal:
    """Leave the record as it is; the patient reads the note. Raises NotAllowed, AlreadyDecided."""
    with record_change(by=by, patient_id=patient_id, what="proposal.declined", now=now) as change:
        check_is_clinical(change.access)
        proposal = _open(change, proposal_id)
        return settle(change, proposal, ProposalStatus.DECLINED, note)


def accept(
    *,
    by: Viewer,
    patient_id: uuid.UUID,
    proposal_id: uuid.UUID,
    seen_version: int | None,
    note: str = "",
    now: dt.datetime,
) -> ChangeProposal:
    """Let the record say what the patient says.

    `seen_version` is the version of the entry on file that the doctor's page showed, None for
    something new. Raises NotAllowed, AlreadyDecided, TargetGone, ChangedMeanwhile, ChangeRefused.
    """
    with record_change(by=by, patient_id=patient_id, what="proposal.accepted", now=now) as change:
        check_is_clinical(change.access)
        return _accept(change, _open(change, proposal_id), seen_version, note)


def accept_all(
    *, by: Viewer, patient_id: uuid.UUID, proposal_ids: list[uuid.UUID], now: dt.datetime
) -> Decided:
    """Accept the proposals that were shown, but for those that need another look.

    A proposal whose entry changed since it was made is left for a decision of its own.
    """
    accepted = 0
    with record_change(by=by, patient_id=patient_id, what="proposal.accepted", now=now) as change:
        check_is_clinical(change.access)
        for proposal_id in proposal_ids:
            try:
                proposal = _open(change, proposal_id)
                _accept(change, proposal, proposal.target_version, "")
            except (AlreadyDecided, TargetGone, ChangedMeanwhile, ChangeRefused):
                continue
            accepted += 1
    return Decided(accepted, len(proposal_ids) - accepted)


def changes(said: Mapping[str, Any], on_file: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a patient says that is not on file, by column."""
    return {name: value for name, value in said.items() if value != on_file.get(name)}


def _accept(
    change: RecordChange, proposal: ChangeProposal, seen_version: int | None, note: str
) -> ChangeProposal:
    target = _target(change.patient_id, proposal.kind, proposal.target_id)
    if target is not None:
        check_version(target, seen_version if seen_version is not None else 0)
    try:
        applier_of(proposal.kind).apply(change, proposal, target)
    except rules.NotPossible:
        raise ChangeRefused from None
    return settle(change, proposal, ProposalStatus.ACCEPTED, note)


def _target(patient_id: uuid.UUID, kind: str, target_id: uuid.UUID | None) -> CodedEntry | None:
    if target_id is None:
        return None
    row = MODEL_OF[kind]._default_manager.filter(pk=target_id, patient_id=patient_id).first()
    if row is None:
        raise NotAllowed("entry to change")
    if row.verification in rules.HIDDEN:
        raise TargetGone
    return row


def _open(change: RecordChange, proposal_id: uuid.UUID) -> ChangeProposal:
    found = ChangeProposal.objects.filter(pk=proposal_id, patient_id=change.patient_id).first()
    if found is None:
        raise NotAllowed("proposal")
    if found.status != ProposalStatus.PROPOSED:
        raise AlreadyDecided
    return found


def _take_back_open(change: RecordChange, proposed: Proposed) -> None:
    """One entry has one open proposal: the newer words of the patient count."""
    if proposed.target_id is None:
        return
    for earlier in ChangeProposal.objects.filter(
        patient_id=change.patient_id,
        target_id=proposed.target_id,
        status=ProposalStatus.PROPOSED,
    ):
        settle(change, earlier, ProposalStatus.WITHDRAWN)


def _write(
    change: RecordChange, proposed: Proposed, target: CodedEntry | None, on_file: dict[str, Any]
) -> ChangeProposal:
    proposal = ChangeProposal(
        patient_id=change.patient_id,
        kind=proposed.kind,
        action=proposed.action,
        target_id=proposed.target_id,
        target_version=target.version if target is not None else None,
        said=dict(proposed.said),
        on_file=on_file,
        note=proposed.note,
        created_at=change.now,
        created_by_id=change.by.user_id,
    )
    proposal.save(force_insert=True)
    change.wrote(proposal, "proposal.made", fields=changes(proposed.said, on_file))
    return proposal


def settle(
    change: RecordChange, proposal: ChangeProposal, status: ProposalStatus, note: str = ""
) -> ChangeProposal:
    """End an open proposal within a change."""
    proposal.status = status
    proposal.decided_at = change.now
    proposal.decided_by_id = change.by.user_id
    proposal.decision_note = note
    proposal.save(update_fields=["status", "decided_at", "decided_by", "decision_note"])
    change.wrote(proposal, f"proposal.{status}")
    return proposal

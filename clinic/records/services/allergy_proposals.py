"""How a patient's proposals about allergies meet the record."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet

from clinic.people.models import Patient
from clinic.records.choices import (
    ClinicalStatus,
    HistorySection,
    ProposalAction,
    ProposalKind,
    ProposalStatus,
    Source,
)
from clinic.records.models import AllergyIntolerance, ChangeProposal
from clinic.records.models.base import CodedEntry
from clinic.records.services import allergies, history_rows, proposals
from clinic.records.services.history_entries import AllergyEntry
from clinic.records.services.writing import RecordChange
from clinic.terminology.coded import Coded

COLUMNS = tuple(AllergyEntry(coded=Coded("")).columns())


def as_said(entry: AllergyEntry) -> dict[str, Any]:
    """Return an allergy as a patient says it: how risky it is, only a doctor assesses."""
    columns = {name: _plain(value) for name, value in entry.columns().items()}
    return {name: value for name, value in columns.items() if name != "criticality"}


def snapshot(row: CodedEntry) -> dict[str, Any]:
    """Return what an allergy on file says, under the same names."""
    return {name: _plain(getattr(row, name)) for name in COLUMNS}


def check(change: RecordChange, proposed: proposals.Proposed) -> None:
    """Refuse what is listed, and "no known allergies" beside a list; an allergy ends that claim.

    Raises AlreadyListed, AllergiesOnFile.
    """
    if proposed.action != ProposalAction.ADD:
        return
    coded = Coded.from_json(proposed.said["concept"])
    waiting = list(_open_additions(change))
    if coded.code == AllergyIntolerance.NO_KNOWN_ALLERGIES:
        allergies.check_none_on_file(patient_id=change.patient_id)
    else:
        allergies.check_not_listed(patient_id=change.patient_id, coded=coded)
        if any(allergies.is_same(Coded.from_json(one.said["concept"]), coded) for one in waiting):
            raise allergies.AlreadyListed
    for other in waiting:
        if allergies.states_none(other):
            proposals.settle(change, other, ProposalStatus.WITHDRAWN)


def _open_additions(change: RecordChange) -> QuerySet[ChangeProposal]:
    return ChangeProposal.objects.filter(
        patient_id=change.patient_id,
        kind=ProposalKind.ALLERGY,
        action=ProposalAction.ADD,
        status=ProposalStatus.PROPOSED,
    )


def apply(change: RecordChange, proposal: ChangeProposal, target: CodedEntry | None) -> CodedEntry:
    """Write an accepted proposal: confirmed by the doctor, said by the patient."""
    if proposal.action == ProposalAction.ADD:
        return _add(change, proposal)
    assert isinstance(target, AllergyIntolerance)
    if target.states_none:
        raise proposals.ChangeRefused
    if proposal.action == ProposalAction.STOP:
        ended = {"clinical_status": ClinicalStatus.RESOLVED}
        return history_rows.rewrite(
            change, HistorySection.ALLERGIES, target, ended, action="resolved"
        )
    # Only what the patient changed: the rest may say more by now than the patient saw.
    said = proposals.changes(proposal.said, proposal.on_file)
    return history_rows.rewrite(change, HistorySection.ALLERGIES, target, _typed(said))


def _add(change: RecordChange, proposal: ChangeProposal) -> CodedEntry:
    columns = _typed(proposal.said)
    entry = AllergyEntry(coded=Coded.from_json(columns.pop("concept")), note=columns.pop("note"))
    try:
        return allergies.add(
            change=change,
            entry=entry,
            **columns,
            source=_source(proposal),
            recorded_at=proposal.created_at,
            recorded_by_id=proposal.created_by_id,
        )
    except (allergies.AllergiesOnFile, allergies.AlreadyListed):
        raise proposals.ChangeRefused from None


def _source(proposal: ChangeProposal) -> Source:
    own = Patient.objects.values_list("user_id", flat=True).get(pk=proposal.patient_id)
    return Source.PATIENT if own == proposal.created_by_id else Source.PROXY


def _typed(said: dict[str, Any]) -> dict[str, Any]:
    """Return columns as the row holds them: its date is the one that JSON cannot hold."""
    typed = {name: value for name, value in said.items() if name in COLUMNS}
    if typed.get("onset_date"):
        typed["onset_date"] = dt.date.fromisoformat(typed["onset_date"])
    return typed


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value

"""Reads of what patients propose."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from clinic.records.choices import ProposalAction, ProposalKind, ProposalStatus
from clinic.records.models import ChangeProposal
from clinic.records.models.base import CodedEntry
from clinic.records.permissions import RecordAccess
from clinic.records.rules.history import HIDDEN
from clinic.records.services.allergies import states_none
from clinic.records.services.proposals import MODEL_OF, applier_of

MOST_DECIDED = 20


@dataclass(frozen=True, slots=True)
class OnFile:
    """A proposal beside the entry it is about, as that stands now; None for something new."""

    proposal: ChangeProposal
    target: CodedEntry | None
    now_on_file: dict[str, Any]

    @property
    def version(self) -> int | None:
        return self.target.version if self.target is not None else None

    @property
    def is_gone(self) -> bool:
        """The entry is no longer on file: there is nothing to change."""
        if self.proposal.target_id is None:
            return False
        return self.target is None or self.target.verification in HIDDEN

    @property
    def is_stale(self) -> bool:
        """The entry changed after the patient had looked at it."""
        return not self.is_gone and self.version != self.proposal.target_version


def open_proposals(*, access: RecordAccess) -> list[ChangeProposal]:
    """Return what waits for a doctor, the oldest first."""
    rows = ChangeProposal.objects.filter(
        patient_id=access.patient_id, status=ProposalStatus.PROPOSED
    )
    return list(rows.order_by("created_at", "pk"))


def decided_proposals(*, access: RecordAccess) -> list[ChangeProposal]:
    """Return what was decided on or taken back lately, the newest first."""
    rows = ChangeProposal.objects.filter(patient_id=access.patient_id).exclude(
        status=ProposalStatus.PROPOSED
    )
    rows = rows.select_related("decided_by__practitioner")
    return list(rows.order_by("-decided_at", "pk")[:MOST_DECIDED])


def beside_what_is_on_file(
    *, access: RecordAccess, proposals: Sequence[ChangeProposal]
) -> list[OnFile]:
    """Return proposals with the entries they are about; one query for each kind among them."""
    targets: dict[uuid.UUID, CodedEntry] = {}
    for kind, model in MODEL_OF.items():
        wanted = {one.target_id for one in proposals if one.kind == kind and one.target_id}
        if wanted:
            rows = model._default_manager.filter(pk__in=wanted, patient_id=access.patient_id)
            targets.update({row.pk: row for row in rows})
    return [_beside(proposal, targets) for proposal in proposals]


def said_allergies(*, access: RecordAccess) -> list[ChangeProposal]:
    """Return allergies that the patient says and no doctor has decided on."""
    rows = ChangeProposal.objects.filter(
        patient_id=access.patient_id,
        kind=ProposalKind.ALLERGY,
        action=ProposalAction.ADD,
        status=ProposalStatus.PROPOSED,
    )
    return [row for row in rows.order_by("created_at", "pk") if not states_none(row)]


def _beside(proposal: ChangeProposal, targets: dict[uuid.UUID, CodedEntry]) -> OnFile:
    target = targets.get(proposal.target_id) if proposal.target_id else None
    now_on_file = applier_of(proposal.kind).snapshot(target) if target is not None else {}
    return OnFile(proposal, target, now_on_file)

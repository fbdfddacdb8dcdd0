"""Display-ready proposals: what is said beside what is on file, field by field."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from clinic.records.choices import (
    AllergyCategory,
    AllergyKind,
    Criticality,
    ProposalAction,
    ProposalKind,
    ProposalStatus,
    ReactionSeverity,
)
from clinic.records.dates import present_partial_date
from clinic.records.models import ChangeProposal
from clinic.records.permissions import RecordAccess
from clinic.records.presenters.history import day, doctor_name
from clinic.records.presenters.history_words import label_of
from clinic.records.selectors.proposals import OnFile
from clinic.records.services.allergies import states_none

# The fields of an entry in words: pairs of label and value, empty where nothing is said.
Lines = Callable[[Mapping[str, Any]], list[tuple[str, str]]]

ICONS = {ProposalKind.ALLERGY: "triangle-alert", ProposalKind.MEDICATION: "pill"}
TONES = {ProposalStatus.PROPOSED: "wait", ProposalStatus.ACCEPTED: "act"}


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One field: what is on file, what the patient says, and what is on file by now."""

    label: str
    on_file: str
    said: str
    now: str
    is_changed: bool


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """One proposal, for the doctor who decides and the patient who waits."""

    id: uuid.UUID
    dom_id: str
    title: str
    kind: str
    icon: str
    action: str
    is_new: bool
    is_stop: bool
    said_on: str
    note: str
    lines: Sequence[DiffLine]
    version: int | None
    is_open: bool
    is_stale: bool
    is_gone: bool
    status: str
    tone: str
    decided: str
    decision_note: str
    accept_url: str
    decline_url: str
    withdraw_url: str
    list_url: str
    is_own: bool

    @property
    def waits(self) -> str:
        """Return for whom an open proposal waits, as the reader sees it."""
        return self.status if self.is_own else _("To decide")

    @property
    def needs_look(self) -> bool:
        """What is on file is not what the patient saw."""
        return self.is_stale or self.is_gone


_lines: dict[str, Lines] = {}


def register_lines(kind: ProposalKind, lines: Lines) -> None:
    """Say how the values of a kind read; called once, when the application starts."""
    _lines[kind] = lines


def present_proposal(*, beside: OnFile, access: RecordAccess) -> ProposalLine:
    """Turn a proposal and the entry it is about into what is shown."""
    proposal = beside.proposal
    is_open = proposal.status == ProposalStatus.PROPOSED
    decides = is_open and access.is_clinical and access.may_write
    waits = is_open and access.is_patient_side and access.may_write
    args = [access.patient_id, proposal.pk]
    return ProposalLine(
        id=proposal.pk,
        dom_id=f"proposal-{proposal.pk.hex}",
        title=title(proposal),
        kind=str(ProposalKind(proposal.kind).label),
        icon=ICONS[ProposalKind(proposal.kind)],
        action=str(ProposalAction(proposal.action).label),
        is_new=proposal.action == ProposalAction.ADD,
        is_stop=proposal.action == ProposalAction.STOP,
        said_on=day(proposal.created_at),
        note=proposal.note,
        lines=diff(beside),
        version=beside.version,
        is_open=is_open,
        is_stale=decides and beside.is_stale,
        is_gone=decides and beside.is_gone,
        status=str(ProposalStatus(proposal.status).label),
        tone=TONES.get(ProposalStatus(proposal.status), ""),
        decided=_decided(proposal),
        decision_note=proposal.decision_note,
        accept_url=reverse("records:proposal_accept", args=args) if decides else "",
        decline_url=reverse("records:proposal_decline", args=args) if decides else "",
        withdraw_url=reverse("records:proposal_withdraw", args=args) if waits else "",
        list_url=reverse("records:proposal_list", args=[access.patient_id]),
        is_own=access.is_patient_side,
    )


def title(proposal: ChangeProposal) -> str:
    """Return what a proposal is about: the name on file, else the name that is said."""
    if states_none(proposal):
        return _("No known allergies")
    concept = proposal.on_file.get("concept") or proposal.said.get("concept") or {}
    return str(concept.get("text", ""))


def diff(beside: OnFile) -> list[DiffLine]:
    """Return the fields that somebody says something about, in the order of their form."""
    proposal = beside.proposal
    read = _lines.get(proposal.kind, _plain_lines)
    on_file, now = dict(read(proposal.on_file)), dict(read(beside.now_on_file))
    said = dict(read({**proposal.on_file, **proposal.said}))
    # What only a doctor fills in is no part of what the patient says, and stays.
    return [
        DiffLine(
            label=label,
            on_file=on_file.get(label, ""),
            said=text,
            now=now.get(label, ""),
            is_changed=text != on_file.get(label, ""),
        )
        for label, text in said.items()
        if text or on_file.get(label) or now.get(label)
    ]


def allergy_lines(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what an allergy says, field by field."""
    return [
        (_("Substance"), (values.get("concept") or {}).get("text", "")),
        (_("Kind"), label_of(AllergyKind, values.get("kind", ""))),
        (_("What kind of thing"), label_of(AllergyCategory, values.get("category", ""))),
        (_("What happens"), values.get("reaction", "")),
        (_("How bad was it"), label_of(ReactionSeverity, values.get("reaction_severity", ""))),
        (_("Risk"), label_of(Criticality, values.get("criticality", ""))),
        (_("Since when"), _date(values)),
        (_("Note"), values.get("note", "")),
    ]


def _plain_lines(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (_("Name"), (values.get("concept") or {}).get("text", "")),
        (_("Note"), values.get("note", "")),
    ]


def _date(values: Mapping[str, Any]) -> str:
    stored = values.get("onset_date")
    date = dt.date.fromisoformat(stored) if stored else None
    return present_partial_date(date, values.get("onset_precision", "day"))


def _decided(proposal: ChangeProposal) -> str:
    if proposal.decided_at is None:
        return ""
    date = day(proposal.decided_at)
    if proposal.status == ProposalStatus.WITHDRAWN:
        return _("Taken back on %(date)s.") % {"date": date}
    said = {"doctor": doctor_name(proposal.decided_by), "date": date}
    if proposal.status == ProposalStatus.ACCEPTED:
        return _("Accepted by %(doctor)s on %(date)s.") % said
    return _("Declined by %(doctor)s on %(date)s.") % said


register_lines(ProposalKind.ALLERGY, allergy_lines)

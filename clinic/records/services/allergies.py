"""Allergies within a change, and the statement that none is known: never both at once."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from clinic.crypto.blindindex import folded
from clinic.people.viewer import Viewer
from clinic.records.choices import (
    ClinicalStatus,
    HistorySection,
    ProposalAction,
    ProposalKind,
    ProposalStatus,
)
from clinic.records.models import AllergyIntolerance, ChangeProposal
from clinic.records.models.base import CodedEntry
from clinic.records.permissions import check_is_clinical
from clinic.records.rules import history as rules
from clinic.records.services import history_rows as rows
from clinic.records.services.history_entries import AllergyEntry, no_known_allergies
from clinic.records.services.writing import RecordChange, record_change
from clinic.terminology.coded import Coded


class AllergiesOnFile(Exception):
    """An allergy is on file or said by the patient: "no known allergies" would be untrue."""


class AlreadyListed(Exception):
    """This allergy is on file, or the patient has said it: a second line would only confuse."""


def state_no_known_allergies(*, by: Viewer, patient_id: uuid.UUID, now: dt.datetime) -> CodedEntry:
    """Write that a doctor asked and no allergy is known; asking again renews who and when.

    Raises NotAllowed, AllergiesOnFile.
    """
    with record_change(by=by, patient_id=patient_id, what="allergy.none_stated", now=now) as change:
        check_is_clinical(change.access)
        return add(change=change, entry=no_known_allergies())


def add(*, change: RecordChange, entry: AllergyEntry, **columns: Any) -> CodedEntry:
    """Write an allergy, which ends the statement, or the statement itself.

    Raises AllergiesOnFile, AlreadyListed. `columns` say who it comes from where that is not
    whoever makes the change.
    """
    if not entry.states_none:
        check_not_listed(patient_id=change.patient_id, coded=entry.coded)
        end_statement(change)
        return rows.insert(change, entry, **columns)
    check_none_on_file(patient_id=change.patient_id)
    stated = _statement(change.patient_id)
    if stated is None:
        return rows.insert(change, entry, **columns)
    return rows.rewrite(change, HistorySection.ALLERGIES, stated, {}, action="none_stated")


def check_none_on_file(*, patient_id: uuid.UUID) -> None:
    """Raise AllergiesOnFile while an allergy is on file or waits for a doctor's decision."""
    said = ChangeProposal.objects.filter(
        patient_id=patient_id,
        kind=ProposalKind.ALLERGY,
        action=ProposalAction.ADD,
        status=ProposalStatus.PROPOSED,
    )
    on_file = any(not row.states_none for row in _active(patient_id))
    if on_file or any(not states_none(proposal) for proposal in said):
        raise AllergiesOnFile


def check_not_listed(*, patient_id: uuid.UUID, coded: Coded) -> None:
    """Raise AlreadyListed where the substance is among the active allergies."""
    if any(is_same(row.coded, coded) for row in _active(patient_id)):
        raise AlreadyListed


def is_same(one: Coded, other: Coded) -> bool:
    """Say whether two name one substance: by their code where both have one, else by the words."""
    if one.code and other.code and one.system == other.system:
        return one.code == other.code
    return folded(one.text) == folded(other.text)


def end_statement(change: RecordChange) -> None:
    """End "no known allergies", because there is one now."""
    stated = _statement(change.patient_id)
    if stated is not None:
        ended = {"clinical_status": ClinicalStatus.INACTIVE}
        rows.rewrite(change, HistorySection.ALLERGIES, stated, ended, action="none_ended")


def states_none(proposal: ChangeProposal) -> bool:
    """Say whether a proposal is the statement that no allergy is known."""
    concept = proposal.said.get("concept") or {}
    return bool(concept.get("code") == AllergyIntolerance.NO_KNOWN_ALLERGIES)


def _statement(patient_id: uuid.UUID) -> AllergyIntolerance | None:
    return next((row for row in _active(patient_id) if row.states_none), None)


def _active(patient_id: uuid.UUID) -> list[AllergyIntolerance]:
    found = AllergyIntolerance.objects.filter(
        patient_id=patient_id, clinical_status=ClinicalStatus.ACTIVE
    )
    return list(found.exclude(verification__in=rules.HIDDEN).order_by("recorded_at"))

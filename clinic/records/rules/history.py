"""What may be done with an entry of the history, and by which side."""

from __future__ import annotations

from dataclasses import dataclass

from clinic.records.choices import CURRENT_STATUSES, HistorySection, Source, Verification

HIDDEN = (Verification.ENTERED_IN_ERROR, Verification.REFUTED)
PATIENT_SIDE = (Source.PATIENT, Source.PROXY)
# Only what may be there and may not be: a vaccination that was never given is a mistake.
CAN_BE_RULED_OUT = (HistorySection.CONDITIONS, HistorySection.ALLERGIES)
# Here the patient proposes and the doctor decides.
BY_PROPOSAL = (HistorySection.ALLERGIES,)


class NotPossible(Exception):
    """The entry is not in a state for this, or it is for the other side to do."""


@dataclass(frozen=True, slots=True)
class EntryState:
    """What the rules look at: an entry, and whether a doctor asks."""

    section: HistorySection
    verification: str
    source: str
    was_decided: bool  # a doctor has confirmed, ruled out or taken out this entry before
    clinical_status: str
    by_doctor: bool
    is_statement: bool = False  # "no known allergies": made anew or taken out, nothing else

    @property
    def is_hidden(self) -> bool:
        return self.verification in HIDDEN

    @property
    def is_own_unseen(self) -> bool:
        """The patient's own words that no doctor has decided on."""
        return self.source in PATIENT_SIDE and not self.was_decided


def can_edit(*, state: EntryState) -> bool:
    """The patient edits what is on file, a doctor too; allergies only a doctor."""
    if state.is_hidden or state.is_statement:
        return False
    return state.by_doctor or state.section not in BY_PROPOSAL


def can_confirm(*, state: EntryState) -> bool:
    return state.by_doctor and state.verification == Verification.UNCONFIRMED


def can_rule_out(*, state: EntryState) -> bool:
    if state.is_hidden or state.is_statement:
        return False
    return state.by_doctor and state.section in CAN_BE_RULED_OUT


def can_mark_mistaken(*, state: EntryState) -> bool:
    """A doctor takes out any entry, the patient the own ones that no doctor has looked at."""
    if state.is_hidden:
        return False
    return state.by_doctor or (state.is_own_unseen and state.section not in BY_PROPOSAL)


def can_restore(*, state: EntryState) -> bool:
    """Whoever may take an entry out may put it back."""
    if not state.is_hidden:
        return False
    return state.by_doctor or (
        state.is_own_unseen and state.verification == Verification.ENTERED_IN_ERROR
    )


def can_resolve(*, state: EntryState) -> bool:
    if state.is_hidden or state.is_statement:
        return False
    return state.by_doctor and state.clinical_status in CURRENT_STATUSES


def can_reopen(*, state: EntryState) -> bool:
    if state.is_hidden or state.is_statement or not state.clinical_status:
        return False
    return state.by_doctor and state.clinical_status not in CURRENT_STATUSES


def check(allowed: bool) -> None:
    """Raise NotPossible unless the answer of a rule was yes."""
    if not allowed:
        raise NotPossible

"""Add to the history and change what it says.

What a doctor writes is confirmed at once. What the patient writes is not, and neither is what the
patient changed: who confirmed it before stays readable. Allergies change here for doctors only;
the patient proposes (`services.proposals`).
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from clinic.people.viewer import Viewer
from clinic.records.models.base import CodedEntry
from clinic.records.permissions import check_is_clinical
from clinic.records.rules import history as rules
from clinic.records.services import allergies
from clinic.records.services.history_entries import (
    WORD_OF,
    AllergyEntry,
    HistoryEntry,
    LifestyleEntry,
)
from clinic.records.services.history_rows import found, insert, rewrite, state_of
from clinic.records.services.writing import check_version, record_change


def add_entry(
    *, by: Viewer, patient_id: uuid.UUID, entry: HistoryEntry, now: dt.datetime
) -> CodedEntry:
    """Add one entry; raises NotAllowed, AllergiesOnFile, AlreadyListed.

    An allergy ends the statement that there is none; the statement is refused while there is one.
    """
    what = f"{WORD_OF[entry.section]}.added"
    with record_change(by=by, patient_id=patient_id, what=what, now=now) as change:
        if entry.section in rules.BY_PROPOSAL:
            check_is_clinical(change.access)
        if isinstance(entry, AllergyEntry):
            return allergies.add(change=change, entry=entry)
        return insert(change, entry)


def change_entry(
    *,
    by: Viewer,
    patient_id: uuid.UUID,
    entry_id: uuid.UUID,
    entry: HistoryEntry,
    version: int | None,
    now: dt.datetime,
) -> CodedEntry:
    """Let an entry say something else; raises NotAllowed, ChangedMeanwhile, NotPossible."""
    what = f"{WORD_OF[entry.section]}.changed"
    with record_change(by=by, patient_id=patient_id, what=what, now=now) as change:
        row = found(change, entry.section, entry_id)
        check_version(row, version)
        rules.check(rules.can_edit(state=state_of(change, entry.section, row)))
        # An allergy never turns into the statement that there is none.
        rules.check(not (isinstance(entry, AllergyEntry) and entry.states_none))
        return rewrite(change, entry.section, row, entry.columns())


def answer_lifestyle(
    *, by: Viewer, patient_id: uuid.UUID, entries: Sequence[LifestyleEntry], now: dt.datetime
) -> list[CodedEntry]:
    """Add answers about how the patient lives; the former ones stay on file as past."""
    with record_change(by=by, patient_id=patient_id, what="lifestyle.added", now=now) as change:
        return [insert(change, entry) for entry in entries]

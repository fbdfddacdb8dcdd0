"""The medication plan: what to take when, on one sheet of paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from clinic.records.dosage import Dosage
from clinic.records.dosage_choices import Frequency
from clinic.records.models import MedicationStatement
from clinic.records.presenters.dosage import NOT_SAID, amount_words, dosage_words
from clinic.records.presenters.frame import AllergyLine, allergy_lines
from clinic.records.selectors.frame import Head

# Where a time of the day stands on the sheet: the column begins at this hour.
COLUMNS = ((dt.time(4), "morning"), (dt.time(11), "midday"), (dt.time(15), "evening"))
NIGHT_FROM = dt.time(21)


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One medicine on the sheet: the amount in each column, and how to take it."""

    name: str
    reason: str
    morning: str
    midday: str
    evening: str
    night: str
    how: str


@dataclass(frozen=True, slots=True)
class PlanGroup:
    """Medicines that are taken in the same way."""

    title: str
    has_times: bool
    rows: Sequence[PlanRow]


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole sheet, for the page and for the PDF."""

    allergies: str
    groups: Sequence[PlanGroup]
    notes: Sequence[str]

    def as_json(self) -> dict[str, Any]:
        """Return the values that `pdf/templates/plan.typ` reads."""
        return {
            "allergies": {"title": _("Allergies"), "text": self.allergies},
            "columns": {
                "medicine": _("Medicine"),
                "morning": _("Morning"),
                "midday": _("Midday"),
                "evening": _("Evening"),
                "night": _("Bedtime"),
                "how": _("How to take it"),
            },
            "groups": [asdict(group) for group in self.groups],
            "empty": _("No medicines are on file."),
            "notes": list(self.notes),
        }


def present_plan(*, head: Head, medicines: Sequence[MedicationStatement]) -> Plan:
    """Return the plan of what is taken now: every day, on certain days, when needed."""
    daily: list[PlanRow] = []
    # A column "Morning" would be read as every morning.
    weekly: list[PlanRow] = []
    other: list[PlanRow] = []
    needed: list[PlanRow] = []
    into = {Frequency.AS_NEEDED: needed, Frequency.WEEKDAYS: weekly}
    for row in medicines:
        dosage = Dosage.from_json(row.dosage)
        group = into.get(Frequency(dosage.frequency), daily if dosage.clock_times else other)
        group.append(_row(row, dosage))
    groups = [
        PlanGroup(_("Every day"), True, daily),
        PlanGroup(_("Not every day"), False, weekly),
        PlanGroup(_("Other medicines"), False, other),
        PlanGroup(_("Only when needed"), False, needed),
    ]
    return Plan(_allergies(head), [group for group in groups if group.rows], _notes(medicines))


def _row(row: MedicationStatement, dosage: Dosage) -> PlanRow:
    amounts: dict[str, list[str]] = {"morning": [], "midday": [], "evening": [], "night": []}
    for time in dosage.clock_times:
        amounts[_column(time)].append(amount_words(dosage.amount) or "\u2713")
    cells = {name: " + ".join(found) for name, found in amounts.items()}
    return PlanRow(
        name=row.label,
        reason=row.reason,
        how=dosage_words(dosage) or str(NOT_SAID),
        **cells,
    )


def _column(time: dt.time) -> str:
    if time >= NIGHT_FROM or time < COLUMNS[0][0]:
        return "night"
    return [name for begins, name in COLUMNS if time >= begins][-1]


def _allergies(head: Head) -> str:
    if lines := allergy_lines(head):
        return "; ".join(_allergy(line) for line in lines)
    return _("No known allergies") if head.states_none else _("Nobody has asked yet")


def _allergy(line: AllergyLine) -> str:
    unsure = "" if line.is_confirmed else _("not confirmed")
    about = ", ".join(filter(None, (line.about, unsure)))
    return f"{line.substance} ({about})" if about else line.substance


def _notes(medicines: Iterable[MedicationStatement]) -> list[str]:
    notes = [
        _("Bring this plan to every visit, to the pharmacy and to the hospital."),
        _("It shows what was on file when it was made. Throw older plans away."),
    ]
    if any(not row.is_confirmed for row in medicines):
        notes.append(_("Some entries have not been confirmed by a doctor yet."))
    return notes

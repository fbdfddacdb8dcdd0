"""Display-ready head of a record page: the patient, the allergies, the tabs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.records.models import AllergyIntolerance, ChangeProposal
from clinic.records.permissions import Ground, RecordAccess
from clinic.records.selectors.frame import Head

TABS: tuple[tuple[str, Promise | str], ...] = (
    ("overview", gettext_lazy("Overview")),
    ("timeline", gettext_lazy("Time line")),
    ("history", gettext_lazy("History")),
    ("medication_list", gettext_lazy("Medicines")),
    ("measurement_list", gettext_lazy("Measurements")),
    ("note_list", gettext_lazy("Visit notes")),
    ("document_list", gettext_lazy("Documents")),
    ("access_log", gettext_lazy("Privacy")),
)


@dataclass(frozen=True, slots=True)
class Tab:
    href: str
    label: str
    current: bool


@dataclass(frozen=True, slots=True)
class AllergyLine:
    """One allergy as the banner says it; what only the patient says is marked as that."""

    substance: str
    about: str
    is_severe: bool
    is_confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Frame:
    """The head of the page. `name` is empty on the patient's own pages, which say "your"."""

    patient_id: str
    name: str
    about: str
    record_number: str
    is_own: bool
    is_clinical: bool
    may_write: bool
    emergency_until: dt.datetime | None
    allergies: Sequence[AllergyLine]
    states_none: bool
    tabs: Sequence[Tab]


def present_frame(*, access: RecordAccess, head: Head, tab: str, today: dt.date) -> Frame:
    """Turn the head of a record into what its pages show."""
    patient = head.patient
    return Frame(
        patient_id=str(patient.pk),
        name=patient.full_name,
        about=age_text(patient.birth_date, today),
        record_number=patient.record_number,
        is_own=access.is_patient_side,
        is_clinical=access.is_clinical,
        may_write=access.may_write,
        emergency_until=access.until if access.ground is Ground.EMERGENCY else None,
        allergies=allergy_lines(head),
        states_none=head.states_none,
        tabs=_tabs(access, tab),
    )


def allergy_lines(head: Head) -> list[AllergyLine]:
    """Return every allergy the banner names: those on file, then those only said."""
    on_file = [allergy_line(row) for row in head.allergies]
    return [*on_file, *(said_allergy_line(proposal) for proposal in head.said)]


def said_allergy_line(proposal: ChangeProposal) -> AllergyLine:
    """Return an allergy that the patient says and no doctor has decided on."""
    said = proposal.said
    about = ", ".join(filter(None, (said.get("reaction"), (said.get("onset_date") or "")[:4])))
    is_severe = said.get("reaction_severity") == "severe"
    return AllergyLine(said["concept"].get("text", ""), about, is_severe, is_confirmed=False)


def allergy_line(row: AllergyIntolerance) -> AllergyLine:
    """Return one allergy as every banner says it: substance, reaction, year."""
    year = str(row.onset_date.year) if row.onset_date else ""
    about = ", ".join(filter(None, (row.reaction, year)))
    is_severe = row.criticality == "high" or row.reaction_severity == "severe"
    return AllergyLine(row.label, about, is_severe, is_confirmed=row.is_confirmed)


def age_text(birth_date: dt.date | None, today: dt.date) -> str:
    """Return "67, born 3 May 1959"."""
    if birth_date is None:
        return _("Birth date not known")
    before = (today.month, today.day) < (birth_date.month, birth_date.day)
    return _("%(age)s, born %(date)s") % {
        "age": today.year - birth_date.year - before,
        "date": formats.date_format(birth_date, "DATE_FORMAT"),
    }


def _tabs(access: RecordAccess, current: str) -> list[Tab]:
    tabs = []
    for name, label in TABS:
        if name == "access_log" and not access.is_patient_side:
            # Who looked is for the patient to know, not for those who did.
            continue
        try:
            href = reverse(f"records:{name}", args=[access.patient_id])
        except NoReverseMatch:
            continue
        tabs.append(Tab(href, str(label), name == current))
    return tabs

"""How each kind of entry is put into words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.records.choices import (
    CURRENT_STATUSES,
    AllergyCategory,
    AllergyKind,
    ClinicalStatus,
    Criticality,
    HistorySection,
    LifestyleTopic,
    ReactionSeverity,
    Relationship,
)
from clinic.records.dates import present_partial_date
from clinic.records.models import (
    AllergyIntolerance,
    Condition,
    FamilyMemberHistory,
    Immunization,
    Observation,
    Procedure,
)
from clinic.records.models.base import CodedEntry
from clinic.records.presenters.lifestyle import answer_text
from clinic.terminology.choices import System

ICONS = {
    HistorySection.CONDITIONS: "activity",
    HistorySection.ALLERGIES: "triangle-alert",
    HistorySection.PROCEDURES: "stethoscope",
    HistorySection.VACCINATIONS: "syringe",
    HistorySection.FAMILY: "users",
    HistorySection.LIFESTYLE: "heart-pulse",
}


Facts = list[tuple[Any, str]]
_CODE = gettext_lazy("Code")
ADD = {
    HistorySection.CONDITIONS: gettext_lazy("Add a condition"),
    HistorySection.ALLERGIES: gettext_lazy("Add an allergy"),
    HistorySection.PROCEDURES: gettext_lazy("Add an operation"),
    HistorySection.VACCINATIONS: gettext_lazy("Add a vaccination"),
    HistorySection.FAMILY: gettext_lazy("Add a relative’s illness"),
    HistorySection.LIFESTYLE: gettext_lazy("Update lifestyle"),
}
# What the patient may write here; nothing on file says nothing.
INVITING = {
    HistorySection.CONDITIONS: gettext_lazy("Illnesses you have or had, in your own words."),
    HistorySection.ALLERGIES: gettext_lazy("Nobody has asked yet. Say what you are allergic to."),
    HistorySection.PROCEDURES: gettext_lazy("Operations and procedures you had."),
    HistorySection.VACCINATIONS: gettext_lazy("Vaccinations you were given."),
    HistorySection.FAMILY: gettext_lazy("Illnesses that run in your family."),
    HistorySection.LIFESTYLE: gettext_lazy("How you live: work, exercise, food, tobacco, alcohol."),
}


def add_label(section: HistorySection) -> str:
    """Return what the button says that leads to the empty form."""
    return str(ADD[section])


def empty(section: HistorySection, *, is_own: bool) -> str:
    """Return what stands where nothing is on file."""
    if is_own:
        return str(INVITING[section])
    if section == HistorySection.ALLERGIES:
        return _("Nobody has asked yet.")
    return _("Nothing on file.")


def title(row: CodedEntry) -> str:
    """Return what an entry is about."""
    if isinstance(row, Observation):
        return _topic(row)
    if isinstance(row, AllergyIntolerance) and row.states_none:
        return _("No known allergies")
    return row.label or _("Without a name")


def summary(row: CodedEntry) -> str:
    """Return the one line under the title."""
    return capfirst(", ".join(filter(None, _SUMMARIES[type(row)](row))))


def chips(row: CodedEntry) -> Iterator[tuple[str, str, str]]:
    """Yield what must be seen at a glance: label, tone, icon."""
    if isinstance(row, AllergyIntolerance):
        if row.criticality == Criticality.HIGH:
            yield str(Criticality.HIGH.label), "alert", "triangle-alert"
        elif row.reaction_severity == ReactionSeverity.SEVERE:
            yield _("Severe reaction"), "alert", "triangle-alert"
    if isinstance(row, Condition) and row.severity == ReactionSeverity.SEVERE:
        yield str(ReactionSeverity.SEVERE.label), "", ""


def facts(row: CodedEntry) -> list[tuple[str, str]]:
    """Return what an open entry adds: pairs of label and value."""
    known = [*_FACTS.get(type(row), _no_facts)(row), (_CODE, code_text(row))]
    return [(str(label), value) for label, value in known if value]


def code_text(row: CodedEntry) -> str:
    """Return the code with its system by name; questions of lifestyle keep theirs to themselves."""
    coded = row.coded
    if not coded.code or isinstance(row, Observation):
        return ""
    names = dict(System.choices)
    return f"{names.get(coded.system, '')} {coded.code}".strip()


def label_of(choices: Any, value: str) -> str:
    """Return the label of a code, or the words that stand there instead of one."""
    if not value:
        return ""
    return str(dict(choices.choices).get(value, value))


def _condition(row: Condition) -> Iterator[str]:
    begin = present_partial_date(row.onset_date, row.onset_precision)
    end = present_partial_date(row.abatement_date, row.abatement_precision)
    if begin and end:
        yield _("%(begin)s to %(end)s") % {"begin": begin, "end": end}
    elif begin:
        yield _("since %(date)s") % {"date": begin} if _is_current(row) else begin
    elif end:
        yield _("until %(date)s") % {"date": end}
    if row.clinical_status not in (ClinicalStatus.ACTIVE, ClinicalStatus.RESOLVED):
        yield label_of(ClinicalStatus, row.clinical_status).lower()


def _allergy(row: AllergyIntolerance) -> Iterator[str]:
    yield row.reaction
    if row.onset_date:
        date = present_partial_date(row.onset_date, row.onset_precision)
        yield _("since %(date)s") % {"date": date}


def _procedure(row: Procedure) -> Iterator[str]:
    yield present_partial_date(row.performed_date, row.performed_precision)


def _immunization(row: Immunization) -> Iterator[str]:
    yield present_partial_date(row.occurrence_date, row.occurrence_precision)
    if row.dose_number:
        yield _("dose %(number)s") % {"number": row.dose_number}


def _family(row: FamilyMemberHistory) -> Iterator[str]:
    yield label_of(Relationship, row.relationship)
    if row.onset_age.isdecimal():
        yield _("at %(age)s") % {"age": row.onset_age}
    else:
        yield row.onset_age
    if row.deceased:
        yield _("has died")


def _lifestyle(row: Observation) -> Iterator[str]:
    yield answer_text(row)
    yield row.note


_SUMMARIES: dict[type[CodedEntry], Any] = {
    Condition: _condition,
    AllergyIntolerance: _allergy,
    Procedure: _procedure,
    Immunization: _immunization,
    FamilyMemberHistory: _family,
    Observation: _lifestyle,
}


def _no_facts(row: CodedEntry) -> Facts:
    return []


def _condition_facts(row: Condition) -> Facts:
    return [(gettext_lazy("How bad"), label_of(ReactionSeverity, row.severity))]


def _allergy_facts(row: AllergyIntolerance) -> Facts:
    return [
        (gettext_lazy("Kind"), label_of(AllergyKind, row.kind)),
        (gettext_lazy("What kind of thing"), label_of(AllergyCategory, row.category)),
        (gettext_lazy("How bad was it"), label_of(ReactionSeverity, row.reaction_severity)),
        (gettext_lazy("Risk"), label_of(Criticality, row.criticality)),
    ]


def _immunization_facts(row: Immunization) -> Facts:
    return [(gettext_lazy("Lot number"), row.lot_number)]


_FACTS: dict[type[CodedEntry], Any] = {
    Condition: _condition_facts,
    AllergyIntolerance: _allergy_facts,
    Immunization: _immunization_facts,
}


def _is_current(row: Condition) -> bool:
    return row.clinical_status in CURRENT_STATUSES


def _topic(row: Observation) -> str:
    code = row.coded.code
    return str(LifestyleTopic(code).label) if code in LifestyleTopic.values else row.label

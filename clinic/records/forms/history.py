"""Forms of the history: one for each kind of entry; each yields what its service takes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.lib.text import PlainTextField
from clinic.records.choices import (
    CURRENT_STATUSES,
    AllergyCategory,
    AllergyKind,
    ClinicalStatus,
    Criticality,
    HistorySection,
    ReactionSeverity,
    Relationship,
)
from clinic.records.forms.dates import PartialDateField
from clinic.records.forms.entries import EntryForm, choice, date_of, note_field
from clinic.records.services.history_entries import (
    AllergyEntry,
    ConditionEntry,
    FamilyEntry,
    ImmunizationEntry,
    ProcedureEntry,
)
from clinic.terminology.choices import Kind
from clinic.terminology.fields import ConceptField


class ConditionForm(EntryForm):
    section = HistorySection.CONDITIONS

    what = ConceptField(
        kind=Kind.CONDITION,
        label=_("What is it?"),
        help_text=_("Your own words are fine. Choosing a suggestion adds the medical code."),
    )
    clinical_status = forms.ChoiceField(
        label=_("Now"),
        choices=[
            (ClinicalStatus.ACTIVE, _("It is there now")),
            (ClinicalStatus.RESOLVED, _("It is over")),
        ],
        initial=ClinicalStatus.ACTIVE,
        widget=forms.RadioSelect,
    )
    onset = PartialDateField(label=_("Since when"), required=False)
    abatement = PartialDateField(
        label=_("Until when"), required=False, help_text=_("Only if it is over.")
    )
    severity = choice(_("How bad"), ReactionSeverity.choices)
    note = note_field()

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        field = self.fields["clinical_status"]
        assert isinstance(field, forms.ChoiceField)
        if self.by_doctor:
            field.choices = ClinicalStatus.choices
        elif self.on_file is not None:
            self.initial["clinical_status"] = _plain_status(self.initial["clinical_status"])

    @classmethod
    def initial_of(cls, row: Any) -> dict[str, Any]:
        return {
            **super().initial_of(row),
            "clinical_status": row.clinical_status,
            "onset": date_of(row, "onset"),
            "abatement": date_of(row, "abatement"),
            "severity": row.severity,
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        onset, abatement = data.get("onset"), data.get("abatement")
        if abatement and data.get("clinical_status") in CURRENT_STATUSES:
            self.add_error(
                "abatement", _("It is there now, so it has no end. Change one of the two.")
            )
        elif onset and abatement and abatement.last_day < onset.date:
            self.add_error("abatement", _("This is before it began. Check both dates."))
        return data

    def status(self) -> str:
        """Return the status; a finer one on file stays where the patient did not change it."""
        said = str(self.said("clinical_status"))
        on_file = getattr(self.on_file, "clinical_status", said)
        return on_file if not self.by_doctor and _plain_status(on_file) == said else said

    def entry(self) -> ConditionEntry:
        return ConditionEntry(
            coded=self.coded(),
            note=self.said("note"),
            clinical_status=self.status(),
            severity=self.said("severity"),
            onset=self.cleaned_data["onset"],
            abatement=self.cleaned_data["abatement"],
        )


class AllergyForm(EntryForm):
    section = HistorySection.ALLERGIES
    only_doctor = ("criticality",)

    what = ConceptField(kind=Kind.ALLERGEN, label=_("Allergic to what?"))
    kind = choice(_("Allergy or intolerance"), AllergyKind.choices)
    category = choice(_("What kind of thing"), AllergyCategory.choices)
    reaction = PlainTextField(
        label=_("What happens"),
        required=False,
        max_length=200,
        help_text=_("For example: rash, swelling of the face, hard to breathe"),
    )
    reaction_severity = choice(_("How bad was it"), ReactionSeverity.choices)
    criticality = choice(_("Risk"), Criticality.choices, unsaid=("", _("Not assessed")))
    onset = PartialDateField(label=_("Since when"), required=False)
    note = note_field()
    field_order = ("version", "what", "reaction", "reaction_severity", "criticality", "onset")

    @classmethod
    def initial_of(cls, row: Any) -> dict[str, Any]:
        names = ("kind", "category", "reaction", "reaction_severity", "criticality")
        return {
            **super().initial_of(row),
            **{name: getattr(row, name) for name in names},
            "onset": date_of(row, "onset"),
        }

    def entry(self) -> AllergyEntry:
        return AllergyEntry(
            coded=self.coded(),
            note=self.said("note"),
            kind=self.said("kind"),
            category=self.said("category"),
            criticality=self.said("criticality"),
            reaction=self.said("reaction"),
            reaction_severity=self.said("reaction_severity"),
            onset=self.cleaned_data["onset"],
        )


class ProcedureForm(EntryForm):
    section = HistorySection.PROCEDURES

    what = ConceptField(kind=Kind.PROCEDURE, label=_("What was done?"))
    performed = PartialDateField(label=_("When"), required=False)
    note = note_field()

    @classmethod
    def initial_of(cls, row: Any) -> dict[str, Any]:
        return {**super().initial_of(row), "performed": date_of(row, "performed")}

    def entry(self) -> ProcedureEntry:
        return ProcedureEntry(
            coded=self.coded(), note=self.said("note"), performed=self.cleaned_data["performed"]
        )


class ImmunizationForm(EntryForm):
    section = HistorySection.VACCINATIONS

    what = ConceptField(
        kind=Kind.VACCINE, label=_("Against what?"), help_text=_("The illness or the vaccine.")
    )
    occurrence = PartialDateField(label=_("When"), required=False)
    dose_number = PlainTextField(
        label=_("Which dose"),
        required=False,
        max_length=40,
        help_text=_("For example: 2, or booster"),
    )
    lot_number = PlainTextField(
        label=_("Lot number"),
        required=False,
        max_length=40,
        help_text=_("It stands on the sticker in your vaccination record."),
    )
    note = note_field()

    @classmethod
    def initial_of(cls, row: Any) -> dict[str, Any]:
        return {
            **super().initial_of(row),
            "occurrence": date_of(row, "occurrence"),
            "dose_number": row.dose_number,
            "lot_number": row.lot_number,
        }

    def entry(self) -> ImmunizationEntry:
        return ImmunizationEntry(
            coded=self.coded(),
            note=self.said("note"),
            occurrence=self.cleaned_data["occurrence"],
            dose_number=self.said("dose_number"),
            lot_number=self.said("lot_number"),
        )


class FamilyForm(EntryForm):
    section = HistorySection.FAMILY

    relationship = forms.ChoiceField(
        label=_("Who"), choices=[("", _("Choose")), *Relationship.choices]
    )
    what = ConceptField(kind=Kind.CONDITION, label=_("What did they have?"))
    onset_age = PlainTextField(
        label=_("How old were they then"),
        required=False,
        max_length=40,
        help_text=_("For example: 52, or in their forties"),
    )
    deceased = choice(_("Have they died"), [("no", _("No")), ("yes", _("Yes"))])
    note = note_field()
    field_order = ("version", "relationship", "what", "onset_age", "deceased", "note")

    @classmethod
    def initial_of(cls, row: Any) -> dict[str, Any]:
        died = {True: "yes", False: "no", None: ""}[row.deceased]
        return {
            **super().initial_of(row),
            "relationship": row.relationship,
            "onset_age": row.onset_age,
            "deceased": died,
        }

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        on_file = self.initial.get("relationship", "")
        field = self.fields["relationship"]
        assert isinstance(field, forms.ChoiceField)
        # An imported record may say it in words that are not on the list; they stay.
        if on_file and on_file not in Relationship.values:
            field.choices = [("", _("Choose")), *Relationship.choices, (on_file, on_file)]

    def entry(self) -> FamilyEntry:
        died = {"yes": True, "no": False, "": None}[self.said("deceased")]
        return FamilyEntry(
            coded=self.coded(),
            note=self.said("note"),
            relationship=self.said("relationship"),
            onset_age=self.said("onset_age"),
            deceased=died,
        )


FORM_OF: dict[HistorySection, type[EntryForm]] = {
    form.section: form
    for form in (ConditionForm, AllergyForm, ProcedureForm, ImmunizationForm, FamilyForm)
}


def _plain_status(status: str) -> str:
    """Return which of the two that patients are asked for a status is."""
    return ClinicalStatus.ACTIVE if status in CURRENT_STATUSES else ClinicalStatus.RESOLVED

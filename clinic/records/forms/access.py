"""Forms of emergency access: find the patient, say why, judge a use."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.lib.text import ParagraphField, PlainTextField
from clinic.people.forms.profiles import BirthDateField
from clinic.records.choices import EmergencyReason, ReviewOutcome
from clinic.records.rules import emergency as rules


class FindPatientForm(forms.Form):
    """Both are needed and both exactly: this is no place to browse."""

    record_number = PlainTextField(
        label=_("Record number"),
        max_length=20,
        help_text=_("For example BT 204 118, on every letter and on the patient’s phone."),
    )
    birth_date = BirthDateField(label=_("Birth date"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"


class BreakGlassForm(forms.Form):
    """Why a record is opened without a visit."""

    category = forms.ChoiceField(
        label=_("Kind of emergency"),
        choices=EmergencyReason.choices,
        help_text=_("The patient reads this."),
    )
    reason = ParagraphField(
        label=_("What happened"),
        min_length=rules.SHORTEST_REASON,
        max_length=rules.LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The administrator who reviews it reads this. At least ten characters."),
        error_messages={"min_length": _("Write at least ten characters, so that others see why.")},
    )

    def clean_category(self) -> EmergencyReason:
        return EmergencyReason(self.cleaned_data["category"])

    def clean_reason(self) -> str:
        reason: str = self.cleaned_data["reason"]
        try:
            rules.check_reason(reason=reason)
        except rules.ReasonTooShort as refusal:
            message = self.fields["reason"].error_messages["min_length"]
            raise forms.ValidationError(message, code="min_length") from refusal
        return reason


class ReviewForm(forms.Form):
    """The judgement about one use."""

    outcome = forms.ChoiceField(
        label=_("Outcome"), choices=ReviewOutcome.choices, widget=forms.RadioSelect
    )
    note = ParagraphField(
        label=_("Note"),
        required=False,
        max_length=rules.LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For the clinic’s files. The patient sees the outcome only."),
    )

    def clean_outcome(self) -> ReviewOutcome:
        return ReviewOutcome(self.cleaned_data["outcome"])

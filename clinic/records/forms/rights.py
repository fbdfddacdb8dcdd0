"""Forms of the patient's rights: say what is wrong, answer it, ask for an erasure."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.lib.text import ParagraphField, PlainTextField
from clinic.records.choices import CorrectionStatus, ErasureBasis

LONGEST_TEXT = 4000


class CorrectionForm(forms.Form):
    """What is wrong and what is right."""

    text = ParagraphField(
        label=_("What is wrong, and what is right?"),
        min_length=5,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("A doctor of yours reads this and answers."),
        error_messages={"min_length": _("Write a few words, so that your doctor understands.")},
    )


class AnswerForm(forms.Form):
    """A doctor's answer. The patient reads it."""

    outcome = forms.ChoiceField(
        label=_("Answer"),
        choices=[
            (CorrectionStatus.ACCEPTED.value, _("Corrected")),
            (CorrectionStatus.DECLINED.value, _("Stays as it is")),
        ],
        widget=forms.RadioSelect,
    )
    answer = ParagraphField(
        label=_("What was changed, or why it stays"),
        min_length=5,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The patient reads this. Change the entry itself on its own page."),
        error_messages={"min_length": _("Write a few words, so that the patient understands.")},
    )

    def clean_outcome(self) -> CorrectionStatus:
        return CorrectionStatus(self.cleaned_data["outcome"])


class ErasureForm(forms.Form):
    """Whose record is to be destroyed, and on what ground."""

    record_number = PlainTextField(
        label=_("Record number"),
        max_length=20,
        help_text=_("For example BT 204 118. Compare name and birth date on the next page."),
    )
    legal_basis = forms.ChoiceField(
        label=_("Legal basis"),
        choices=ErasureBasis.choices,
        help_text=_("Only an order ends the retention period early."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["record_number"].widget.attrs["autocomplete"] = "off"

    def clean_legal_basis(self) -> ErasureBasis:
        return ErasureBasis(self.cleaned_data["legal_basis"])

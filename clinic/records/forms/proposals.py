"""What a patient says with a proposal, and a doctor to it."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.lib.text import ParagraphField


class DecisionForm(forms.Form):
    """A word to the patient, and the version of the entry the doctor saw."""

    note = ParagraphField(
        label=_("A word to the patient"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class StopForm(forms.Form):
    """The patient says that something is not there, and why; at the version that was shown."""

    note = ParagraphField(
        label=_("Why do you think so?"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

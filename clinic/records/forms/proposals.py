"""What a doctor says to a patient's proposal."""

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

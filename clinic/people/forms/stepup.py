"""The question that is asked again before something that weighs heavily."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.people.forms.accounts import PASSWORD


class StepUpForm(forms.Form):
    """The password of the account that is signed in."""

    MARK = "confirming_again"

    password = forms.CharField(
        label=PASSWORD,
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
        error_messages={"required": _("Type your password.")},
    )

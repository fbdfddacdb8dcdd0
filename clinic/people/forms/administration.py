"""Forms of the administrator, and of those who were invited."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from clinic.people.choices import Role
from clinic.people.forms.accounts import (
    EMAIL,
    PASSWORD,
    PASSWORD_HINT,
    PractitionerFields,
    name_field,
)
from clinic.people.models import User
from clinic.people.services.registration import Registration


class InviteForm(forms.Form):
    """Whom to invite, and to do what."""

    email = forms.EmailField(
        label=EMAIL, max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.FRONT_DESK)

    def clean_email(self) -> str:
        email: str = get_adapter().clean_email(self.cleaned_data["email"])
        return email

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class RoleForm(forms.Form):
    """One role to begin or to end."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class NamesForm(forms.Form):
    """The name of someone whose account exists already."""

    given_name = name_field("given-name")
    family_name = name_field("family-name")

    def registration(self) -> Registration:
        return Registration(
            email="",
            password="",
            given_name=self.cleaned_data["given_name"],
            family_name=self.cleaned_data["family_name"],
            language=get_language() or "en-gb",
        )


class AcceptInvitationForm(NamesForm):
    """The name and password of someone who was invited; the address is the invitation's."""

    password = forms.CharField(
        label=PASSWORD,
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=PASSWORD_HINT,
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, User(email=self.email))
        return password

    def registration(self) -> Registration:
        names = super().registration()
        return Registration(
            email=self.email,
            password=self.cleaned_data["password"],
            given_name=names.given_name,
            family_name=names.family_name,
            language=names.language,
        )


class AcceptAsPractitionerForm(PractitionerFields, AcceptInvitationForm):
    """The same for a doctor."""

    field_order = (
        *("title", "given_name", "family_name", "password"),
        *("specialty", "license_number", "languages", "bio"),
    )


class PractitionerNamesForm(PractitionerFields, NamesForm):
    """A doctor's name and details for an account that exists already."""

    field_order = (
        *("title", "given_name", "family_name"),
        *("specialty", "license_number", "languages", "bio"),
    )

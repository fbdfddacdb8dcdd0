"""Forms of signing in and registering: allauth's, in this product's words and with names.

allauth calls `register` through the adapter; the account itself is made by a service.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from allauth.account import forms as allauth
from allauth.account.internal.flows.signup import prevent_enumeration
from allauth.account.models import EmailAddress
from allauth.account.utils import has_verified_email, setup_user_email
from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from clinic.lib.text import NameField, ParagraphField, PlainTextField
from clinic.people.choices import SPOKEN_LANGUAGES, Specialty
from clinic.people.models import User
from clinic.people.services import practitioners, registration
from clinic.people.services.practitioners import PractitionerDetails
from clinic.people.services.registration import EmailTaken, Registration
from clinic.people.viewer import VISITOR

EMAIL = _("E-mail address")
PASSWORD = _("Password")
NEW_PASSWORD = _("New password")
PASSWORD_HINT = _("At least 15 characters. A few words in a row are easy to remember.")


def name_field(kind: str) -> NameField:
    """Return the field for a given or a family name, with what browsers fill in by themselves."""
    labels = {"given-name": _("Given name"), "family-name": _("Family name")}
    return NameField(label=labels[kind], widget=forms.TextInput(attrs={"autocomplete": kind}))


class SignInForm(allauth.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self.fields["login"], EMAIL)
        _word(self.fields["password"], PASSWORD)


class RegistrationForm(allauth.SignupForm):
    """Name, address, password: all that an account needs."""

    given_name = name_field("given-name")
    family_name = name_field("family-name")
    field_order: tuple[str, ...] = ("given_name", "family_name", "email", "password1")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self.fields["email"], EMAIL, _("We send a code there to see that it is yours."))
        if "password1" in self.fields:
            _word(self.fields["password1"], PASSWORD, PASSWORD_HINT)

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Register, or answer a taken address exactly like a free one, time included."""
        if self.account_already_exists:
            self._rehearse(request)
            return super().try_save(request)
        try:
            with transaction.atomic():
                return super().try_save(request)
        except EmailTaken:  # another request took it since the form was checked
            return None, prevent_enumeration(request, email=self.cleaned_data["email"])

    def _rehearse(self, request: HttpRequest) -> None:
        """Do the work of registering for a stand-in, and keep none of it.

        Without it a taken address is answered in 8 ms and a free one in 138 ms, and the clock tells
        a stranger who is a patient here.
        """
        stand_in = f"{secrets.token_hex(16)}@rehearsal.invalid"
        with transaction.atomic():
            user = self.create(replace(self.registration(), email=stand_in))
            # What allauth does and reads of a new account before it sends the code.
            setup_user_email(request, user, [EmailAddress(email=stand_in)])
            fresh = User.objects.get(pk=user.pk)
            has_verified_email(fresh, stand_in)
            EmailAddress.objects.get_primary(fresh)
            EmailAddress.objects.get_for_user(fresh, stand_in)
            transaction.set_rollback(True)

    def register(self) -> User:
        return self.create(self.registration())

    def create(self, wanted: Registration) -> User:
        """Make the kind of account that this form is for."""
        return registration.register_patient(registration=wanted, by=VISITOR, now=timezone.now())

    def registration(self) -> Registration:
        data = self.cleaned_data
        return Registration(
            email=data["email"],
            password=data["password1"],
            given_name=data["given_name"],
            family_name=data["family_name"],
            language=get_language() or "en-gb",
        )


class PractitionerFields(forms.Form):
    """What a doctor adds to a name."""

    title = PlainTextField(
        label=_("Title"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "honorific-prefix", "placeholder": "Dr"}),
    )
    specialty = forms.ChoiceField(label=_("Specialty"), choices=Specialty.choices)
    license_number = PlainTextField(
        label=_("Licence number"),
        max_length=40,
        help_text=_("The clinic checks it with the register before patients can book with you."),
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages you see patients in"),
        required=False,
        choices=SPOKEN_LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
    )
    bio = ParagraphField(
        label=_("About you"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Patients read this when they choose a doctor."),
    )

    def details(self) -> PractitionerDetails:
        data = self.cleaned_data
        return PractitionerDetails(
            title=data["title"],
            specialty=data["specialty"],
            license_number=data["license_number"],
            bio=data["bio"],
            languages=tuple(data["languages"]),
        )


class PractitionerRegistrationForm(PractitionerFields, RegistrationForm):
    """Register as a doctor, without an account so far."""

    field_order = (
        *("title", "given_name", "family_name", "email", "password1"),
        *("specialty", "license_number", "languages", "bio"),
    )

    def create(self, wanted: Registration) -> User:
        return practitioners.register_practitioner(
            registration=wanted, details=self.details(), by=VISITOR, now=timezone.now()
        )


class ResetPasswordForm(allauth.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self.fields["email"], EMAIL)


class NewPasswordForm(allauth.ResetPasswordKeyForm):
    """The new password, once: the page can show what is typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self.fields["password1"], NEW_PASSWORD, PASSWORD_HINT)
        del self.fields["password2"]


class ChangePasswordForm(allauth.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self.fields["oldpassword"], _("Your password now"))
        _word(self.fields["password1"], NEW_PASSWORD, PASSWORD_HINT)
        del self.fields["password2"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean()
        if data.get("password1") and data.get("password1") == data.get("oldpassword"):
            self.add_error("password1", ValidationError(_("This is the password you have now.")))
        return data


class ChangeEmailForm(allauth.AddEmailForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(
            self.fields["email"],
            _("New e-mail address"),
            _("We send a code there. Until you type it in, the present address stays."),
        )


def _word(field: forms.Field, label: Any, hint: Any = "") -> None:
    """Say it in this product's words: allauth puts labels into placeholders."""
    field.label = label
    field.help_text = hint
    field.widget.attrs.pop("placeholder", None)

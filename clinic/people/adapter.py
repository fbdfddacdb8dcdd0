"""What allauth asks of this product: who is created, what is mailed, where sign-in leads."""

from __future__ import annotations

import unicodedata
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.people import mails, selectors
from clinic.people.cookies import remember_preferences
from clinic.people.models import User
from clinic.people.services import accounts

# The page one lands on says the same.
SILENT_MESSAGES = frozenset(
    {
        "account/messages/logged_in.txt",
        "account/messages/logged_out.txt",
        "account/messages/email_confirmation_sent.txt",
        "account/messages/email_confirmed.txt",
    }
)


class AccountAdapter(DefaultAccountAdapter):
    """allauth's adapter for accounts that sign in by e-mail and hold roles."""

    def clean_email(self, email: str) -> str:
        """Refuse look-alikes: an address outside ASCII could read like someone else's."""
        email = unicodedata.normalize("NFKC", super().clean_email(email)).lower()
        if not email.isascii():
            raise ValidationError(
                _("Write the address without accents or letters of other alphabets."),
                code="email_not_ascii",
            )
        return email

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Create the account that the form describes; the form knows which kind."""
        created: User = form.register()
        return created

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        if not mails.send(template_prefix=template_prefix, to=email, context=context):
            messages.warning(
                self.request,
                _("Our mail server does not answer right now. Ask for the mail again in a minute."),
            )

    def post_login(
        self, request: HttpRequest, user: User, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, *args, **kwargs)
        remember_preferences(response, user)
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        # For an unknown address too, so that both take the same time.
        accounts.note_failed_sign_in(email=credentials.get("email", ""), now=timezone.now())

    def send_account_already_exists_mail(self, email: str) -> None:
        self.send_mail("account/email/account_already_exists", email, {})

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        if message_template not in SILENT_MESSAGES:
            super().add_message(
                request, level, message_template, message_context, extra_tags, message
            )

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        if _waits_for_approval(request):
            return reverse("people:waiting")
        return resolve_url(settings.LOGIN_REDIRECT_URL)

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        """Take a new patient to the one further step, a new doctor to where they wait."""
        if _waits_for_approval(request):
            return reverse("people:waiting")
        return reverse("people:profile_first")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("people:account")


def _waits_for_approval(request: HttpRequest) -> bool:
    # Not request.viewer: in the request that signs someone in it may still be the visitor.
    return selectors.waits_for_approval(viewer=selectors.viewer_of(user=request.user))

"""The two password rules that Django does not bring."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST_PASSWORD = 256


class LongestPasswordValidator:
    """Refuse a password beyond any password manager's length, so that hashing stays cheap."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > LONGEST_PASSWORD:
            raise ValidationError(
                _("Use at most %(longest)d characters."),
                code="password_too_long",
                params={"longest": LONGEST_PASSWORD},
            )

    def get_help_text(self) -> str:
        return ""


class NotTheAddressValidator:
    """Refuse the person's own e-mail address, which the common list cannot know."""

    def validate(self, password: str, user: Any = None) -> None:
        email = getattr(user, "email", "") or ""
        plain = password.casefold().strip()
        if email and plain in {email.casefold(), email.casefold().partition("@")[0]}:
            raise ValidationError(
                _("This is your e-mail address. Choose something others cannot guess."),
                code="password_is_address",
            )

    def get_help_text(self) -> str:
        return ""

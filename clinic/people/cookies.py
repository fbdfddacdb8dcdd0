"""What a browser remembers of an account: its language and its colours, nothing else."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse

from clinic.people.choices import Theme
from clinic.people.models import User

THEME_COOKIE = "theme"


def remember_preferences(response: HttpResponse, user: User) -> None:
    """Tell this browser the language and the colours of the account."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        user.language,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
    if user.theme == Theme.AUTO:
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
    else:
        # The page's own switch writes the same cookie, so scripts may read it.
        response.set_cookie(
            THEME_COOKIE,
            user.theme,
            max_age=365 * 24 * 3600,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )

"""EMAIL_URL becomes Django's mail settings."""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from config.env import Misconfigured

BACKENDS = {
    "smtp": "django.core.mail.backends.smtp.EmailBackend",
    "smtps": "django.core.mail.backends.smtp.EmailBackend",
    "console": "django.core.mail.backends.console.EmailBackend",
    "dummy": "django.core.mail.backends.dummy.EmailBackend",
}
EXPECTED = (
    "EMAIL_URL must look like smtp://user:password@host:587, smtps://..., console:// or dummy://."
)


def mail_settings(url: str) -> dict[str, Any]:
    """Return the EMAIL_* settings for `url`.

    `smtp://` speaks STARTTLS when a user name is given or `?tls=1` asks for it, `smtps://` speaks
    TLS
    from the first byte. User name and password are percent-encoded.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Misconfigured(EXPECTED) from None
    if parts.scheme not in BACKENDS:
        raise Misconfigured(EXPECTED)
    if parts.scheme in {"console", "dummy"}:
        return {"EMAIL_BACKEND": BACKENDS[parts.scheme]}
    if not parts.hostname:
        raise Misconfigured(EXPECTED)
    implicit_tls = parts.scheme == "smtps"
    tls = parse_qs(parts.query).get("tls", ["1" if parts.username else "0"])[-1] == "1"
    return {
        "EMAIL_BACKEND": BACKENDS[parts.scheme],
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or (465 if implicit_tls else 587 if tls else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": implicit_tls,
        "EMAIL_USE_TLS": tls and not implicit_tls,
        "EMAIL_TIMEOUT": 10,
    }

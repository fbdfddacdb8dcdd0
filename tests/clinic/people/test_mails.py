"""Mail about accounts: text and HTML, escaped where it must be, links to this site only."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation

from clinic.people import mails
from clinic.people.choices import Role

PREFIX = "account/email"
FOLDER = Path(settings.BASE_DIR) / "templates" / PREFIX
KINDS = sorted(path.name.removesuffix("_subject.txt") for path in FOLDER.glob("*_subject.txt"))
CONTEXT: dict[str, Any] = {
    "code": "AB12-CD34",
    "name": "Dr Noor <b>Haddad</b>",
    "role": "Front desk",
    "invitation_url": "http://testserver/invitation/secret/",
    "timestamp": dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC),
    "ip": "192.0.2.1",
    # What allauth passes along, made from the Host header of a request.
    "password_reset_url": "http://evil.example/reset/",
    "signup_url": "http://evil.example/signup/",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["en-gb", "de", "es"])
def test_every_mail_has_subject_text_and_html(kind: str, language: str) -> None:
    with translation.override(language):
        message = mails.render(
            template_prefix=f"{PREFIX}/{kind}", to="amara@example.org", context=CONTEXT
        )

    (html, kind_of_part) = message.alternatives[0]
    assert message.subject.strip() and "\n" not in message.subject
    assert kind_of_part == "text/html"
    for body in (message.body, html):
        assert settings.CLINIC_NAME in body
        assert "evil.example" not in body
        assert "None" not in body and "{{" not in body and "{%" not in body
    assert "<b>Haddad" not in html
    assert "&lt;" not in message.body


@pytest.mark.parametrize("kind", ["email_confirmation_signup", "password_reset_code"])
def test_code_stands_alone_on_its_line(kind: str) -> None:
    message = mails.render(template_prefix=f"{PREFIX}/{kind}", to="a@example.org", context=CONTEXT)

    assert "\n    AB12-CD34\n" in message.body
    assert "AB12-CD34" in message.alternatives[0][0]


def test_every_mail_that_allauth_sends_is_ours() -> None:
    """Its own templates are in other words and without HTML."""
    sent = {
        *("email_confirmation", "email_confirmation_signup", "account_already_exists"),
        *("unknown_account", "password_reset_code", "password_changed", "password_set"),
        *("password_reset", "email_changed", "email_confirm", "email_deleted"),
    }
    assert sent <= set(KINDS)


def test_invitation_carries_its_link(mailoutbox: list[Any]) -> None:
    sent = mails.send_invitation(
        to="new@example.org",
        role=Role.FRONT_DESK,
        secret="s-e-c",
        expires_at=dt.datetime(2026, 3, 9, 9, 0, tzinfo=dt.UTC),
    )

    assert sent
    assert "http://testserver/invitation/s-e-c/" in mailoutbox[0].body
    assert 'href="http://testserver/invitation/s-e-c/"' in mailoutbox[0].alternatives[0][0]


def test_refused_mail_is_logged_without_the_address(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(self: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", refuse)

    sent = mails.send(
        template_prefix=f"{PREFIX}/password_changed", to="amara@example.org", context=CONTEXT
    )

    assert not sent
    assert "account mail not sent" in caplog.text
    assert "amara" not in caplog.text

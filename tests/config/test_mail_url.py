"""EMAIL_URL becomes Django's mail settings."""

import pytest

from config.env import Misconfigured
from config.mail_url import mail_settings


def test_smtp_with_a_user_speaks_starttls() -> None:
    settings = mail_settings("smtp://me%40x:p%2Fw@mail.example.org")

    assert settings["EMAIL_USE_TLS"] is True
    assert settings["EMAIL_USE_SSL"] is False
    assert settings["EMAIL_PORT"] == 587
    assert (settings["EMAIL_HOST_USER"], settings["EMAIL_HOST_PASSWORD"]) == ("me@x", "p/w")


def test_smtps_speaks_tls_from_the_start() -> None:
    settings = mail_settings("smtps://mail.example.org")

    assert (settings["EMAIL_USE_SSL"], settings["EMAIL_USE_TLS"]) == (True, False)
    assert settings["EMAIL_PORT"] == 465


def test_plain_smtp_is_for_a_local_sink() -> None:
    settings = mail_settings("smtp://127.0.0.1:2525")

    assert (settings["EMAIL_USE_SSL"], settings["EMAIL_USE_TLS"]) == (False, False)
    assert settings["EMAIL_PORT"] == 2525


@pytest.mark.parametrize("scheme", ["console", "dummy"])
def test_backends_without_a_server_need_no_host(scheme: str) -> None:
    assert scheme in mail_settings(f"{scheme}://")["EMAIL_BACKEND"]


@pytest.mark.parametrize("url", ["mail.example.org", "http://x", "smtp://", "smtp://x:port"])
def test_another_shape_names_the_variable(url: str) -> None:
    with pytest.raises(Misconfigured, match="^EMAIL_URL must look like"):
        mail_settings(url)

"""Production refuses to start with demo secrets, DEBUG on or plain HTTP."""

import base64
import os
import secrets
from typing import Any

import pytest
from pydantic import SecretStr

from config.env import Environment, Misconfigured
from config.refusals import TEST_KEY, refuse_unsafe


def environment(**changes: Any) -> Environment:
    """An environment that is fit for production, but for `changes`."""
    values: dict[str, Any] = {
        "debug": False,
        "secret_key": SecretStr(secrets.token_hex(40)),
        "field_encryption_key": SecretStr(base64.b64encode(os.urandom(32)).decode()),
        "site_url": "https://portal.betony.test",
        "allowed_hosts": ["portal.betony.test"],
        "db_host": "db.internal",
        "db_password": SecretStr(secrets.token_hex(16)),
        "email_url": SecretStr("smtps://mail.betony.test"),
    }
    return Environment.model_construct(**(values | changes))


def test_a_fit_environment_is_accepted() -> None:
    refuse_unsafe(environment())


def test_a_socket_needs_no_password() -> None:
    refuse_unsafe(environment(db_host="/run/postgresql", db_password=SecretStr("")))


def test_the_owners_password_is_no_example_either() -> None:
    owner = {"db_owner_user": "betony", "db_owner_password": SecretStr("change-me")}

    with pytest.raises(Misconfigured, match="^DB_OWNER_PASSWORD must be set"):
        refuse_unsafe(environment(**owner))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("debug", True),
        ("site_url", "http://portal.betony.test"),
        ("allowed_hosts", ["*"]),
        ("secret_key", SecretStr("short")),
        ("secret_key", SecretStr("a" * 80)),
        ("secret_key", SecretStr("django-insecure-" + secrets.token_hex(40))),
        ("secret_key", SecretStr("test-only-secret-key-test-only-secret-key-test-only-00")),
        ("field_encryption_key", SecretStr("not base64")),
        ("field_encryption_key", SecretStr(base64.b64encode(bytes(32)).decode())),
        ("field_encryption_key", SecretStr(base64.b64encode(b"short").decode())),
        ("field_encryption_key", SecretStr(base64.b64encode(TEST_KEY).decode())),
        ("db_password", SecretStr("")),
        ("db_password", SecretStr("betony")),
        ("db_password", SecretStr("change-me")),
        ("email_url", SecretStr("console://")),
    ],
)
def test_an_unsafe_value_names_its_variable(name: str, value: object) -> None:
    with pytest.raises(Misconfigured) as stopped:
        refuse_unsafe(environment(**{name: value}))

    assert str(stopped.value).startswith(f"{name.upper()} ")
    assert "\n" not in str(stopped.value)


def test_the_second_of_two_field_keys_is_looked_at() -> None:
    good = base64.b64encode(os.urandom(32)).decode()
    bad = base64.b64encode(TEST_KEY).decode()

    with pytest.raises(Misconfigured, match="FIELD_ENCRYPTION_KEY"):
        refuse_unsafe(environment(field_encryption_key=SecretStr(f"{good},{bad}")))

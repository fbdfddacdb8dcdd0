"""Servers that do not answer are named before anything is started."""

from pathlib import Path

import pytest
from pydantic import SecretStr
from pytest_django.fixtures import Settings as SettingsWrapper

from config import env as environment
from config.env import Environment, Misconfigured
from config.launcher.prepare import check_keys, check_servers
from config.launcher.valkey import free_port


def present(**changes: object) -> Environment:
    return environment.load(()).model_copy(update=changes)


def test_servers_that_answer_are_accepted() -> None:
    check_servers(present())


def test_a_database_that_is_not_there_names_the_variable(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="^DB_HOST: PostgreSQL does not let us in"):
        check_servers(present(db_host=str(tmp_path)))


def test_a_wrong_password_is_not_repeated() -> None:
    with pytest.raises(Misconfigured) as stopped:
        check_servers(present(db_password=SecretStr("hunter2")))

    assert "password authentication failed" in str(stopped.value)
    assert "hunter2" not in str(stopped.value)


def test_a_valkey_that_is_not_there_names_the_variable() -> None:
    url = SecretStr(f"redis://:hunter2@127.0.0.1:{free_port()}/0")

    with pytest.raises(Misconfigured, match="^REDIS_URL: Valkey does not answer") as stopped:
        check_servers(present(redis_url=url))

    assert "hunter2" not in str(stopped.value)


@pytest.mark.django_db
def test_keys_that_open_the_database_are_accepted() -> None:
    check_keys()


@pytest.mark.django_db
def test_keys_of_another_database_stop_the_start(settings: SettingsWrapper) -> None:
    settings.FIELD_ENCRYPTION_KEY = "q8mYw2nB7kZ0rT5uVx3cD6fG9hJ1lP4sA+E/iO2aLcM="

    with pytest.raises(Misconfigured, match="No key of FIELD_ENCRYPTION_KEY opens"):
        check_keys()

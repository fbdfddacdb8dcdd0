"""Servers that do not answer are named before anything is started."""

from pathlib import Path

import pytest
from pydantic import SecretStr
from pytest_django.fixtures import Settings as SettingsWrapper

from clinic.crypto.keyring import keyring
from config import env as environment
from config.env import Environment, Misconfigured
from config.launcher.postgres import THROW_AWAY, Postgres
from config.launcher.prepare import check_application_role, check_keys, check_servers
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


def test_production_stops_when_its_servers_could_change_the_trail(
    db: None, settings: SettingsWrapper
) -> None:
    settings.REQUIRE_APPLICATION_ROLE = True
    settings.APPLICATION_ROLE = environment.database_login(present())[0]

    with pytest.raises(Misconfigured, match="^DB_USER may change the audit trail"):
        check_application_role()


def test_elsewhere_one_role_will_do(settings: SettingsWrapper) -> None:
    settings.REQUIRE_APPLICATION_ROLE = False

    check_application_role()


def test_an_owner_that_is_not_let_in_is_told() -> None:
    owner = {"db_owner_user": "nobody_here", "db_owner_password": SecretStr("hunter2")}

    with pytest.raises(Misconfigured, match="^DB_HOST: PostgreSQL does not let us in") as stopped:
        check_servers(present(**owner))

    assert "hunter2" not in str(stopped.value)


def test_an_owner_without_the_right_to_make_roles_leaves_it_at_that() -> None:
    user, password = environment.database_login(present())
    owner = {"db_owner_user": user, "db_owner_password": SecretStr(password)}

    with pytest.raises(Misconfigured, match="does not let us in .*not_made_yet"):
        check_servers(present(**owner, db_user="not_made_yet", db_password=SecretStr("x")))


@pytest.mark.slow
def test_prepare_makes_the_application_role_where_the_owner_may(tmp_path: Path) -> None:
    """In docker-compose.yml the owner is the superuser that the image makes."""
    postgres = Postgres(tmp_path, "root", THROW_AWAY)
    postgres.start()
    there = {
        "db_host": str(postgres.socket_dir),
        "db_name": "postgres",
        "db_owner_user": "postgres",
        "db_owner_password": SecretStr("root"),
        "db_user": "betony_app",
    }
    try:
        check_servers(present(**there, db_password=SecretStr("first")))
        check_servers(present(**there, db_password=SecretStr("changed")))
    finally:
        postgres.stop()


def test_a_valkey_that_is_not_there_names_the_variable() -> None:
    url = SecretStr(f"redis://:hunter2@127.0.0.1:{free_port()}/0")

    with pytest.raises(Misconfigured, match="^REDIS_URL: Valkey does not answer") as stopped:
        check_servers(present(redis_url=url))

    assert "hunter2" not in str(stopped.value)


@pytest.mark.django_db
def test_keys_that_open_the_database_are_accepted(capsys: pytest.CaptureFixture[str]) -> None:
    check_keys()
    assert capsys.readouterr().out == ""

    check_keys(tell=True)
    assert keyring().key_ids[0] in capsys.readouterr().out


@pytest.mark.django_db
def test_keys_of_another_database_stop_the_start(settings: SettingsWrapper) -> None:
    settings.FIELD_ENCRYPTION_KEY = "q8mYw2nB7kZ0rT5uVx3cD6fG9hJ1lP4sA+E/iO2aLcM="

    with pytest.raises(Misconfigured, match="No key of FIELD_ENCRYPTION_KEY opens"):
        check_keys()

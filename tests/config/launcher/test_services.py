"""Embedded servers start where none are given, recover from a kill and keep the data."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from config.env import Misconfigured
from config.launcher.postgres import THROW_AWAY, Postgres
from config.launcher.roles import Login
from config.launcher.secrets_file import ensure_secrets
from config.launcher.services import data_folder, services, without_owner

GIVEN = {"DB_HOST": "db.internal", "REDIS_URL": "redis://valkey.internal"}


def connect(found: dict[str, str], role: str = "DB_OWNER") -> psycopg.Connection:
    return psycopg.connect(
        host=found["DB_HOST"],
        dbname=found["DB_NAME"],
        user=found[f"{role}_USER"],
        password=found[f"{role}_PASSWORD"],
        autocommit=True,
    )


def test_given_servers_are_not_started(tmp_path: Path) -> None:
    with services(tmp_path, given=GIVEN) as found:
        assert "DB_HOST" not in found
        assert not (tmp_path / "postgres").exists()
        assert not (tmp_path / "valkey").exists()


def test_the_addresses_are_there_only_while_running(tmp_path: Path) -> None:
    runtime = tmp_path / "runtime.env"

    with services(tmp_path, given=GIVEN):
        assert runtime.stat().st_mode & 0o077 == 0

    assert not runtime.exists()


def test_a_second_copy_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    with (
        data_folder(tmp_path),
        pytest.raises(Misconfigured, match="already runs with the data folder"),
        data_folder(tmp_path),
    ):
        pass


@pytest.mark.slow
def test_data_survives_a_restart_after_a_kill(tmp_path: Path) -> None:
    with services(tmp_path, postgres_options=THROW_AWAY, given={}) as found:
        with connect(found) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS number")
            role = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            assert role.fetchone() == (False,)
        with redis.Redis.from_url(found["REDIS_URL"]) as client:
            assert client.ping()
    (tmp_path / "postgres/data/postmaster.pid").write_text(
        f"{2**22 - 3}\n{tmp_path}\n1\n5432\n\n\n"
    )

    with (
        services(tmp_path, postgres_options=THROW_AWAY, given={}) as found,
        connect(found) as connection,
    ):
        row = connection.execute("SELECT number FROM kept").fetchone()

    assert row == (42,)


@pytest.mark.slow
def test_servers_end_with_a_launcher_that_is_killed(tmp_path: Path) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("the kernel tells orphans on Linux only")
    launcher = subprocess.Popen(
        [sys.executable, "-m", "config.launcher", "services"],
        env={k: v for k, v in os.environ.items() if k not in GIVEN} | {"CLINIC_VAR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert launcher.stdout is not None
    lines = [launcher.stdout.readline() for _ in range(11)]
    assert lines[-1].startswith("export REDIS_URL=")
    postmaster = int((tmp_path / "postgres/data/postmaster.pid").read_text().split()[0])
    watch = os.pidfd_open(postmaster)

    launcher.send_signal(signal.SIGKILL)
    launcher.wait()
    launcher.stdout.close()

    # A pidfd becomes readable when its process has ended: no polling, no guessing.
    readable, _, _ = select.select([watch], [], [], 30)
    os.close(watch)
    assert readable


@pytest.mark.slow
def test_a_folder_of_an_earlier_version_gets_its_second_role(tmp_path: Path) -> None:
    """It had one role, which owned everything and signed in with the superuser's password."""
    secrets = ensure_secrets(tmp_path)
    earlier = Postgres(tmp_path / "postgres", secrets["EMBEDDED_PASSWORD"], THROW_AWAY)
    one = Login("betony", secrets["EMBEDDED_PASSWORD"])
    earlier.start()
    try:
        earlier.ensure_database(name="betony", owner=one, application=one)
        given = {"DB_HOST": str(earlier.socket_dir), "DB_NAME": "betony"}
        with connect(given | {"DB_USER": one.user, "DB_PASSWORD": one.password}, "DB") as before:
            before.execute("CREATE TABLE kept AS SELECT 42 AS number")
    finally:
        earlier.stop()

    with services(tmp_path, postgres_options=THROW_AWAY, given={}) as found:
        assert (found["DB_USER"], found["DB_OWNER_USER"]) == ("betony_app", "betony")
        assert secrets["EMBEDDED_PASSWORD"] not in found.values()
        with connect(found) as owner:
            assert owner.execute("SELECT number FROM kept").fetchone() == (42,)
        with connect(found, "DB") as application:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                application.execute("SELECT number FROM kept")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                application.execute("CREATE TABLE mine (number int)")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                application.execute("SET ROLE betony")


@pytest.mark.slow
def test_a_folder_whose_role_is_now_the_applications_changes_hands(tmp_path: Path) -> None:
    """`.env` said DB_USER=betony before there were two roles."""
    secrets = ensure_secrets(tmp_path)
    earlier = Postgres(tmp_path / "postgres", secrets["EMBEDDED_PASSWORD"], THROW_AWAY)
    one = Login("betony", "theirs")
    earlier.start()
    try:
        earlier.ensure_database(name="betony", owner=one, application=one)
        given = {"DB_HOST": str(earlier.socket_dir), "DB_NAME": "betony"}
        with connect(given | {"DB_USER": one.user, "DB_PASSWORD": one.password}, "DB") as before:
            before.execute("CREATE TABLE kept AS SELECT 42 AS number")
    finally:
        earlier.stop()

    mine = {"DB_USER": "betony", "DB_PASSWORD": "theirs"}
    with services(tmp_path, postgres_options=THROW_AWAY, given=mine) as found:
        assert found["DB_OWNER_USER"] == "betony_owner"
        with connect(found) as owner:
            assert owner.execute(
                "SELECT tableowner FROM pg_tables WHERE tablename = 'kept'"
            ).fetchone() == ("betony_owner",)
            owner.execute("ALTER TABLE kept ADD COLUMN more int")
        with (
            connect(found, "DB") as application,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            application.execute("DROP TABLE kept")


def test_what_serves_people_does_not_learn_of_the_owner(tmp_path: Path) -> None:
    owners = {"DB_OWNER_USER": "betony", "DB_OWNER_PASSWORD": "x"}

    with services(tmp_path, given=GIVEN, extra={"DB_USER": "betony_app", **owners}) as found:
        assert without_owner(found).keys() == found.keys() - owners.keys()
        assert "DB_OWNER" not in (tmp_path / "runtime.env").read_text()
        assert "DB_OWNER_PASSWORD" in (tmp_path / "owner.env").read_text()
        assert (tmp_path / "owner.env").stat().st_mode & 0o077 == 0

    assert not (tmp_path / "owner.env").exists()


def test_a_login_does_not_show_its_password() -> None:
    assert repr(Login("betony", "hunter2")) == "<Login betony>"


def test_a_long_folder_gets_a_short_socket_path(tmp_path: Path) -> None:
    postgres = Postgres(tmp_path / ("x" * 120), "password")

    assert len(bytes(postgres.socket_dir)) < 40
    postgres.stop()

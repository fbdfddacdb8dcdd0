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
from config.launcher.services import data_folder, services

GIVEN = {"DB_HOST": "db.internal", "REDIS_URL": "redis://valkey.internal"}


def connect(found: dict[str, str]) -> psycopg.Connection:
    return psycopg.connect(
        host=found["DB_HOST"],
        dbname=found["DB_NAME"],
        user=found["DB_USER"],
        password=found["DB_PASSWORD"],
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
    lines = [launcher.stdout.readline() for _ in range(9)]
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


def test_a_long_folder_gets_a_short_socket_path(tmp_path: Path) -> None:
    postgres = Postgres(tmp_path / ("x" * 120), "password")

    assert len(bytes(postgres.socket_dir)) < 40
    postgres.stop()

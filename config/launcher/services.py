"""The servers a copy needs beside itself: the given ones, else embedded ones in the data folder."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import MappingProxyType

from config.env import ROOT, Misconfigured, read_file
from config.launcher.postgres import KEEP_DATA, Postgres
from config.launcher.secrets_file import ensure_secrets, write_private
from config.launcher.valkey import Valkey

NOTHING: Mapping[str, str] = MappingProxyType({})


def given_variables() -> dict[str, str]:
    """Return what was set by the environment, else by `.env`; an empty value counts as not set."""
    set_outside = {name: value for name, value in os.environ.items() if value}
    return {**read_file(ROOT / ".env"), **set_outside}


@contextmanager
def data_folder(var: Path) -> Iterator[None]:
    """Make the data folder and keep a second copy out of it while we run."""
    try:
        var.mkdir(parents=True, exist_ok=True)
        lock = (var / "lock").open("w")
    except OSError as error:
        raise Misconfigured(f"CLINIC_VAR: {var} cannot be written ({error.strerror}).") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Misconfigured(
                f"Betony already runs with the data folder {var}; "
                "stop it or choose another folder with CLINIC_VAR."
            ) from None
        yield


@contextmanager
def services(
    var: Path,
    *,
    postgres_options: Mapping[str, str] = KEEP_DATA,
    extra: Mapping[str, str] = NOTHING,
    given: Mapping[str, str] | None = None,
) -> Iterator[dict[str, str]]:
    """Start what is not given and yield the variables that lead there; stop it at the end.

    `given` says what need not be started, by default what the environment and `.env` say. `extra`
    joins the outcome, for the programs and for `manage.py` in another terminal.
    """
    given = given_variables() if given is None else given
    secrets = ensure_secrets(var)
    found = {
        name: given.get(name) or secrets[name] for name in ("SECRET_KEY", "FIELD_ENCRYPTION_KEY")
    }
    found |= {"CLINIC_VAR": str(var), **extra}
    with ExitStack() as stack:
        if not given.get("DB_HOST"):
            postgres = Postgres(
                var / "postgres",
                secrets["EMBEDDED_PASSWORD"],
                postgres_options,
            )
            stack.callback(postgres.stop)
            found |= _start_postgres(postgres, given, secrets["EMBEDDED_PASSWORD"])
        if not given.get("REDIS_URL"):
            valkey = Valkey(var / "valkey", secrets["EMBEDDED_PASSWORD"])
            stack.callback(valkey.stop)
            valkey.start()
            found["REDIS_URL"] = valkey.url
        runtime = var / "runtime.env"
        stack.callback(runtime.unlink, missing_ok=True)
        # Lets `manage.py` in another terminal find the servers while they run.
        write_private(runtime, found)
        yield found


def _start_postgres(postgres: Postgres, given: Mapping[str, str], generated: str) -> dict[str, str]:
    name = given.get("DB_NAME") or "betony"
    user = given.get("DB_USER") or "betony"
    password = given.get("DB_PASSWORD") or generated
    postgres.start()
    postgres.ensure_database(name=name, user=user, password=password)
    return {
        "DB_HOST": str(postgres.socket_dir),
        "DB_PORT": "5432",
        "DB_NAME": name,
        "DB_USER": user,
        "DB_PASSWORD": password,
    }

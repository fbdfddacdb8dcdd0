"""The servers a copy needs beside itself: the given ones, else embedded ones in the data folder."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import MappingProxyType

from config.env import OWNER_FILE, OWNER_VARIABLES, ROOT, Misconfigured, read_file
from config.launcher.postgres import KEEP_DATA, Postgres
from config.launcher.roles import Login
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
            found |= _start_postgres(postgres, given, secrets)
        if not given.get("REDIS_URL"):
            valkey = Valkey(var / "valkey", secrets["EMBEDDED_VALKEY_PASSWORD"])
            stack.callback(valkey.stop)
            valkey.start()
            found["REDIS_URL"] = valkey.url
        # Let `manage.py` in another terminal find the servers while they run.
        owners = {name: found[name] for name in OWNER_VARIABLES if name in found}
        for file, values in (("runtime.env", without_owner(found)), (OWNER_FILE, owners)):
            stack.callback((var / file).unlink, missing_ok=True)
            write_private(var / file, values)
        yield found


def without_owner(variables: Mapping[str, str]) -> dict[str, str]:
    """Return what a process may know that serves people: not how to become the tables' owner."""
    return {name: value for name, value in variables.items() if name not in OWNER_VARIABLES}


def _start_postgres(
    postgres: Postgres, given: Mapping[str, str], secrets: Mapping[str, str]
) -> dict[str, str]:
    name = given.get("DB_NAME") or "betony"
    application = Login(
        given.get("DB_USER") or "betony_app",
        given.get("DB_PASSWORD") or secrets["EMBEDDED_APPLICATION_PASSWORD"],
    )
    owner = Login(
        given.get("DB_OWNER_USER") or _other_than(application.user),
        given.get("DB_OWNER_PASSWORD") or secrets["EMBEDDED_OWNER_PASSWORD"],
    )
    postgres.start()
    postgres.ensure_database(name=name, owner=owner, application=application)
    return {
        "DB_HOST": str(postgres.socket_dir),
        "DB_PORT": "5432",
        "DB_NAME": name,
        "DB_USER": application.user,
        "DB_PASSWORD": application.password,
        "DB_OWNER_USER": owner.user,
        "DB_OWNER_PASSWORD": owner.password,
    }


def _other_than(user: str) -> str:
    """Return the owner's name. Earlier versions had one role, called betony or as `.env` said."""
    return "betony" if user != "betony" else "betony_owner"

"""Typed environment readers.

Values come from the process environment first, then `.env` in the project's root, then the files
the launcher writes under CLINIC_VAR (addresses of the embedded servers, generated secrets). A value
that cannot be used stops the process with one sentence that names the variable and never repeats
its value.
"""

import os
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from dotenv.parser import parse_stream
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent

CommaList = Annotated[list[str], NoDecode]


class Misconfigured(SystemExit):
    """The configuration cannot be used. Ends the process with the sentence, without a traceback."""


class Environment(BaseSettings):
    """Everything the product reads from its environment; `.env.example` documents each variable."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="ignore", hide_input_in_errors=True, frozen=True
    )

    debug: bool = True
    demo: bool = True
    secret_key: SecretStr
    secret_key_fallbacks: Annotated[list[SecretStr], NoDecode] = []
    field_encryption_key: SecretStr
    site_url: str = "http://127.0.0.1:8000"
    allowed_hosts: CommaList = []
    trusted_proxy_count: int = Field(default=0, ge=0, le=5)

    db_name: str = "betony"
    db_user: str = "betony"
    db_password: SecretStr = SecretStr("")
    db_owner_user: str = ""
    db_owner_password: SecretStr = SecretStr("")
    db_host: str = ""
    db_port: int = Field(default=5432, ge=1, le=65535)
    db_pool_size: int = Field(default=12, ge=1, le=200)
    db_statement_timeout_seconds: int = Field(default=15, ge=0, le=3600)

    redis_url: SecretStr = SecretStr("redis://127.0.0.1:6379/0")
    email_url: SecretStr = SecretStr("console://")
    email_from: str = "Betony Clinic <clinic@betony.example>"

    clamd_url: str = ""

    audit_anchor_minutes: int = Field(default=15, ge=1, le=1440)
    audit_anchor_email: str = ""

    clinic_name: str = "Betony Clinic"
    clinic_phone: str = "+44 20 7946 0100"
    clinic_var: Path = ROOT / "var"

    @field_validator("allowed_hosts", "secret_key_fallbacks", mode="before")
    @classmethod
    def split_commas(cls, value: Any) -> Any:
        if isinstance(value, str):
            return [item.strip() for item in value.split(",") if item.strip()]
        return value

    @field_validator("site_url")
    @classmethod
    def check_site_url(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must be an address such as https://portal.example.org")
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("must be the bare address, without a path")
        return f"{parts.scheme}://{parts.netloc}"

    @field_validator("clamd_url")
    @classmethod
    def check_clamd_url(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and not (parts.scheme == "tcp" and parts.hostname) and parts.scheme != "unix":
            raise ValueError("must start with tcp:// or unix://")
        return value

    @field_validator("redis_url")
    @classmethod
    def check_redis_url(cls, value: SecretStr) -> SecretStr:
        if urlsplit(value.get_secret_value()).scheme not in {"redis", "rediss"}:
            raise ValueError("must start with redis:// or rediss://")
        return value


# Whether this process acts on the database as its owner; see `use_owner`.
_owner = False
OWNER_FILE = "owner.env"
OWNER_VARIABLES = ("DB_OWNER_USER", "DB_OWNER_PASSWORD")


def use_owner() -> None:
    """Make the settings of this process lead to the database as the owner of the tables.

    For what changes the schema. Every other process is told nothing of the owner.
    """
    global _owner
    _owner = True


def database_login(env: Environment) -> tuple[str, str]:
    """Return the user and password this process signs in to the database with."""
    if _owner and env.db_owner_user:
        return env.db_owner_user, env.db_owner_password.get_secret_value()
    return env.db_user, env.db_password.get_secret_value()


def default_files() -> tuple[Path, ...]:
    """Return the files read below the process environment, weakest first."""
    var = clinic_var()
    files = (var / "secrets.env", ROOT / ".env", var / "runtime.env")
    return (*files, var / OWNER_FILE) if _owner else files


def clinic_var() -> Path:
    """Return the data folder: CLINIC_VAR from the environment or `.env`, else `var/` here."""
    named = os.environ.get("CLINIC_VAR") or read_file(ROOT / ".env").get("CLINIC_VAR")
    return (ROOT / named).resolve() if named else ROOT / "var"


def read_file(path: Path) -> dict[str, str]:
    """Return the variables of one env file (none when it does not exist); stop at a broken line."""
    try:
        with path.open(encoding="utf-8") as stream:
            bindings = list(parse_stream(stream))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError):
        raise Misconfigured(f"{path} cannot be read: it must be a UTF-8 text file.") from None
    for binding in bindings:
        if binding.error or (binding.key and binding.value is None):
            raise Misconfigured(
                f"{path}, line {binding.original.line}: expected NAME=value, nothing else."
            )
    return {binding.key: binding.value or "" for binding in bindings if binding.key}


def load(files: tuple[Path, ...] | None = None) -> Environment:
    """Read the environment, or stop with a sentence per variable that is missing or unusable."""
    values: dict[str, str] = {}
    for path in default_files() if files is None else files:
        values |= read_file(path)
    if not _owner:
        values = {name: value for name, value in values.items() if name not in OWNER_VARIABLES}
    known = {name: value for name, value in values.items() if value and not os.environ.get(name)}
    try:
        return Environment.model_validate({name.lower(): value for name, value in known.items()})
    except ValidationError as error:
        raise Misconfigured("\n".join(_sentences(error))) from None


def _sentences(error: ValidationError) -> list[str]:
    sentences = []
    for problem in error.errors(include_input=False, include_url=False):
        name = str(problem["loc"][0]).upper()
        if problem["type"] == "missing":
            sentences.append(
                f"{name} is not set: start with ./run.sh, which makes one, or set it in .env."
            )
        else:
            reason = problem["msg"].removeprefix("Value error, ")
            sentences.append(f"{name} {reason[:1].lower()}{reason[1:]}.")
    return sentences


def settings_module() -> str:
    """Return the settings to run with: the one asked for, else by DEBUG."""
    if chosen := os.environ.get("DJANGO_SETTINGS_MODULE"):
        return chosen
    debug = os.environ.get("DEBUG") or read_file(ROOT / ".env").get("DEBUG") or "true"
    off = debug.strip().lower() in {"0", "false", "no", "off", "f", "n"}
    return "config.settings.production" if off else "config.settings.local"

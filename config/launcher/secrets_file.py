"""Secrets made on the first start and kept in the data folder, never in the repository."""

import base64
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from config.env import read_file

MAKERS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(64),
    "FIELD_ENCRYPTION_KEY": lambda: base64.b64encode(secrets.token_bytes(32)).decode(),
    # Of the embedded PostgreSQL's superuser. The servers know none but the application's.
    "EMBEDDED_PASSWORD": lambda: secrets.token_urlsafe(32),
    "EMBEDDED_OWNER_PASSWORD": lambda: secrets.token_urlsafe(32),
    "EMBEDDED_APPLICATION_PASSWORD": lambda: secrets.token_urlsafe(32),
    "EMBEDDED_VALKEY_PASSWORD": lambda: secrets.token_urlsafe(32),
}


def ensure_secrets(var: Path) -> dict[str, str]:
    """Return the data folder's secrets, adding those that are missing."""
    path = var / "secrets.env"
    known = read_file(path)
    missing = {name: make() for name, make in MAKERS.items() if not known.get(name)}
    if missing:
        write_private(path, known | missing)
    return known | missing


def write_private(path: Path, values: dict[str, str]) -> None:
    """Write NAME='value' lines that only the owner may read, whole or not at all."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.writelines(f"{name}='{value}'\n" for name, value in values.items())
    fresh.replace(path)

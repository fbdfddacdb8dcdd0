"""Secrets are made once, kept privately and never changed."""

import base64
from pathlib import Path

from config.launcher.secrets_file import ensure_secrets, write_private


def test_secrets_are_made_once(tmp_path: Path) -> None:
    first = ensure_secrets(tmp_path)

    assert ensure_secrets(tmp_path) == first
    assert len(base64.b64decode(first["FIELD_ENCRYPTION_KEY"])) == 32
    assert len(first["SECRET_KEY"]) >= 50


def test_only_the_owner_may_read_them(tmp_path: Path) -> None:
    ensure_secrets(tmp_path)

    assert (tmp_path / "secrets.env").stat().st_mode & 0o777 == 0o600


def test_a_secret_that_is_there_is_kept(tmp_path: Path) -> None:
    write_private(tmp_path / "secrets.env", {"SECRET_KEY": "mine"})

    assert ensure_secrets(tmp_path)["SECRET_KEY"] == "mine"

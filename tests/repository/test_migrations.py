"""Migrations say what the models say, and their names say what they do."""

import re

import pytest
from django.core.management import call_command

from config.env import ROOT

MIGRATIONS = sorted(
    path
    for top in ("clinic", "realtime", "reminders")
    for path in (ROOT / top).glob("**/migrations/0*.py")
)


@pytest.mark.django_db
def test_models_and_migrations_agree(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)

    assert "No changes detected" in capsys.readouterr().out


def test_migrations_are_named_for_their_purpose() -> None:
    unnamed = re.compile(r"^\d{4}_(auto_|alter_|initial$|remove_.*_and_more|.*_and_more)")

    assert MIGRATIONS
    assert [path.name for path in MIGRATIONS if unnamed.match(path.stem)] == []

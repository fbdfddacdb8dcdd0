"""`manage.py rotate_keys`: after a new key was put first in FIELD_ENCRYPTION_KEY."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic.crypto import rotation
from clinic.crypto.errors import SealError
from clinic.crypto.keyring import keyring
from clinic.crypto.management.progress import Progress


class Command(BaseCommand):
    help = (
        "Wrap every data key with the first key of FIELD_ENCRYPTION_KEY. Records stay as they are. "
        "May be stopped and run again at any time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="change nothing; end with 1 while a key is missing or an old one is still needed",
        )

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        if not check:
            self._rewrap()
        self._check()

    def _rewrap(self) -> None:
        progress = Progress(self.stdout, "data keys")
        try:
            done = rotation.rewrap(progress=progress.show)
        except SealError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{done:,} data keys wrapped by the key {keyring().key_ids[0]}.")

    def _check(self) -> None:
        present, needed = keyring().key_ids, rotation.wrapped_by()
        missing = {key: count for key, count in needed.items() if key not in present}
        if missing:
            raise CommandError(
                f"{sum(missing.values()):,} data keys need {_named(missing)}, which is not in "
                "FIELD_ENCRYPTION_KEY."
            )
        old = {key: count for key, count in needed.items() if key != present[0]}
        if old:
            raise CommandError(
                f"{sum(old.values()):,} data keys are still wrapped by {_named(old)}. Run "
                "manage.py rotate_keys before you take it out of FIELD_ENCRYPTION_KEY."
            )
        self.stdout.write(f"All {sum(needed.values()):,} data keys need the first key only.")


def _named(keys: dict[str, int]) -> str:
    return " and ".join(f"the key {key}" for key in keys)

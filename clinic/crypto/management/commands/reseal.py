"""`manage.py reseal`: a new data key for one patient, after the old one may have leaked."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from clinic.crypto import datakeys, resealing
from clinic.crypto.errors import SealError
from clinic.crypto.management.progress import Progress

MOST_NAMED = 20


class Command(BaseCommand):
    help = (
        "Make a new data key for one owner, seal everything of theirs with it, and destroy the old "
        "one when nothing needs it. May be stopped and run again at any time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--scope", required=True, choices=[datakeys.PATIENT, datakeys.CLINIC])
        parser.add_argument("--owner", type=uuid.UUID, help="the patient's id")

    def handle(self, *args: Any, scope: str, owner: uuid.UUID | None, **options: Any) -> None:
        if (owner is None) != (scope == datakeys.CLINIC):
            raise CommandError("Name a patient with --owner; the clinic has no owner.")
        try:
            run = resealing.begin(scope=scope, owner=owner)
            refused = list(resealing.reseal(run, progress=self._progress()))
        except SealError as error:
            raise CommandError(str(error)) from None
        if refused:
            self._name(refused)
        self._finish(run)

    def _progress(self) -> resealing.Progress:
        lines: dict[str, Progress] = {}

        def show(what: str, done: int, whole: int) -> None:
            lines.setdefault(what, Progress(self.stdout, what)).show(done, whole)

        return show

    def _name(self, refused: list[str]) -> None:
        named = "".join(f"\n  {name}" for name in refused[:MOST_NAMED])
        raise CommandError(
            f"{len(refused):,} values do not open and stay as they are, so the old key is kept:"
            + named
        )

    def _finish(self, run: resealing.Run) -> None:
        if resealing.destroy_older(run, now=timezone.now()):
            self.stdout.write(
                f"Everything is sealed with generation {run.gen}; older ones are gone."
            )
            return
        self.stdout.write(
            f"Everything is sealed with generation {run.gen}. Other processes may still hold the "
            f"old one: run this again after {run.destroys_from:%H:%M:%S} UTC to destroy it."
        )

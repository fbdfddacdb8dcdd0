"""`manage.py verify_audit`: is the audit trail whole? Ends with 1 when it is not."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from clinic.audit import anchors
from clinic.audit.models import AuditEvent
from clinic.audit.verifying import Kind, verify

# Of each kind; more would say nothing new.
MOST_LINES = 50


class Command(BaseCommand):
    help = "Find changed, deleted, forged, reordered, cut and never sealed events of the trail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anchor",
            action="append",
            default=[],
            metavar="POS:MAC",
            help="a link as it was told by the log or the mail; may be given several times",
        )
        parser.add_argument(
            "--anchors",
            type=Path,
            metavar="FILE",
            help="the file of anchors (audit-anchors.log in CLINIC_VAR)",
        )

    def handle(
        self,
        *args: Any,
        anchor: list[str],
        anchors: Path | None,
        verbosity: int,
        **options: Any,
    ) -> None:
        self.verbosity, self.told = verbosity, 0
        known = self._anchors(anchor, anchors)
        began = time.monotonic()
        found: Counter[Kind] = Counter()
        for finding in verify(now=timezone.now(), anchors=known, progress=self._progress):
            found[finding.kind] += 1
            if found[finding.kind] <= MOST_LINES:
                self.stdout.write(self.style.ERROR(str(finding)))
        seconds = time.monotonic() - began
        events = AuditEvent.objects.count()
        speed = f"{events:,} events in {seconds:.1f} s ({events / seconds:,.0f} a second)"
        if found:
            self._say_how_many(found)
            raise CommandError(f"The trail is not whole. {speed}.", returncode=1)
        self.stdout.write(self.style.SUCCESS(f"The trail is whole. {speed}."))

    def _anchors(self, given: list[str], file: Path | None) -> list[anchors.Anchor]:
        path = file or anchors.anchor_file()
        try:
            known = [*anchors.read(path), *map(anchors.given, given)]
        except (anchors.Unreadable, UnicodeDecodeError) as error:
            raise CommandError(f"{path} or --anchor: {error}") from None
        if not known:
            self.stdout.write("No anchors: a trail whose end was cut off would look whole.")
        return known

    def _say_how_many(self, found: Counter[Kind]) -> None:
        for kind, count in found.items():
            more = f" (the first {MOST_LINES} are shown)" if count > MOST_LINES else ""
            self.stdout.write(f"{count:,} x {kind.value}{more}")

    def _progress(self, done: int, whole: int) -> None:
        """On a terminal one line that counts; in a log a line for every tenth."""
        if not self.verbosity:
            return
        if self.stderr.isatty():
            self.stderr.write(f"\r{done:,} of {whole:,} links", ending="\n" * (done == whole))
            return
        tenth = done * 10 // whole
        if tenth > self.told:
            self.told = tenth
            self.stderr.write(f"{done:,} of {whole:,} links")

"""`manage.py import_fhir PATH`: FHIR R4 bundles, one patient each, into the record."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clinic.fhir.importing.archive import Member, NotAnArchive, members
from clinic.fhir.importing.elements import NotReadable
from clinic.fhir.importing.loading import import_bundle
from clinic.fhir.importing.report import Report

BAR = 30


class Command(BaseCommand):
    help = (
        "Import FHIR R4 bundles (tar, zip, JSON or folder). May be stopped and started again: "
        "what is there already is left as it is."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("path", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = list(members(options["path"]))
        except NotAnArchive as error:
            raise CommandError(str(error)) from None
        total = Report()
        for done, member in enumerate(found, start=1):
            self._take(member, total)
            self._show(done, len(found), sum(total.read.values()))
        self.stdout.write("\n" + "\n".join(total.lines()))

    def _take(self, member: Member, total: Report) -> None:
        if member.bundle is None:
            total.problems[f"file: {member.problem}"] += 1
            return
        try:
            total.add(import_bundle(bundle=member.bundle, now=timezone.now()))
        except NotReadable as problem:
            total.problems[f"bundle: {problem}"] += 1

    def _show(self, done: int, count: int, resources: int) -> None:
        """Draw the bar: counts only, a file's name may be a patient's."""
        if not self.stdout.isatty() and done != count:
            return
        filled = BAR * done // count
        bar = "#" * filled + "." * (BAR - filled)
        self.stdout.write(f"\r[{bar}] {done}/{count} files, {resources} resources", ending="")
        self.stdout.flush()

"""`manage.py load_codes` reads an official release into the database."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic.terminology.loading import sources, store
from clinic.terminology.loading.progress import Progress
from clinic.terminology.loading.rows import Odd, Read, Row, batches

BATCH = 5_000
SHOWN_ODD = 5


class Command(BaseCommand):
    help = (
        "Load a code system: shipped and icd10cm without a file, the others from the official "
        "release. May be run again at any time; what a new release no longer holds is retired."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("system", nargs="?", choices=sorted(sources.SOURCES))
        parser.add_argument("file", nargs="?", type=Path)
        parser.add_argument(
            "--start", action="store_true", help="what every start needs; silent if nothing changed"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["start"]:
            for name in sources.at_start():
                self.load(name, None, told=False)
        elif options["system"]:
            self.load(options["system"], options["file"])
        else:
            raise CommandError(f"Name a code system: {', '.join(sorted(sources.SOURCES))}.")

    def load(self, name: str, path: Path | None, *, told: bool = True) -> None:
        """Load one source and say what came of it; without `told` only where anything changed."""
        source = sources.SOURCES[name]
        try:
            with source.open(path) as read:
                stored, odd = self._store(source, read)
        except (OSError, sources.NotThatFile) as error:
            raise CommandError(str(error)) from None
        if not (told or stored.wrote):
            return
        self.stdout.write(
            f"{source.title}: {stored.added:,} added, {stored.changed:,} changed, "
            f"{stored.retired:,} retired, {stored.same:,} as before"
        )
        self._report(odd)

    def _store(self, source: sources.Source, read: Read) -> tuple[store.Stored, list[Odd]]:
        odd: list[Odd] = []
        stored = store.Stored()
        progress = Progress(self.stderr, title=source.title)
        for batch in batches(_good(read, odd), BATCH):
            store.store_batch(rows=batch, into=stored, shipped=source.shipped)
            progress.show(len(stored.seen))
        if not stored.seen:
            raise sources.NotThatFile(f"Nothing in it is of {source.title}; nothing was changed.")
        store.retire_missing(systems=source.retires, into=stored, shipped=source.shipped)
        if stored.wrote:
            store.learn_words(kinds=stored.kinds)
        progress.done()
        return stored, odd

    def _report(self, odd: list[Odd]) -> None:
        if not odd:
            return
        self.stdout.write(f"{len(odd):,} lines were left out:")
        for reason, count in Counter(one.reason for one in odd).most_common():
            lines = [str(one.line) for one in odd if one.reason == reason][:SHOWN_ODD]
            self.stdout.write(f"  {count:,} x {reason} (line {', '.join(lines)}, ...)")


def _good(read: Read, odd: list[Odd]) -> Iterator[Row]:
    """Pass the rows on and put the odd lines aside."""
    for item in read:
        if isinstance(item, Odd):
            odd.append(item)
        else:
            yield item

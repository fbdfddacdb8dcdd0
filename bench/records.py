"""Server time of the pages of a record against how much is in it.

A database is made for it and thrown away: one patient, whose record grows from 100 to 3,000
invented entries. Each page is asked for as its patient asks, through every middleware, and rendered
whole. The reference is the same page over the smallest record.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.rows import Row

ROOT = Path(__file__).resolve().parent.parent
ENTRIES = (100, 750, 3_000)
TARGET = "<= 150 ms"


def measured(entries: tuple[int, ...]) -> dict[str, dict[str, float]]:
    """Return the median of each page by the number of entries, in milliseconds."""
    from config.launcher.postgres import THROW_AWAY
    from config.launcher.services import services

    with (
        tempfile.TemporaryDirectory(prefix="betony-bench-") as home,
        services(Path(home), postgres_options=THROW_AWAY, given={}) as found,
    ):
        done = subprocess.run(
            [sys.executable, "-m", "bench.records_clinic", *map(str, entries)],
            env={**os.environ, **found, "DJANGO_SETTINGS_MODULE": "config.settings.test"},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            check=True,
        )
    result: dict[str, dict[str, float]] = json.loads(done.stdout)
    return result


def rows(entries: tuple[int, ...] = ENTRIES) -> list[Row]:
    """Measure everything; about a minute on two cores."""
    found: dict[str, Any] = measured(entries)
    smallest = str(entries[0])
    return [
        _row(page, taken, count, smallest)
        for page, taken in found.items()
        for count in map(str, entries)
    ]


def _row(page: str, taken: dict[str, float], count: str, smallest: str) -> Row:
    least = taken[smallest]
    ratio = taken[count] / least if count != smallest else None
    return Row(
        f"{page}, {int(count):,} entries",
        taken[count],
        "ms",
        f"{int(smallest):,} entries {least:.1f} ms",
        ratio,
        TARGET,
    )


if __name__ == "__main__":
    from bench.__main__ import show

    show(rows())

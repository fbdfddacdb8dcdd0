"""Free times of a doctor-day, of a month and of a whole clinic, against a bare scan of their rows.

A database is made for it and thrown away. What is measured is what a page asks for: rules and
claims read by the product's selector, then the engine; the reference fetches the same visits.
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

SIZES = (10_000, 1_000_000)
ROOT = Path(__file__).resolve().parent.parent


def measured(sizes: tuple[int, ...]) -> dict[str, list[dict[str, Any]]]:
    """Return the medians of every case for each table size, from a process of its own."""
    from config.launcher.postgres import THROW_AWAY
    from config.launcher.services import services

    with (
        tempfile.TemporaryDirectory(prefix="betony-bench-") as home,
        services(Path(home), postgres_options=THROW_AWAY, given={}) as found,
    ):
        done = subprocess.run(
            [sys.executable, "-m", "bench.engine_clinic", *map(str, sizes)],
            env={**os.environ, **found, "DJANGO_SETTINGS_MODULE": "config.settings.test"},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            check=True,
        )
    result: dict[str, list[dict[str, Any]]] = json.loads(done.stdout)
    return result


def rows(sizes: tuple[int, ...] = SIZES) -> list[Row]:
    """Measure everything; about a minute on two cores."""
    found = measured(sizes)
    smallest, largest = (found[str(size)] for size in (min(sizes), max(sizes)))
    table: list[Row] = []
    for size in sizes:
        table += [row for case in found[str(size)] for row in _against_scan(size, case)]
    for small, large in zip(smallest, largest, strict=True):
        table.append(_growth(small, large))
    return table


def _name(case: dict[str, Any]) -> str:
    return f"{case['doctors']} x {case['days']} days"


def _against_scan(size: int, case: dict[str, Any]) -> list[Row]:
    whole_clinic = case["doctors"] > 1
    reference = f"{case['visits']:,} visits fetched {case['scan_ms']:.2f} ms"
    return [
        Row(
            f"{what}, {_name(case)}, {size:,} visits",
            case[figure],
            "ms",
            reference,
            case[figure] / case["scan_ms"],
            "<= 3" if whole_clinic and figure == "counts_ms" else "",
        )
        for what, figure in (("free times per day", "counts_ms"), ("every start", "starts_ms"))
    ]


def _growth(small: dict[str, Any], large: dict[str, Any]) -> Row:
    """Compare the quietest rounds: the two tables are measured a minute apart."""
    return Row(
        f"growth of {_name(large)} with the table",
        large["counts_least_ms"],
        "ms",
        f"smallest table {small['counts_least_ms']:.2f} ms",
        large["counts_least_ms"] / small["counts_least_ms"],
        "<= 1.5",
    )


if __name__ == "__main__":
    for row in rows():
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        sys.stdout.write(f"{row.name:<50} {row.value:9.2f} {row.unit} {ratio:>6} {row.target:<6}")
        sys.stdout.write(f" {row.reference}\n")

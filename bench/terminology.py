"""Suggestions while somebody types, over all of ICD-10-CM, against a bare lookup by an index.

A database is made for it and thrown away. 500 different beginnings, plain names, codes and mistyped
words; the reference fetches ten rows whose code begins like what was typed.
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


def measured() -> dict[str, Any]:
    """Return all figures, from a process of its own."""
    from config.launcher.postgres import THROW_AWAY
    from config.launcher.services import services

    with (
        tempfile.TemporaryDirectory(prefix="betony-bench-") as home,
        services(Path(home), postgres_options=THROW_AWAY, given={}) as found,
    ):
        done = subprocess.run(
            [sys.executable, "-m", "bench.terminology_clinic"],
            env={**os.environ, **found, "DJANGO_SETTINGS_MODULE": "config.settings.test"},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            check=True,
        )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def rows() -> list[Row]:
    """Measure everything; about half a minute on two cores."""
    found = measured()
    bare, search = found["bare"], found["search"]
    table = [
        Row(
            f"suggestions of conditions, {figure}",
            search[figure],
            "ms",
            f"ten codes by their index {bare[figure]:.2f} ms",
            search[figure] / bare[figure],
            target,
        )
        for figure, target in (("p50", "<= 5 ms"), ("p99", "<= 50 ms"), ("slowest", ""))
    ]
    table.append(
        Row(
            "the first question of a process",
            found["first_ms"],
            "ms",
            f"every later one, p50 {search['p50']:.2f} ms",
            found["first_ms"] / search["p50"],
            "<= 200 ms",
        )
    )
    empty = f"{found['empty']} of 500 without an answer"
    table.append(Row("codes of the first start loaded", found["loading_s"], "s", empty))
    table.append(Row("the same at every later start", found["again_s"], "s", ""))
    return table


if __name__ == "__main__":
    from bench.__main__ import show

    show(rows())

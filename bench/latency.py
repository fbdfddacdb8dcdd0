"""From the commit of a booking to the last of 200 browsers' frames, end to end.

Everything is real: PostgreSQL, Valkey, the booking service with audit and reminders, the hub, one
render, 200 sockets on the same doctor-day. The reference is the least it could take: a query that
commits nothing and one message through Valkey and back.
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
SOCKETS = 200


def measured(sockets: int = SOCKETS) -> dict[str, Any]:
    """Return the figures, from a process of its own on servers of its own."""
    from config.launcher.postgres import THROW_AWAY
    from config.launcher.services import services

    with (
        tempfile.TemporaryDirectory(prefix="betony-bench-") as home,
        services(Path(home), postgres_options=THROW_AWAY, given={}) as found,
    ):
        done = subprocess.run(
            [sys.executable, "-m", "bench.latency_clinic", str(sockets)],
            env={**os.environ, **found, "DJANGO_SETTINGS_MODULE": "bench.latency_settings"},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            check=True,
        )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def rows(sockets: int = SOCKETS) -> list[Row]:
    """Measure; about half a minute."""
    found = measured(sockets)
    bare = found["bare_ms"]
    reference = f"query + Valkey and back {bare:.1f} ms"
    return [
        Row(
            f"commit of a booking to last of {sockets} browsers, median",
            found["median_ms"],
            "ms",
            reference,
            found["median_ms"] / bare,
        ),
        Row(
            f"commit of a booking to last of {sockets} browsers, p99",
            found["p99_ms"],
            "ms",
            reference,
            found["p99_ms"] / bare,
            "<= 100 ms",
        ),
    ]


if __name__ == "__main__":
    from bench.__main__ import show

    show(rows())

"""Reminders a second of one worker process, against a bare smtplib loop to the same mail server.

The database keeps its promises (fsync on): every message costs the two commits of the product. The
reference sends messages that were composed before, each of the same bytes, over one connection.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.rows import Row

ROOT = Path(__file__).resolve().parent.parent
MESSAGES, ROUNDS = 500, 3


@contextmanager
def mail_server() -> Iterator[int]:
    """Run an SMTP server that forgets what it is given; yield its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    address = f"127.0.0.1:{port}"
    server = subprocess.Popen(
        [sys.executable, "-m", "aiosmtpd", "-n", "-l", address, "-c", "aiosmtpd.handlers.Sink"]
    )
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait()


def measured(messages: int, rounds: int) -> dict[str, Any]:
    """Return the medians of both loops, from a process of its own."""
    from config.launcher.services import services

    with (
        tempfile.TemporaryDirectory(prefix="betony-bench-") as home,
        services(Path(home), given={}) as found,
        mail_server() as port,
    ):
        done = subprocess.run(
            [sys.executable, "-m", "bench.reminders_clinic", str(port), str(messages), str(rounds)],
            env={**os.environ, **found, "DJANGO_SETTINGS_MODULE": "config.settings.test"},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            check=True,
        )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def rows(messages: int = MESSAGES, rounds: int = ROUNDS) -> list[Row]:
    """Measure both; about half a minute."""
    found = measured(messages, rounds)
    rate, bare = found["reminders_per_second"], found["bare_per_second"]
    return [
        Row(
            "reminders sent, one worker process (>= 200/s)",
            rate,
            "/s",
            f"bare smtplib loop {bare:.0f}/s, same bytes, same server",
            rate / bare,
            ">= 0.5",
        ),
        Row(
            "planning the messages of a booking",
            found["planning_ms"],
            "ms",
            f"{found['planning_statements']} statements in the booking's transaction",
        ),
    ]


if __name__ == "__main__":
    for row in rows():
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        sys.stdout.write(f"{row.name:<50} {row.value:9.2f} {row.unit} {ratio:>6} {row.target:<6}")
        sys.stdout.write(f" {row.reference}\n")

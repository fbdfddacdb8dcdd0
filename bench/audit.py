"""What the audit trail costs: eight writers with and without it, sealing, verifying.

Real commits on a database that keeps its promises (fsync on), eight processes; with and without
take turns, so that what else the machine does meets both.
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
WRITERS, TURNS, SECONDS = 8, 4, 1.0
# What else a request does inside its transaction.
WORK_MS = 5.0
PAGE_EVENTS, CHAIN_EVENTS = 5_000, 100_000


def measured(*, seconds: float = SECONDS, events: int = CHAIN_EVENTS) -> dict[str, Any]:
    """Return all figures, from a database of its own."""
    from config.launcher.services import services

    with (
        tempfile.TemporaryDirectory(prefix="betony-bench-") as home,
        services(Path(home), given={}) as found,
    ):
        environment = {**os.environ, **found, "DJANGO_SETTINGS_MODULE": "bench.latency_settings"}
        _result(_started(environment, "prepare"))
        small = _together(environment, seconds, 0)
        usual = _together(environment, seconds, WORK_MS)
        pages = _result(_started(environment, "pages", str(PAGE_EVENTS)))
        chain = _result(_started(environment, "chain", str(events)))
    return {"small": small, "usual": usual} | pages | chain


def _together(environment: dict[str, str], seconds: float, work_ms: float) -> dict[str, float]:
    """Return the transactions a second of all writers, of either kind."""
    arguments = ("writer", str(TURNS), str(seconds), str(work_ms))
    started = [_started(environment, *arguments) for _ in range(WRITERS)]
    for process in started:
        assert process.stdout is not None
        process.stdout.readline()
    for process in started:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.flush()
    results = [_result(process) for process in started]
    return {kind: sum(result[kind] for result in results) for kind in ("bare", "audited")}


def _started(environment: dict[str, str], *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "bench.audit_clinic", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, cwd=ROOT, stdin=pipe, stdout=pipe)


def _result(process: subprocess.Popen[bytes]) -> Any:
    said, _ = process.communicate(timeout=600)
    if process.returncode:
        raise RuntimeError("a program of the benchmark failed")
    return json.loads(said)


def rows(*, seconds: float = SECONDS, events: int = CHAIN_EVENTS) -> list[Row]:
    """Measure everything; about a minute on two cores."""
    found = measured(seconds=seconds, events=events)
    usual, small = found["usual"], found["small"]
    return [
        Row(
            f"audited transactions with {WORK_MS:.0f} ms of other work, {WRITERS} writers",
            usual["audited"],
            "/s",
            f"the same without audit {usual['bare']:,.0f}/s",
            usual["audited"] / usual["bare"],
            ">= 0.8",
        ),
        Row(
            f"audited transactions of one INSERT, {WRITERS} writers",
            small["audited"],
            "/s",
            f"the same without audit {small['bare']:,.0f}/s",
            small["audited"] / small["bare"],
        ),
        Row(
            "events of list pages, 50 in a statement",
            found["many"],
            "/s",
            f"one by one {found['single']:,.0f}/s",
            found["many"] / found["single"],
            ">= 2",
        ),
        Row(
            f"sealing {found['events']:,} events",
            found["sealed_per_second"],
            "/s",
            f"the writers {small['audited']:,.0f}/s",
            found["sealed_per_second"] / small["audited"],
            ">= 5",
        ),
        Row("an idle pass of the sealer after them", found["idle_ms"], "ms", "", None, "<= 300 ms"),
        Row(
            "verifying the chain",
            found["verified_per_second"],
            "/s",
            f"sealing {found['sealed_per_second']:,.0f}/s",
            found["verified_per_second"] / found["sealed_per_second"],
            ">= 20,000/s",
        ),
    ]


if __name__ == "__main__":
    from bench.__main__ import show

    show(rows())

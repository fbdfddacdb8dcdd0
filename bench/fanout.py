"""From an announcement to the last of N browsers: our hub, a stock consumer, and the raw limit.

Each contender is a server of its own on one core; the load generator has the other. They take turns
(A B C A B C ...), so that what else the machine does meets all of them; medians are compared.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.rows import Row

SIZES = (200, 1_000, 2_000)
ROUNDS = 3
EVENTS = {"raw": 30, "hub": 30, "stock": 8}
RATE = 8
READY_SECONDS = 30
HERE = Path(__file__).resolve().parent
ROOT = HERE.parent


@dataclass(frozen=True, slots=True)
class Contender:
    """A server to measure: its command line without the port, and its environment."""

    name: str
    command: tuple[str, ...]
    layer: str = "realtime.layer.LiveChannelLayer"


RAW = Contender("raw", (str(HERE / "raw_server.py"),))
HUB = Contender(
    "hub", ("-m", "realtime.server", "--application", "bench.fanout_hub_app:application", "--port")
)
STOCK = Contender(
    "stock",
    ("-m", "daphne", "-v", "0", "--websocket_connect_timeout", "60")
    + ("bench.fanout_stock_app:application", "-p"),
    layer="channels_redis.pubsub.RedisPubSubChannelLayer",
)


def say(text: str) -> None:
    sys.stderr.write(f"  {text}\n")


@contextlib.contextmanager
def serving(contender: Contender, environment: dict[str, str]) -> Iterator[tuple[int, int]]:
    """Run a contender; yield its port and process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, *contender.command, str(port)],
        cwd=ROOT,
        env={**os.environ, **environment, "BENCH_LAYER": contender.layer},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: _stay_on(0),
    )
    try:
        _wait_for(port, process)
        yield port, process.pid
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _stay_on(core: int) -> None:
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[core % len(cores)]})


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError("a server of the benchmark ended early")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError("a server of the benchmark did not start")


def measure(
    contender: Contender, order: dict[str, Any], environment: dict[str, str]
) -> dict[str, Any]:
    """Run one contender once."""
    with serving(contender, environment) as (port, pid):
        order = {**order, "port": port, "pid": pid, "raw": contender is RAW}
        client = subprocess.run(
            [sys.executable, "-m", "bench.fanout_client"],
            input=json.dumps(order),
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, **environment},
            preexec_fn=lambda: _stay_on(1),
            timeout=300,
        )
    if client.returncode:
        raise RuntimeError(client.stderr[-2000:])
    result: dict[str, Any] = json.loads(client.stdout)
    return result


def paths(count: int, environment: dict[str, str]) -> list[str]:
    """Return the socket paths of so many visitors' pages."""
    answer = subprocess.run(
        [sys.executable, "-m", "bench.fanout_pages", str(count)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
        check=True,
    )
    pages: list[str] = json.loads(answer.stdout)
    return pages


@contextlib.contextmanager
def valkey() -> Iterator[dict[str, str]]:
    """Run a Valkey of its own; yield the environment that leads to it."""
    from config.launcher.valkey import Valkey

    with tempfile.TemporaryDirectory() as home:
        server = Valkey(Path(home), secrets.token_urlsafe(16))
        server.start()
        try:
            yield {
                "BENCH_REDIS_URL": server.url,
                "DJANGO_SETTINGS_MODULE": "bench.fanout_settings",
            }
        finally:
            server.stop()


def rows(sizes: tuple[int, ...] = SIZES, rounds: int = ROUNDS) -> list[Row]:
    """Measure everything; about four minutes on two cores."""
    table: list[Row] = []
    with valkey() as environment:
        pages = paths(max(sizes), environment)
        for size in sizes:
            table += fan_out(size, rounds, pages[:size], environment)
        table += storm(pages, environment)
    return table


def fan_out(size: int, rounds: int, pages: list[str], environment: dict[str, str]) -> list[Row]:
    """Return the rows of one number of sockets."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for turn in range(rounds):
        for contender in (RAW, HUB, STOCK):
            if contender is STOCK and turn > 0 and size > min(SIZES):
                continue  # half a minute each, and the ratio is in the tens
            order = {"paths": pages, "events": EVENTS[contender.name], "rate": RATE}
            result = measure(contender, order, environment)
            found[contender.name].append(result)
            say(
                f"{size:>5} sockets, {contender.name:<5} {turn + 1}: last after"
                f" {result['last_ms']:.1f} ms, {result['cpu_us']:.1f} us each,"
                f" {result['connected']} connected, {result['missed']} missed"
            )
    last, cpu = _medians(found, "last_ms"), _medians(found, "cpu_us")
    limits = size == max(SIZES)
    return [
        Row(
            f"announcement to the last of {size:,} sockets",
            last["hub"],
            "ms",
            f"raw server {last['raw']:.1f} ms",
            last["hub"] / last["raw"],
            "<= 1.2" if limits else "",
        ),
        Row(
            f"CPU per delivery, {size:,} sockets",
            cpu["hub"],
            "us",
            f"raw server {cpu['raw']:.1f} us",
            cpu["hub"] / cpu["raw"],
            "<= 1.3" if limits else "",
        ),
        Row(
            f"stock Channels consumer, {size:,} sockets",
            last["stock"],
            "ms",
            f"our hub {last['hub']:.1f} ms",
            last["stock"] / last["hub"],
            ">= 20" if limits else "",
        ),
    ]


def _medians(found: dict[str, list[dict[str, Any]]], figure: str) -> dict[str, float]:
    return {
        name: statistics.median(result[figure] for result in results)
        for name, results in found.items()
    }


def storm(pages: list[str], environment: dict[str, str]) -> list[Row]:
    """Return the row of every socket connecting at the same moment."""
    order = {"paths": pages, "events": 5, "rate": RATE, "storm": True}
    result = measure(HUB, order, environment)
    say(f"storm: {result['connected']} of {len(pages)} in {result['connect_s']:.2f} s")
    refused = len(pages) - result["connected"]
    return [
        Row(
            f"{len(pages):,} sockets reconnect at once, {refused} refused",
            result["connect_s"],
            "s",
            "3 s",
            result["connect_s"] / 3,
            "<= 1",
        ),
        Row("memory of an idle socket", result["memory_kb"], "KB", "", None, ""),
    ]


if __name__ == "__main__":
    for row in rows():
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        sys.stdout.write(
            f"{row.name:<50}{row.value:>9.1f} {row.unit:<3} {row.reference:<24} {ratio:>7}"
            f" {row.target}\n"
        )

"""Bookings a second through the whole stack, times of a day, and the five main pages, over HTTP.

Everything is real: two server processes, PostgreSQL, Valkey, sessions, CSRF, audit, reminders, live
announcements. Eight browsers post one booking after the other, each of a time of its own. The
reference of bookings inserts rows into an equal table and does nothing else.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.rows import Row

ROOT = Path(__file__).resolve().parent.parent
CLIENTS = 8
SERVERS = 2
SECONDS = 10.0
ROUNDS = 60
SECRET = "benchsecretbenchsecretbenchsecre"  # noqa: S105
STARTS_A_DAY, STEP, DAY = 24, 20 * 60, 24 * 60 * 60
READY_SECONDS = 60

# The best of the peers measured side by side on such a machine: docs/decisions.
PEER_BOOKINGS, PEER_DAY_MS, PEER_MONTH_MS = 82, 15, 20


def say(text: str) -> None:
    sys.stderr.write(f"  {text}\n")
    sys.stderr.flush()


class Browser:
    """One connection that is kept, one session."""

    def __init__(self, port: int, session: str = "") -> None:
        self.session = session
        self.socket = socket.create_connection(("127.0.0.1", port), 60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""

    def get(self, path: str) -> int:
        return self._ask(f"GET {path} HTTP/1.1\r\n{self._head()}\r\n".encode())

    def post(self, path: str, form: Mapping[str, Any]) -> int:
        body = urlencode(form)
        return self._ask(
            f"POST {path} HTTP/1.1\r\n{self._head()}X-CSRFToken: {SECRET}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )

    def _head(self) -> str:
        return f"Host: 127.0.0.1\r\nCookie: sid={self.session}; csrf={SECRET}\r\n"

    def _ask(self, request: bytes) -> int:
        self.socket.sendall(request)
        while b"\r\n\r\n" not in self.rest:
            self._more()
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
        while len(self.rest) < length:
            self._more()
        self.rest = self.rest[length:]
        return int(head.split(b" ", 2)[1])

    def _more(self) -> None:
        chunk = self.socket.recv(1 << 18)
        if not chunk:
            raise ConnectionError("the server hung up")
        self.rest += chunk


class Booker(threading.Thread):
    """Books one free time after the other until the moment has come."""

    def __init__(self, number: int, ports: list[int], clinic: dict[str, Any], ends: float) -> None:
        super().__init__(daemon=True)
        self.number, self.clinic, self.ends = number, clinic, ends
        self.browser = Browser(ports[number % len(ports)])
        self.answers: Counter[int] = Counter()
        self.taken_ms: list[float] = []

    def run(self) -> None:
        clinic, doctors = self.clinic, self.clinic["doctors"]
        while time.monotonic() < self.ends:
            # Every booker has doctors and patients of its own; each time is asked for once.
            turn = clinic["turns"][self.number]
            clinic["turns"][self.number] += 1
            own = doctors[self.number :: CLIENTS]
            slot, doctor = divmod(turn, len(own))
            patients = clinic["sessions"][self.number :: CLIENTS]
            self.browser.session = patients[turn % len(patients)]
            began = time.perf_counter()
            self.answers[self.browser.post("/book/", self._form(own[doctor], slot))] += 1
            self.taken_ms.append((time.perf_counter() - began) * 1000)

    def _form(self, doctor: str, slot: int) -> dict[str, Any]:
        day, step = divmod(slot, STARTS_A_DAY)
        return {
            "practitioner": doctor,
            "type": self.clinic["type"],
            "how": "i",
            "start": self.clinic["opens"] + day * DAY + step * STEP,
            "key": uuid.uuid4().hex,
            "reason": "Blood pressure",
            "notes": "",
        }


@contextlib.contextmanager
def serving(environment: dict[str, str]) -> Iterator[tuple[list[int], list[int]]]:
    """Run the server processes; yield their ports and process ids."""
    ports = [_free_port() for _ in range(SERVERS)]
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "realtime.server", "--port", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        for port in ports
    ]
    try:
        for port in ports:
            _wait_for(port)
        yield ports, [process.pid for process in processes]
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(15)
            process.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError("a server of the benchmark did not start")


def cpu_seconds(pids: list[int]) -> float:
    """Return the processor time that these processes have used so far."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def book(ports: list[int], clinic: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Let eight browsers book for a while; return how many, how long each took, what else came."""
    began = time.monotonic()
    bookers = [Booker(n, ports, clinic, began + seconds) for n in range(CLIENTS)]
    for booker in bookers:
        booker.start()
    for booker in bookers:
        booker.join()
    answers = sum((booker.answers for booker in bookers), Counter[int]())
    taken = sorted(ms for booker in bookers for ms in booker.taken_ms)
    return {
        "a_second": answers[302] / (time.monotonic() - began),
        "answers": answers,
        "p50": statistics.median(taken),
        "p99": taken[int(len(taken) * 0.99)],
    }


def p50(port: int, session: str, path: str) -> float:
    """Return the median time of a page, asked for again and again by one browser."""
    browser = Browser(port, session)
    taken = []
    for _ in range(ROUNDS + 5):
        began = time.perf_counter()
        status = browser.get(path)
        taken.append((time.perf_counter() - began) * 1000)
        if status != 200:
            raise RuntimeError(f"{path} answered {status}")
    return statistics.median(taken[5:])


def measured(seconds: float = SECONDS) -> dict[str, Any]:
    """Return all figures, from servers and a database of their own."""
    from config.launcher.postgres import THROW_AWAY
    from config.launcher.services import services

    with (
        tempfile.TemporaryDirectory(prefix="betony-bench-") as home,
        services(Path(home), postgres_options=THROW_AWAY, given={}) as found,
    ):
        environment = {
            **os.environ,
            **found,
            "DJANGO_SETTINGS_MODULE": "bench.bookings_settings",
            "DB_POOL_SIZE": "8",
        }
        say("preparing the clinic")
        clinic = _program(environment, "prepare")
        clinic["turns"] = [0] * CLIENTS
        with serving(environment) as (ports, pids):
            say("warming up")
            book(ports, clinic, seconds / 3)
            references, booked, cpu = [], [], 0.0
            for turn in range(2):
                say(f"bare inserts and bookings, turn {turn + 1} of 2")
                references.append(_program(environment, "bare", str(CLIENTS), str(seconds / 4)))
                before = cpu_seconds(pids)
                booked.append(book(ports, clinic, seconds))
                cpu += cpu_seconds(pids) - before
            say("pages")
            pages = _pages(ports[0], clinic)
    answers = sum((one["answers"] for one in booked), Counter[int]())
    return {
        "bookings": statistics.mean(one["a_second"] for one in booked),
        "bare": statistics.mean(references),
        "p50": statistics.mean(one["p50"] for one in booked),
        "p99": max(one["p99"] for one in booked),
        "cpu_ms": cpu / answers[302] * 1000,
        "answers": answers,
        "pages": pages,
    }


def _program(environment: dict[str, str], *arguments: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "bench.bookings_clinic", *arguments],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout)


def _pages(port: int, clinic: dict[str, Any]) -> dict[str, float]:
    patient, desk = clinic["sessions"][0], clinic["desk"]
    doctor, date = clinic["doctors"][0], clinic["first"]
    where = f"{doctor}/{clinic['type']}/{date}/".replace(doctor, str(uuid.UUID(doctor)), 1)
    where = where.replace(clinic["type"], str(uuid.UUID(clinic["type"])), 1)
    dashed = str(uuid.UUID(doctor))
    return {
        "empty": p50(port, "", "/healthz"),
        "day": p50(port, "", f"/bench/day/{where}"),
        "month": p50(port, "", f"/bench/month/{where}"),
        "Home": p50(port, patient, "/"),
        "Find a doctor": p50(port, patient, "/doctors/"),
        "Choose a time": p50(port, patient, f"/doctors/{dashed}/?day={date}"),
        "Visits": p50(port, patient, "/visits/"),
        "Day board": p50(port, desk, f"/board/{dashed}/{date}/"),
    }


def rows(seconds: float = SECONDS) -> list[Row]:
    """Measure everything; about a minute on two cores."""
    found = measured(seconds)
    pages = dict(found["pages"])
    empty = pages.pop("empty")
    other = {status: n for status, n in found["answers"].items() if status != 302}
    bare = f"bare inserts {found['bare']:,.0f}/s" + (f"; other answers {other}" if other else "")
    nothing = f"an empty page {empty:.1f} ms"
    whole = [
        Row(
            f"bookings, {CLIENTS} browsers, whole stack",
            found["bookings"],
            "/s",
            bare,
            found["bookings"] / found["bare"],
            f">= {3 * PEER_BOOKINGS}/s, 3 x the best peer",
        ),
        Row("one booking, p50", found["p50"], "ms", nothing, found["p50"] / empty),
        Row("one booking, p99", found["p99"], "ms", nothing, found["p99"] / empty),
        Row("processor time of the servers, one booking", found["cpu_ms"], "ms", ""),
    ]
    for key, name, target in (
        ("day", "free times of one day, fragment, p50", PEER_DAY_MS),
        ("month", "strip of 30 days, fragment, p50", PEER_MONTH_MS),
    ):
        value = pages.pop(key)
        whole.append(Row(name, value, "ms", nothing, value / empty, f"<= {target} ms"))
    return whole + [
        Row(f"page {name}, p50", value, "ms", nothing, value / empty, "<= 40 ms")
        for name, value in pages.items()
    ]


if __name__ == "__main__":
    from bench.__main__ import show

    show(rows())

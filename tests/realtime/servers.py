"""Real processes for the tests: a Valkey that can be killed, our server, pages."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import redis
from channels.layers import channel_layers
from django.utils import timezone
from websockets.asyncio.client import ClientConnection

from clinic.people.viewer import VISITOR
from config.launcher.valkey import free_port, program
from realtime import bus, registry, tokens
from realtime.routing import socket_path

ROOT = Path(__file__).resolve().parents[2]
PIECE = re.compile(r'id="(p\d)" data-version="(\d+)"')
READY_SECONDS = 30


class KillableValkey:
    """A Valkey on a fixed port that dies without a word and comes back empty."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.password = secrets.token_urlsafe(12)
        self.url = f"redis://:{self.password}@127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [program(), "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        command += ["--requirepass", self.password, "--dir", str(self.home)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        with redis.Redis.from_url(self.url) as client:
            wait_until(lambda: _pings(client))

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()


def _pings(client: redis.Redis) -> bool:
    with contextlib.suppress(redis.ConnectionError):
        return bool(client.ping())
    return False


def wait_until(condition: Any, seconds: float = READY_SECONDS) -> None:
    """Return as soon as something holds; fail when it has not come to."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


@dataclass
class Truth:
    """The file behind `file.<name>`: change it, and say so or not."""

    path: Path
    version: int = 0
    pieces: dict[str, int] = field(default_factory=lambda: {f"p{n}": 0 for n in range(5)})
    size: int = 0

    def commit(self) -> None:
        whole = {"version": max(self.pieces.values()), "pieces": self.pieces, "size": self.size}
        beside = self.path.with_suffix(".new")
        beside.write_text(json.dumps(whole))
        beside.replace(self.path)

    def change(self, *, announce: bool = True) -> None:
        # The label last, as the product reads it first: it is never ahead of the content.
        version = self.version + 1
        self.pieces[f"p{version % 5}"] = version
        self.commit()
        self.version = version
        if announce:
            bus.announce_dirty([("file.one", self.version)])


class Server:
    """`python -m realtime.server` in a process of its own."""

    def __init__(self, environment: dict[str, str], application: str) -> None:
        self.port = free_port()
        command = ["-m", "realtime.server", "--application", application, "--port", str(self.port)]
        self.process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env={**os.environ, **environment, "DJANGO_SETTINGS_MODULE": "config.settings.test"},
        )
        wait_until(self._listens)

    def _listens(self) -> bool:
        assert self.process.poll() is None, "the server ended early"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def address(self, token: str) -> str:
        return f"ws://127.0.0.1:{self.port}{socket_path(token)}"

    def memory_kb(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+)", status)
        assert found
        return int(found[1])

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def token_for(truth: Truth) -> str:
    """Return the token of a page rendered at this moment."""
    shown = [tokens.Shown("file.one", truth.version)]
    return tokens.issue(viewer=VISITOR, session_key=None, topics=shown, now=timezone.now())


@dataclass
class Page:
    """What a browser's page shows: the version of each piece."""

    pieces: dict[str, int]
    went_back: bool = False

    def apply(self, message: str | bytes) -> None:
        assert isinstance(message, str)
        for name, version in PIECE.findall(message):
            if int(version) < self.pieces[name]:
                self.went_back = True
            self.pieces[name] = int(version)

    async def follow(self, connection: ClientConnection) -> None:
        async for message in connection:
            self.apply(message)


@pytest.fixture
def valkey(tmp_path: Path, settings: Any) -> Iterator[KillableValkey]:
    """Run a Valkey of the test's own, and let this process announce through it."""
    server = KillableValkey(tmp_path)
    server.start()
    layer = settings.CHANNEL_LAYERS["default"]
    settings.CHANNEL_LAYERS = {
        "default": {**layer, "CONFIG": {**layer["CONFIG"], "hosts": [server.url]}}
    }
    channel_layers.backends.clear()
    yield server
    server.kill()
    channel_layers.backends.clear()


@pytest.fixture
def truth(tmp_path: Path) -> Iterator[Truth]:
    """Declare `file.<name>` here too, so that tokens can be signed for it."""
    found = Truth(tmp_path / "truth.json")
    found.commit()
    registry.register(
        registry.Kind("file", str, lambda viewer, key: True, lambda key, now: None)  # type: ignore[arg-type,return-value]
    )
    yield found
    registry.unregister("file")


@pytest.fixture
def server(valkey: KillableValkey, truth: Truth) -> Iterator[Server]:
    """Run one server process with the fake topics."""
    running = fake_server(valkey, truth)
    yield running
    running.stop()


def fake_server(valkey: KillableValkey, truth: Truth) -> Server:
    environment = {"REDIS_URL": valkey.url, "TRUTH_FILE": str(truth.path)}
    return Server(environment, "tests.realtime.fake_app:application")

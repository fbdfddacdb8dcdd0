"""The programs of one copy; docker-compose.yml starts the same commands, each in a container."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Program:
    """One program under the supervisor; `name` stands before its log lines."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str]


def web(env: Mapping[str, str], *, host: str, port: int) -> Program:
    command = ("-m", "realtime.server", "--host", host, "--port", str(port))
    return Program("web", (sys.executable, *command), env)


def worker(env: Mapping[str, str]) -> Program:
    """Threads, not processes: a reminder waits for SMTP and the database, not for the processor."""
    command = (
        *("-m", "celery", "--quiet", "-A", "config.celery", "worker"),
        *("--pool", "threads", "--concurrency", "4", "--loglevel", "WARNING"),
        # One worker has no neighbors to greet; greeting costs a second at every start.
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    )
    return Program("worker", (sys.executable, *command), env)


def beat(env: Mapping[str, str], *, schedule: Path) -> Program:
    command = (
        *("-m", "celery", "--quiet", "-A", "config.celery", "beat", "--loglevel", "WARNING"),
        *("--pidfile=", "--schedule", str(schedule)),
    )
    return Program("beat", (sys.executable, *command), env)


def mail_sink(env: Mapping[str, str], *, port: int, folder: Path) -> Program:
    command = ("-m", "config.mailsink", "--port", str(port), "--folder", str(folder))
    return Program("mail", (sys.executable, *command), env)

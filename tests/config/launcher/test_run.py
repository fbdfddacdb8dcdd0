"""The whole product starts with one command, answers, and stops without a trace."""

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.env import ROOT, Environment
from config.healthcheck import answers
from config.launcher.valkey import free_port

LAST_LINE = "Stop with Ctrl-C"


@contextmanager
def running(var: Path, port: int) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A copy that has said it is ready, and the lines it said before."""
    known = {name.upper() for name in Environment.model_fields} | {"DJANGO_SETTINGS_MODULE"}
    env = {name: value for name, value in os.environ.items() if name not in known}
    process = subprocess.Popen(
        [sys.executable, "-m", "config.launcher", "run"],
        cwd=ROOT,
        env=env | {"CLINIC_VAR": str(var), "PORT": str(port), "DEMO": "false", "DEBUG": "true"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    with process:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if LAST_LINE in line:
                break
        try:
            yield process, lines
        finally:
            process.kill()


def stop(process: subprocess.Popen[str]) -> str:
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=60)
    return rest


def processes_of(folder: Path) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if str(folder) in command:
            found.append(command)
    return found


@pytest.mark.slow
def test_one_command_starts_stops_and_starts_again(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"

    with running(tmp_path, port) as (process, lines):
        assert process.poll() is None, "".join(lines)
        assert f"  Betony is ready: {url}\n" in lines
        assert any("patient@example.com" in line for line in lines)
        assert answers(f"{url}/readyz", site_url=url)
        assert not answers(f"{url}/readyz", site_url="http://another.example")
        with urllib.request.urlopen(f"{url}/mail/") as page:
            assert b"Outgoing mail" in page.read()
        rest = stop(process)

    assert process.returncode == 0
    assert "Traceback" not in rest
    assert processes_of(tmp_path) == []
    assert not answers(f"{url}/readyz", site_url=url)

    with running(tmp_path, port) as (process, lines):
        assert f"  Betony is ready: {url}\n" in lines
        stop(process)

    assert process.returncode == 0


def test_debug_off_over_plain_http_is_one_sentence(tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"}}

    done = subprocess.run(
        [sys.executable, "-m", "config.launcher.prepare"],
        cwd=ROOT,
        env=env
        | {
            "CLINIC_VAR": str(tmp_path),
            "DEBUG": "false",
            "SECRET_KEY": "x1y2z3" + os.urandom(40).hex(),
            "FIELD_ENCRYPTION_KEY": "q8mYw2nB7kZ0rT5uVx3cD6fG9hJ1lP4sA+E/iO2aLcM=",
            "EMAIL_URL": "smtps://mail.betony.test",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr == "SITE_URL must start with https:// in production.\n"


@pytest.mark.slow
def test_within_lends_servers_to_a_command() -> None:
    show = "import os; print(os.environ['DB_HOST'], os.path.exists(os.environ['DB_HOST']))"
    env = {**os.environ, "DB_HOST": "db.internal"}

    done = subprocess.run(
        [sys.executable, "-m", "config.launcher", "within", sys.executable, "-c", show],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )

    folder, exists = done.stdout.split()
    assert exists == "True"
    assert folder.startswith("/tmp/betony-")
    assert not Path(folder).exists()

"""Programs run side by side, come back when they end, and leave nothing behind."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from config.launcher import children, stopping
from config.launcher.programs import Program
from config.launcher.stopping import SIGNALS, Stopping
from config.launcher.supervisor import MOST_RESTARTS, Supervisor

FOREVER = "import time; print('up', flush=True); time.sleep(600)"


def python(name: str, code: str) -> Program:
    return Program(name, (sys.executable, "-c", code), dict(os.environ))


def stop_when(out: io.StringIO, text: str, times: int = 1) -> Callable[[], None]:
    deadline = time.monotonic() + 30

    def check() -> None:
        if out.getvalue().count(text) >= times or time.monotonic() > deadline:
            raise Stopping

    return check


def test_output_carries_the_name_of_its_program() -> None:
    out = io.StringIO()

    code = Supervisor(on_tick=stop_when(out, "up", 2), out=out).run(
        [python("web", FOREVER), python("worker", FOREVER)]
    )

    assert code == 0
    assert "web    | up\n" in out.getvalue()
    assert "worker | up\n" in out.getvalue()


def test_stopping_leaves_no_program_running() -> None:
    out = io.StringIO()
    pid = "import os, time; print('pid', os.getpid(), flush=True); time.sleep(600)"

    Supervisor(on_tick=stop_when(out, "pid"), out=out).run([python("web", pid)])

    number = int(out.getvalue().split()[-1])
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


def test_a_program_that_ends_is_started_again() -> None:
    out = io.StringIO()

    Supervisor(on_tick=stop_when(out, "hello", 2), out=out).run([python("web", "print('hello')")])

    assert "ended (code 0); starting it again" in out.getvalue()
    assert out.getvalue().count("hello") >= 2


def test_a_program_that_keeps_ending_stops_the_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "pause", lambda seconds: None)
    out = io.StringIO()

    code = Supervisor(out=out).run([python("web", "raise SystemExit(3)"), python("b", FOREVER)])

    assert code == 1
    assert out.getvalue().count("starting it again") == MOST_RESTARTS
    assert "giving up" in out.getvalue()


@pytest.fixture
def own_signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    stopping.listen()
    yield
    stopping.listen()
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("own_signals")
def test_a_second_signal_is_taken_quietly() -> None:
    stopping.check()

    signal.raise_signal(signal.SIGINT)
    signal.raise_signal(signal.SIGTERM)

    with pytest.raises(Stopping):
        stopping.check()


@pytest.mark.usefixtures("own_signals")
def test_a_signal_stops_the_programs() -> None:
    out = io.StringIO()

    def ask() -> None:
        if "up" in out.getvalue():
            signal.raise_signal(signal.SIGTERM)

    assert Supervisor(on_tick=ask, out=out).run([python("web", FOREVER)]) == 0


@pytest.mark.usefixtures("own_signals")
def test_waiting_for_a_child_ends_when_asked_to_stop() -> None:
    child = children.start([sys.executable, "-c", FOREVER], output=subprocess.DEVNULL)
    signal.raise_signal(signal.SIGINT)

    with pytest.raises(Stopping):
        stopping.wait_for(child)

    children.stop(child)
    assert child.returncode == -signal.SIGTERM


def test_a_child_that_will_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "STOP_SECONDS", 0.05)
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True)"
    child = children.start(
        [sys.executable, "-c", f"{deaf}; import time; time.sleep(600)"], output=subprocess.PIPE
    )
    assert child.stdout is not None and child.stdout.readline() == b"deaf\n"

    children.stop(child)
    children.stop(child)
    child.stdout.close()

    assert child.returncode == -signal.SIGKILL

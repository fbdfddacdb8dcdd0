"""Runs the programs of one copy side by side until someone asks to stop.

One thread, one loop. Output comes out line by line with the program's name before it. A program
that ends is started again; one that keeps ending stops the whole copy.
"""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import IO

from config.launcher import children
from config.launcher.programs import Program

TICK_SECONDS = 0.2
# Started again this often within the window, a program is broken and not just unlucky.
MOST_RESTARTS = 5
RESTART_WINDOW_SECONDS = 60.0


class Stopping(Exception):
    """Someone asked the copy to stop."""


@dataclass
class Running:
    """A program, its present process and when it was started before."""

    program: Program
    process: subprocess.Popen[bytes]
    starts: list[float] = field(default_factory=list)
    unfinished: bytes = b""


@dataclass
class Supervisor:
    """`on_tick` is called a few times a second, for what has to be watched meanwhile."""

    on_tick: Callable[[], None] = lambda: None
    out: IO[str] = field(default_factory=lambda: sys.stdout)
    _running: list[Running] = field(default_factory=list)
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    def run(self, programs: Sequence[Program]) -> int:
        """Run `programs` until Stopping is raised (0) or one of them cannot be kept running (1)."""
        try:
            for program in programs:
                self._running.append(self._start(program))
            while True:
                self._copy_output(TICK_SECONDS)
                self.on_tick()
                for running in self._running:
                    if running.process.poll() is not None and not self._restart(running):
                        return 1
        except Stopping:
            return 0
        finally:
            self._stop_all()

    def _start(self, program: Program) -> Running:
        process = children.start(program.command, env=program.env, output=subprocess.PIPE)
        running = Running(program, process, [time.monotonic()])
        self._listen(running)
        return running

    def _listen(self, running: Running) -> None:
        assert running.process.stdout is not None
        os.set_blocking(running.process.stdout.fileno(), False)
        self._selector.register(running.process.stdout, selectors.EVENT_READ, running)

    def _restart(self, running: Running) -> bool:
        now = time.monotonic()
        running.starts = [at for at in running.starts if now - at < RESTART_WINDOW_SECONDS]
        name, code = running.program.name, running.process.returncode
        if len(running.starts) > MOST_RESTARTS:
            self._say(name, f"ended again (code {code}); giving up, see the lines above")
            return False
        self._say(name, f"ended (code {code}); starting it again")
        time.sleep(min(2.0, 0.2 * len(running.starts)))
        process = children.start(
            running.program.command, env=running.program.env, output=subprocess.PIPE
        )
        running.process, running.unfinished = process, b""
        running.starts.append(time.monotonic())
        self._listen(running)
        return True

    def _copy_output(self, timeout: float) -> None:
        for key, _ in self._selector.select(timeout):
            running: Running = key.data
            chunk = os.read(key.fd, 65536)
            if not chunk:
                self._selector.unregister(key.fileobj)
                if running.process.stdout is not None:
                    running.process.stdout.close()
            *lines, running.unfinished = (running.unfinished + chunk).split(b"\n")
            for line in lines:
                self._say(running.program.name, line.decode("utf-8", "replace"))

    def _say(self, name: str, line: str) -> None:
        self.out.write(f"{name:<7}| {line}\n")
        self.out.flush()

    def _stop_all(self) -> None:
        for running in self._running:
            if running.process.poll() is None:
                running.process.terminate()
        deadline = time.monotonic() + children.STOP_SECONDS
        while time.monotonic() < deadline and self._anyone_left():
            self._copy_output(0.05)
        for running in self._running:
            if running.process.poll() is None:
                running.process.kill()
            running.process.wait()
        self._copy_output(0)
        self._selector.close()

    def _anyone_left(self) -> bool:
        return any(running.process.poll() is None for running in self._running)


def stop_on_signals() -> None:
    """Raise Stopping in the main thread on the first SIGINT or SIGTERM; ignore the ones after it.

    Set even where the shell started us with SIGINT ignored, as it does for background jobs.
    """

    def ask(number: int, frame: FrameType | None) -> None:
        for again in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(again, signal.SIG_IGN)
        raise Stopping

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask)

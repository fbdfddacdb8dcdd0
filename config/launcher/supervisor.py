"""Runs the programs of one copy side by side until someone asks to stop.

One thread, one loop. Output comes out line by line with the program's name before it. A program
that ends is started again; one that keeps ending stops the whole copy.
"""

import os
import selectors
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import IO

from config.launcher import children, stopping
from config.launcher.programs import Program

TICK_SECONDS = 0.2
# Started again this often within the window, a program is broken and not just unlucky.
MOST_RESTARTS = 5
RESTART_WINDOW_SECONDS = 60.0


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
        """Run `programs` until someone asks to stop (0) or one cannot be kept running (1)."""
        try:
            for program in programs:
                self._running.append(self._start(program))
            while True:
                stopping.check()
                self._copy_output(TICK_SECONDS)
                self.on_tick()
                for running in self._running:
                    if running.process.poll() is not None and not self._restart(running):
                        return 1
        except stopping.Stopping:
            return 0
        finally:
            self._stop_all()

    def _start(self, program: Program) -> Running:
        process = children.start(program.command, env=program.env, output=subprocess.PIPE)
        running = Running(program, process, [time.monotonic()])
        self._listen(running)
        return running

    def _restart(self, running: Running) -> bool:
        now = time.monotonic()
        running.starts = [at for at in running.starts if now - at < RESTART_WINDOW_SECONDS]
        name, code = running.program.name, running.process.returncode
        self._copy_rest(running)
        if len(running.starts) > MOST_RESTARTS:
            self._say(name, f"ended again (code {code}); giving up, see the lines above")
            return False
        self._say(name, f"ended (code {code}); starting it again")
        stopping.pause(min(2.0, 0.2 * len(running.starts)))
        running.process = children.start(
            running.program.command, env=running.program.env, output=subprocess.PIPE
        )
        running.starts.append(time.monotonic())
        self._listen(running)
        return True

    def _listen(self, running: Running) -> None:
        assert running.process.stdout is not None
        os.set_blocking(running.process.stdout.fileno(), False)
        self._selector.register(running.process.stdout, selectors.EVENT_READ, running)

    def _copy_output(self, timeout: float) -> None:
        for key, _ in self._selector.select(timeout):
            self._copy_chunk(key.data)

    def _copy_chunk(self, running: Running) -> bool:
        """Print what is there of one program; False when there is no more for now or for ever."""
        pipe = running.process.stdout
        assert pipe is not None
        try:
            chunk = os.read(pipe.fileno(), 65536)
        except BlockingIOError:
            return False
        *lines, running.unfinished = (running.unfinished + chunk).split(b"\n")
        for line in lines:
            self._say(running.program.name, line.decode("utf-8", "replace"))
        if not chunk:
            self._selector.unregister(pipe)
            pipe.close()
        return bool(chunk)

    def _copy_rest(self, running: Running) -> None:
        """Print the last words of a program that has ended, and let go of its pipe."""
        pipe = running.process.stdout
        while pipe is not None and not pipe.closed and self._copy_chunk(running):
            pass
        if pipe is not None and not pipe.closed:
            # Something the program started still holds the other end.
            self._selector.unregister(pipe)
            pipe.close()
        running.unfinished = b""

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
            self._copy_rest(running)
        self._selector.close()

    def _anyone_left(self) -> bool:
        return any(running.process.poll() is None for running in self._running)

"""Ctrl-C and SIGTERM, noticed at points where stopping is safe.

A handler that raised could hit between starting a child and remembering it, and leave it running.
"""

import signal
import subprocess
import threading
import time
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_asked = threading.Event()


class Stopping(Exception):
    """Someone asked the copy to stop."""


def listen() -> None:
    """From now on the first signal is noted, and those after it change nothing.

    Set even where the shell started us with SIGINT ignored, as it does for background jobs.
    """

    def note(number: int, frame: FrameType | None) -> None:
        _asked.set()

    _asked.clear()
    for number in SIGNALS:
        signal.signal(number, note)


def check() -> None:
    """Raise Stopping when someone has asked to stop."""
    if _asked.is_set():
        raise Stopping


def pause(seconds: float) -> None:
    """Wait a little; raise Stopping when someone has asked to stop."""
    time.sleep(seconds)
    check()


def wait_for(process: subprocess.Popen[bytes]) -> int:
    """Return the exit code of a child; raise Stopping when someone asks to stop before it ends."""
    while True:
        try:
            return process.wait(0.1)
        except subprocess.TimeoutExpired:
            check()

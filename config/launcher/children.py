"""How every child process is started: in a group of its own, and never outliving the launcher."""

import ctypes
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

PR_SET_PDEATHSIG = 1
STOP_SECONDS = 10


def start(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    output: IO[bytes] | int | None = None,
    on_orphaned: signal.Signals = signal.SIGTERM,
    **options: Any,
) -> subprocess.Popen[bytes]:
    """Start a child. Ctrl-C reaches the launcher only, which stops its children in the right order.

    When the launcher is killed outright, the kernel (on Linux) sends the child `on_orphaned`.
    """
    return subprocess.Popen(
        [str(part) for part in command],
        env=dict(env) if env is not None else None,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        process_group=0,
        preexec_fn=_follow_parent(on_orphaned),
        **options,
    )


def stop(child: subprocess.Popen[bytes], *, how: signal.Signals = signal.SIGTERM) -> None:
    """Ask the child to end with `how`; kill it when it has not after ten seconds."""
    if child.poll() is not None:
        return
    child.send_signal(how)
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _follow_parent(on_orphaned: signal.Signals) -> Callable[[], None]:
    # Loaded before the fork: nothing may be imported between fork and exec.
    on_linux = sys.platform.startswith("linux")
    prctl = ctypes.CDLL(None).prctl if on_linux else None

    def follow() -> None:
        # A shell starts background jobs with SIGINT ignored, and that would be inherited.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        if prctl is not None:
            prctl(PR_SET_PDEATHSIG, int(on_orphaned))

    return follow

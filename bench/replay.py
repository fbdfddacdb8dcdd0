"""Replay 110,527 real bookings, in the order they were made, through the service the page calls.

`python -m bench.replay KaggleV2-May-2016.csv.xz [--limit N] [--workers W]`. The file tells the day
of each visit, not its time: times are drawn on the grid from a fixed seed, and whoever finds the
drawn one gone draws again. A neighborhood is a site; the moment of booking is the file's. A
database is made for it and thrown away. Ends with 1 when an independent check finds an overlap.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.replay", description=__doc__)
    parser.add_argument("path", type=Path, help="the bookings as .csv or .csv.xz")
    parser.add_argument("--limit", type=int, default=0, help="replay only the first N")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--draws", type=int, default=12, help="times tried before giving up")
    options = parser.parse_args()
    if not options.path.is_file():
        parser.error(f"there is no file {options.path}")

    from config.launcher.postgres import THROW_AWAY
    from config.launcher.services import services

    with (
        tempfile.TemporaryDirectory(prefix="betony-replay-") as home,
        services(Path(home), postgres_options=THROW_AWAY, given={}) as found,
    ):
        command = [sys.executable, "-m", "bench.replay_clinic", str(options.path.resolve())]
        command += [str(options.limit), str(options.workers), str(options.draws)]
        environment = {**os.environ, **found, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
        return subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

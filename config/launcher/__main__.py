"""`python -m config.launcher run | services | within COMMAND...`"""

import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path

from config.env import clinic_var
from config.launcher import children, stopping
from config.launcher.postgres import THROW_AWAY
from config.launcher.services import data_folder, services


def main() -> int:
    parser = argparse.ArgumentParser(prog="config.launcher", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("run", help="the whole product, until Ctrl-C")
    verbs.add_parser("services", help="PostgreSQL and Valkey only, until Ctrl-C")
    within = verbs.add_parser("within", help="run COMMAND with throw-away PostgreSQL and Valkey")
    within.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    if arguments.verb == "run":
        from config.launcher.run import run

        return run()
    return hold_services() if arguments.verb == "services" else run_within(arguments.command)


def hold_services() -> int:
    """Start PostgreSQL and Valkey, print the variables that lead there, stop both on Ctrl-C."""
    var = clinic_var()
    stopping.listen()
    try:
        with data_folder(var), services(var) as found:
            for name, value in found.items():
                sys.stdout.write(f"export {name}='{value}'\n")
            sys.stdout.flush()
            while True:
                stopping.pause(0.2)
    except stopping.Stopping:
        return 0


def run_within(command: list[str]) -> int:
    """Run `command` with servers of its own that vanish with it; return its exit code."""
    stopping.listen()
    with tempfile.TemporaryDirectory(prefix="betony-", dir="/tmp") as folder:
        var = Path(folder)
        try:
            with services(var, postgres_options=THROW_AWAY, given={}) as found:
                child = children.start(command, env={**os.environ, **found})
                try:
                    return stopping.wait_for(child)
                finally:
                    children.stop(child, how=signal.SIGINT)
        except stopping.Stopping:
            return 130


if __name__ == "__main__":
    sys.exit(main())

"""`python -m config.launcher run | services | within COMMAND...`"""

import argparse
import signal
import sys

from config.env import clinic_var
from config.launcher.services import data_folder, services


def main() -> int:
    parser = argparse.ArgumentParser(prog="config.launcher", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("services", help="PostgreSQL and Valkey only, until Ctrl-C")
    arguments = parser.parse_args()
    if arguments.verb == "services":
        return hold_services()
    return 2


def hold_services() -> int:
    """Start PostgreSQL and Valkey, print the variables that lead there, stop both on Ctrl-C."""
    var = clinic_var()
    with data_folder(var), services(var) as found:
        for name, value in found.items():
            sys.stdout.write(f"export {name}='{value}'\n")
        sys.stdout.flush()
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
    return 0


if __name__ == "__main__":
    sys.exit(main())

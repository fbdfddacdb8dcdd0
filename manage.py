#!/usr/bin/env python
"""Django's command line for Betony."""

import os
import sys

from config.env import settings_module, use_owner

# These change tables, which the role of the application may not.
OWNER_COMMANDS = {"migrate", "flush"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings_module())
    if OWNER_COMMANDS.intersection(sys.argv[1:2]):
        use_owner()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

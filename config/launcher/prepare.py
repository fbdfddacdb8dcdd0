"""`python -m config.launcher.prepare` brings the database up to date for the programs."""

import os
import sys

import django
from django.core.management import call_command, get_commands

from config.env import settings_module


def main() -> None:
    if "--beside" in sys.argv:
        # The programs start at the same moment, and people wait for those.
        os.nice(10)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings_module())
    django.setup()
    from django.conf import settings
    from django.contrib.auth import get_user_model

    call_command("migrate", interactive=False, verbosity=0)
    if not settings.DEBUG:
        call_command("collectstatic", interactive=False, verbosity=0)
    if (
        settings.LOAD_DEMO
        and "demo" in get_commands()
        and not get_user_model()._default_manager.exists()
    ):
        call_command("demo")


if __name__ == "__main__":
    main()

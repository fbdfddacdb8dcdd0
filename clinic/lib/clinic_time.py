"""In which zone the clinic counts its days: birthdays, last days, "today".

Sites have clocks, and scheduling knows the sites. It says here how to ask for them, because domains
below it count days too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from clinic.lib import times

NO_SITE = "UTC"


def _no_site() -> str:
    return NO_SITE


_ask: Callable[[], str] = _no_site


def register_zone(ask: Callable[[], str]) -> None:
    """Say how the clinic's zone is found; called once, when the application starts."""
    global _ask
    _ask = ask


def clinic_zone() -> str:
    """Return the clinic's zone. One query."""
    return _ask()


def clinic_today(now: dt.datetime) -> dt.date:
    """Return the day it is at the clinic. One query."""
    return times.today(clinic_zone(), now)

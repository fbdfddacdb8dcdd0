"""`settings.REMINDERS`, typed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from reminders.rules import QuietHours


@dataclass(frozen=True, slots=True)
class Options:
    """Each field is the key of the same name in capitals; config/settings/base.py says why."""

    steps_minutes: Sequence[int]
    quiet_hours: QuietHours
    cap_per_run: int
    cap_per_recipient: int
    batch: int


def options() -> Options:
    """Return the clinic's choices as they are now."""
    chosen: dict[str, Any] = settings.REMINDERS
    quiet: tuple[dt.time, dt.time] = chosen["QUIET_HOURS"]
    return Options(
        steps_minutes=chosen["STEPS_MINUTES"],
        quiet_hours=QuietHours(*quiet),
        cap_per_run=chosen["CAP_PER_RUN"],
        cap_per_recipient=chosen["CAP_PER_RECIPIENT"],
        batch=chosen["BATCH"],
    )

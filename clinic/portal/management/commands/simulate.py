"""`manage.py simulate`: lets the demo clinic live for some minutes, so that boards move."""

from __future__ import annotations

import random
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from clinic.people.models import User
from clinic.portal.demo import people
from clinic.portal.demo.simulation import Simulation

SECONDS_BETWEEN = 2.0


class Command(BaseCommand):
    help = "Move the demo day forward live: arrivals, bookings, cancellations. Stops by itself."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--minutes", type=float, default=10, help="how long (10)")
        parser.add_argument("--speed", type=float, default=1, help="2 lets twice as much happen")
        parser.add_argument("--seed", type=int, default=None, help="the same day again")

    def handle(self, *args: Any, minutes: float, speed: float, seed: int | None, **_: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("This plays with visits: it runs on the demo clinic (DEBUG) only.")
        if not User.objects.filter(email=people.PATIENT).exists():
            raise CommandError("There is no demo clinic here. Load it first: manage.py demo.")
        if not (0 < minutes <= 240 and 0 < speed <= 100):
            raise CommandError("Minutes are up to 240, speed up to 100.")
        simulation = Simulation(random.Random(seed))  # noqa: S311 - a play, no secret
        ends = time.monotonic() + minutes * 60
        try:
            while time.monotonic() < ends:
                said = simulation.tick(now=timezone.now())
                left = int(ends - time.monotonic())
                self.stdout.write(f"{left // 60:3d}:{left % 60:02d} left  {said}")
                self.stdout.flush()
                time.sleep(SECONDS_BETWEEN / speed)
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")

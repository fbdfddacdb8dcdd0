"""`manage.py demo`: a believable clinic around now, always the same from the same hour."""

from __future__ import annotations

import random
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from clinic.people.models import User
from clinic.portal.demo import names, people, practice, records, visits

PATIENTS = 400
SEED = 20261116


class Command(BaseCommand):
    help = "Load the demo clinic: 3 sites, 12 doctors, 400 patients, four weeks of visits."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo clinic has known passwords: it is loaded with DEBUG only.")
        if User.objects.exists():
            raise CommandError("There are accounts already. Use an empty database (CLINIC_VAR).")
        now = timezone.now().replace(second=0, microsecond=0)
        draw = random.Random(SEED)  # noqa: S311 - the same clinic every time, no secret
        with transaction.atomic():
            accounts = people.create_accounts(password=settings.DEMO_PASSWORD, now=now)
            doctors = people.create_doctors(account=accounts[people.DOCTOR], now=now)
            self._say("400 patients ...")
            patients = people.create_patients(
                count=PATIENTS, account=accounts[people.PATIENT], draw=draw, now=now
            )
            sites = practice.create_sites()
            types = practice.create_visit_types()
            practice.open_practices(doctors=doctors, sites=sites, types=types, now=now)
            self._say("four weeks of visits ...")
            made = visits.create_visits(
                doctors=doctors,
                sites=sites,
                types=types,
                draw=visits.Draw(draw, patients, now),
            )
            visits.create_own_past(
                patient=patients[0],
                doctor=doctors[0],
                visit_type=types["follow-up"],
                site=sites[names.DOCTORS[0][3]],
                now=now,
            )
        self._say("their records ...")
        # Apart: only keys that are committed are kept in memory, others are read for every row.
        with transaction.atomic():
            entries = records.create_records(patients=patients, draw=draw, now=now)
            records.create_own_requests(
                patient=patients[0], visit_type=types["health-check"], now=now
            )
        people.let_parent_act(child=patients[1], now=now)
        visits.create_own_visits(patient=patients[0], doctors=doctors, now=now)
        self._say(f"{len(sites)} sites, {len(doctors)} doctors, {PATIENTS} patients, {made} visits")
        self._say(f"{entries} entries in their records")

    def _say(self, text: str) -> None:
        self.stdout.write(f"Demo clinic: {text}")
        self.stdout.flush()

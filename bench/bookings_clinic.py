"""The clinic that `bench.bookings` books at: fill it and tell its ids; and the bare reference.

Runs as a program of its own, because settings are read once per process.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import threading
import time
import uuid

import django

django.setup()

import psycopg  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from clinic.crypto import datakeys  # noqa: E402
from clinic.lib import times  # noqa: E402
from clinic.people.choices import ApprovalStatus, Role, Specialty  # noqa: E402
from clinic.people.models import Practitioner, RoleGrant, User  # noqa: E402
from clinic.scheduling.choices import Modality  # noqa: E402
from clinic.scheduling.models import (  # noqa: E402
    Offering,
    Schedule,
    Site,
    VisitType,
    WorkingHours,
)
from tests.factories.crowd import crowd, session_of  # noqa: E402

ZONE = "Europe/Berlin"
DOCTORS, PATIENTS = 50, 400
OPENS, CLOSES = 8, 16
SPECIALTIES = list(Specialty)

# The bare limit: the same columns, CHECKs, indexes and exclusion constraints, and nothing else.
_TABLE = "create table bench_claim (like scheduling_appointment including all)"
_INSERT = """
insert into bench_claim (id, practitioner_id, patient_id, visit_type_id, site_id, modality,
    starts_at, ends_at, buffer_before_minutes, buffer_after_minutes, claim_starts_at, claim_ends_at,
    claimed_at, overbooked, time_zone, local_start, local_date, status, version, moves,
    hold_extended, expiry_announced, cancellation_reason, cancelled_late, created_at)
values (%(id)s, %(doctor)s, %(patient)s, %(type)s, %(type)s, 'in-person', %(start)s, %(end)s, 0, 0,
    %(start)s, %(end)s, %(now)s, false, 'Europe/Berlin', '', %(date)s, 'booked', 1, 0, false, false,
    '', false, %(now)s) on conflict do nothing
"""


def prepare() -> dict[str, object]:
    """Fill the database; return what a client needs to know."""
    call_command("migrate", verbosity=0)
    sites = [
        Site.objects.create(name=name, slug=name.lower(), time_zone=ZONE)
        for name in ("Harbour", "Hill", "Mill")
    ]
    visit_type = VisitType.objects.create(
        name="Follow-up", slug="follow-up", horizon_days=400, modalities=[Modality.IN_PERSON]
    )
    doctors = [
        Practitioner(
            title="Dr",
            given_name="Doctor",
            family_name=f"Number{n}",
            specialty=SPECIALTIES[n % len(SPECIALTIES)],
            approval=ApprovalStatus.APPROVED,
        )
        for n in range(DOCTORS)
    ]
    Practitioner.objects.bulk_create(doctors)
    Schedule.objects.bulk_create(Schedule(practitioner=doctor) for doctor in doctors)
    Offering.objects.bulk_create(
        Offering(practitioner=doctor, visit_type=visit_type) for doctor in doctors
    )
    WorkingHours.objects.bulk_create(
        WorkingHours(
            practitioner=doctor,
            site=sites[n % len(sites)],
            weekday=weekday,
            starts=dt.time(OPENS),
            ends=dt.time(CLOSES),
            valid_from=dt.date(2020, 1, 1),
        )
        for n, doctor in enumerate(doctors)
        for weekday in range(1, 8)
    )
    members = crowd(PATIENTS)
    datakeys.ensure(datakeys.AUDIT)
    for member in members:
        datakeys.ensure(datakeys.PATIENT, member.patient.pk)
    desk = User.objects.create(email="desk@example.org", password="!")  # noqa: S106
    RoleGrant.objects.create(user=desk, role=Role.FRONT_DESK)
    at_the_desk = session_of(desk)
    at_the_desk.save()
    first = timezone.now().date() + dt.timedelta(days=3)
    return {
        "sessions": [member.session for member in members],
        "desk": at_the_desk.session_key,
        "doctors": [doctor.pk.hex for doctor in doctors],
        "type": visit_type.pk.hex,
        "first": first.isoformat(),
        "opens": int(times.to_instant(first, dt.time(OPENS), ZONE).timestamp()),
    }


def bare(clients: int, seconds: float) -> float:
    """Return the rows a second that so many plain connections insert, one a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"drop table if exists bench_claim; {_TABLE}")
    settings = connection.get_connection_params()
    where = {name: settings[name] for name in ("host", "port", "dbname", "user", "password")}
    done: list[int] = []
    ends = time.monotonic() + seconds
    threads = [
        threading.Thread(target=_insert, args=(where, ends, done), daemon=True)
        for _ in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / seconds


def _insert(where: dict[str, str], ends: float, done: list[int]) -> None:
    now = dt.datetime.now(dt.UTC)
    doctor, visit_type, count = uuid.uuid4(), uuid.uuid4(), 0
    with psycopg.connect(**where, autocommit=True) as own:
        while time.monotonic() < ends:
            start = now + dt.timedelta(minutes=20 * count)
            row = {"id": uuid.uuid4(), "doctor": doctor, "patient": doctor, "type": visit_type}
            row |= {"start": start, "end": start + dt.timedelta(minutes=20), "now": now}
            own.execute(_INSERT, {**row, "date": start.date()})
            count += 1
    done.append(count)


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        json.dump(prepare(), sys.stdout)
    else:
        json.dump(bare(int(sys.argv[2]), float(sys.argv[3])), sys.stdout)

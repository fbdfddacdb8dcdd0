"""The clinic that `bench.reminders` measures, in a database that is thrown away.

Runs as a program of its own, because settings are read once per process.
"""

from __future__ import annotations

import datetime as dt
import json
import smtplib
import statistics
import sys
import time

import django
from django.conf import settings

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from clinic.lib import times  # noqa: E402
from clinic.people.models import Patient, Practitioner  # noqa: E402
from clinic.scheduling.models import Appointment, Site, VisitType  # noqa: E402
from realtime.server import quiet_the_collector  # noqa: E402
from reminders import delivery  # noqa: E402
from reminders.models import Reminder  # noqa: E402
from reminders.services import claiming, delivering, planning  # noqa: E402

ZONE = "Europe/Berlin"
PLANNED = 200


def visits(count: int) -> list[Appointment]:
    """Write one doctor's visits from next week on, each of another patient."""
    doctor = Practitioner.objects.create(
        title="Dr", given_name="Ines", family_name="Llorente", specialty="general-practice"
    )
    kind = VisitType.objects.create(name="Follow-up", slug="follow-up")
    site = Site.objects.create(
        name="Harbour Street", slug="bench", time_zone=ZONE, address="14 Harbour Street"
    )
    patients = Patient.objects.bulk_create(
        Patient(
            record_number=f"B{number}",
            given_name="Amara",
            family_name=f"Fenwick{number}",
            email=f"amara{number}@example.org",
        )
        for number in range(count)
    )
    now = timezone.now()
    first = now + dt.timedelta(days=8)
    return Appointment.objects.bulk_create(
        _visit(doctor, kind, site, patient, first + number * dt.timedelta(minutes=20), now)
        for number, patient in enumerate(patients)
    )


def _visit(
    doctor: Practitioner,
    kind: VisitType,
    site: Site,
    patient: Patient,
    starts_at: dt.datetime,
    now: dt.datetime,
) -> Appointment:
    ends_at = starts_at + dt.timedelta(minutes=20)
    return Appointment(
        practitioner=doctor,
        visit_type=kind,
        site=site,
        patient=patient,
        starts_at=starts_at,
        ends_at=ends_at,
        claim_starts_at=starts_at,
        claim_ends_at=ends_at,
        claimed_at=now,
        time_zone=ZONE,
        local_start=times.intended_local(starts_at, ZONE),
        local_date=times.local_date(starts_at, ZONE),
        status="booked",
    )


def make_due(appointments: list[Appointment], step_minutes: int) -> None:
    """Let one reminder of every visit be due now."""
    now = timezone.now()
    Reminder.objects.bulk_create(
        Reminder(
            patient_id=visit.patient_id,
            appointment=visit,
            appointment_version=1,
            kind="reminder",
            step_minutes=step_minutes,
            day=visit.local_date,
            due_at=now,
            useful_until=visit.starts_at,
            created_at=now,
        )
        for visit in appointments
    )


def send_reminders(count: int) -> float:
    """Claim and deliver all that is due as dispatcher and worker do; return messages a second."""
    began = time.perf_counter()
    claims = claiming.claim_due(now=timezone.now())
    sent = 0
    size = settings.REMINDERS["BATCH"]
    for first in range(0, len(claims), size):
        sent += delivering.deliver(claims=claims[first : first + size], clock=timezone.now)
    if sent != count:
        raise SystemExit(f"{sent} of {count} reminders were sent")
    return count / (time.perf_counter() - began)


def composed(count: int) -> list[tuple[str, bytes]]:
    """Return the recipients and bytes of messages like those of the product."""
    claims = claiming.claim_due(now=timezone.now(), cap=count)
    rows = delivering.load_batch(claims=claims, now=timezone.now()).rows
    found = []
    for row in rows:
        message = delivering.messages.compose(
            reminder=row, appointments=[row.appointment], moved_from=None, now=timezone.now()
        )
        mail = delivery._mail(message, message_id=delivering.message_id_of(row.pk))
        found.append((message.to, mail.message().as_bytes(linesep="\r\n")))
    Reminder.objects.filter(pk__in=[claim.reminder_id for claim in claims]).delete()
    return found


def send_bare(port: int, mails: list[tuple[str, bytes]]) -> float:
    began = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as server:
        for recipient, content in mails:
            server.sendmail("clinic@betony.example", [recipient], content)
    return len(mails) / (time.perf_counter() - began)


def planning_cost(appointments: list[Appointment]) -> tuple[float, int]:
    """Return milliseconds and statements that a booking waits for its messages."""
    now = timezone.now()
    with transaction.atomic():
        with CaptureQueriesContext(connection) as captured:
            planning.plan_messages(appointment=appointments[0], change="booked", now=now)
        began = time.perf_counter()
        for appointment in appointments:
            planning.plan_messages(appointment=appointment, change="booked", now=now)
        spent = time.perf_counter() - began
        transaction.set_rollback(True)
    return spent * 1000 / len(appointments), len(captured)


def main(port: int, messages: int, rounds: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.REMINDERS = settings.REMINDERS | {"QUIET_HOURS": (dt.time(0), dt.time(0))}
    call_command("migrate", verbosity=0)
    appointments = visits(messages)
    quiet_the_collector()
    make_due(appointments, 10)
    mails = composed(messages)
    reminders, bare = [], []
    for turn in range(rounds):
        make_due(appointments, 20 + turn)
        reminders.append(send_reminders(messages))
        bare.append(send_bare(port, mails))
    planning_ms, statements = planning_cost(appointments[:PLANNED])
    result = {
        "reminders_per_second": statistics.median(reminders),
        "bare_per_second": statistics.median(bare),
        "planning_ms": planning_ms,
        "planning_statements": statements,
    }
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))

"""A mail server that counts what it was given, and a crowd of visits to be reminded of."""

from __future__ import annotations

import datetime as dt
import email
import socket
import threading
from collections import Counter

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from clinic.people.models import Patient
from clinic.scheduling.models import Appointment
from reminders.models import Reminder
from tests.factories.people import PractitionerFactory
from tests.factories.reminders import ReminderFactory
from tests.factories.scheduling import AppointmentFactory, SiteFactory, VisitTypeFactory


class Sink:
    """Takes every mail and remembers its Message-ID and recipient."""

    def __init__(self) -> None:
        self.message_ids: Counter[str] = Counter()
        self.recipients: dict[str, set[str]] = {}
        self._arrived = threading.Condition()
        self._controller = Controller(self, hostname="127.0.0.1", port=_free_port())

    @property
    def port(self) -> int:
        return int(self._controller.port)

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        message_id = email.message_from_bytes(envelope.content)["Message-ID"]
        with self._arrived:
            self.message_ids[message_id] += 1
            self.recipients.setdefault(message_id, set()).update(envelope.rcpt_tos)
            self._arrived.notify_all()
        return "250 kept"

    def wait_for(self, distinct: int, *, seconds: float) -> None:
        """Wait until so many different messages have come; raise TimeoutError."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self.message_ids) >= distinct, seconds):
                raise TimeoutError(f"{len(self.message_ids)} of {distinct} messages came")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def due_reminders(count: int, *, now: dt.datetime) -> list[Reminder]:
    """Write visits of as many patients, a reminder of each due now."""
    practitioner, site, visit_type = PractitionerFactory(), SiteFactory(), VisitTypeFactory()
    patients = Patient.objects.bulk_create(
        Patient(
            record_number=f"T{number}",
            given_name="Amara",
            family_name=f"Fenwick{number}",
            email=f"amara{number}@example.org",
        )
        for number in range(count)
    )
    first = now + dt.timedelta(days=2)
    visits = Appointment.objects.bulk_create(
        AppointmentFactory.build(
            patient=patient,
            practitioner=practitioner,
            site=site,
            visit_type=visit_type,
            starts_at=first + number * dt.timedelta(minutes=20),
            claimed_at=now - dt.timedelta(days=1),
        )
        for number, patient in enumerate(patients)
    )
    return Reminder.objects.bulk_create(
        ReminderFactory.build(
            appointment=visit, patient=visit.patient, step_minutes=1440, due_at=now
        )
        for visit in visits
    )

"""Everybody who may come to Amara's record, each in a browser, in one clinic that is built once."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.test import Client

from clinic.people.acting import SESSION_KEY
from clinic.people.choices import ProxyScope, Role
from clinic.people.models import Patient, Practitioner, ProxyGrant, User
from clinic.scheduling.models import Appointment
from tests.conftest import NOW
from tests.factories.people import (
    PatientFactory,
    PractitionerFactory,
    ProxyGrantFactory,
    UserFactory,
)
from tests.factories.records import EmergencyAccessFactory
from tests.factories.scheduling import AppointmentFactory
from tests.repository import access_table

VISITOR, OWN, OTHER, OUTSIDER = "visitor", "patient", "other patient", "outsider"
CARE, NO_CARE, CARE_ENDED = "doctor", "doctor without a visit", "doctor whose care ended"
GLASS, GLASS_OVER = "doctor with emergency access", "doctor whose emergency access ended"
DESK, ADMINISTRATOR = "front desk", "administrator"
READER, WRITER = "carer who reads", "carer who writes"
BOOKER, CARER_OVER = "carer for visits", "carer whose grant ended"
ACTORS = (
    *(VISITOR, OWN, OTHER, OUTSIDER, CARE, NO_CARE, CARE_ENDED, GLASS, GLASS_OVER),
    *(DESK, ADMINISTRATOR, READER, WRITER, BOOKER, CARER_OVER),
)
A_YEAR_AND_A_DAY = dt.timedelta(days=366)


class Objects(access_table.Objects):
    """One entry of every kind in one patient's record, with one visit behind them."""

    def __init__(self, patient: Patient, practitioner: Practitioner, visit: Appointment) -> None:
        cast = {
            access_table.PATIENT: patient,
            access_table.PRACTITIONER: practitioner,
            access_table.OTHER_PRACTITIONER: practitioner,
        }
        super().__init__(cast.__getitem__)
        self.visit = visit
        self.made: dict[str, Any] = {}

    def value(self, name: str) -> Any:
        if name not in self.made:
            self.made[name] = super().value(name)
        return self.made[name]

    def _visit(self) -> Appointment:
        return self.visit


@dataclass
class Cast:
    """The people, their browsers, and what there is in two records."""

    browsers: dict[str, Client]
    viewers: dict[str, tuple[User | None, ProxyGrant | None]]
    patient: Patient
    own: Objects
    others: Objects


def build() -> Cast:
    patient = PatientFactory(given_name="Amara", user__email="amara@example.org")
    other = PatientFactory(given_name="Jonas", user__email="jonas@example.org")
    doctor = PractitionerFactory(user__email="ines@example.org")
    people: dict[str, User | None] = {
        VISITOR: None,
        OWN: patient.user,
        OTHER: other.user,
        OUTSIDER: PatientFactory().user,
        CARE: doctor.user,
        NO_CARE: PractitionerFactory().user,
        CARE_ENDED: _doctor_of_long_ago(patient).user,
        GLASS: _doctor_with_glass(patient, since=NOW).user,
        GLASS_OVER: _doctor_with_glass(patient, since=NOW - dt.timedelta(hours=4)).user,
        DESK: UserFactory(roles=[Role.FRONT_DESK]),
        ADMINISTRATOR: UserFactory(roles=[Role.ADMINISTRATOR]),
    }
    grants = {
        READER: _grant(patient, ProxyScope.RECORD_READ),
        WRITER: _grant(patient, ProxyScope.RECORD_READ, ProxyScope.RECORD_WRITE),
        BOOKER: _grant(patient, ProxyScope.VISITS),
        CARER_OVER: _grant(patient, ProxyScope.RECORD_READ, ends_at=NOW),
    }
    viewers: dict[str, tuple[User | None, ProxyGrant | None]] = {
        name: (user, None) for name, user in people.items()
    }
    viewers |= {name: (grant.user, grant) for name, grant in grants.items()}
    visit = AppointmentFactory(patient=patient, practitioner=doctor)
    later = AppointmentFactory(
        patient=other, practitioner=doctor, starts_at=visit.starts_at + dt.timedelta(hours=1)
    )
    return Cast(
        browsers={name: _browser(*who) for name, who in viewers.items()},
        viewers=viewers,
        patient=patient,
        own=Objects(patient, doctor, visit),
        others=Objects(other, doctor, later),
    )


def _doctor_of_long_ago(patient: Patient) -> Practitioner:
    visit = AppointmentFactory(patient=patient, starts_at=NOW - A_YEAR_AND_A_DAY)
    doctor: Practitioner = visit.practitioner
    return doctor


def _doctor_with_glass(patient: Patient, *, since: dt.datetime) -> Practitioner:
    doctor: Practitioner = EmergencyAccessFactory(patient=patient, starts_at=since).practitioner
    return doctor


def _grant(patient: Patient, *scopes: ProxyScope, **changes: Any) -> ProxyGrant:
    grant: ProxyGrant = ProxyGrantFactory(patient=patient, scopes=list(scopes), **changes)
    return grant


def _browser(user: User | None, grant: ProxyGrant | None) -> Client:
    """Return a browser that is signed in and, with a grant, has chosen to act."""
    browser = Client()
    if user is not None:
        browser.force_login(user)
    if grant is not None:
        session = browser.session
        session[SESSION_KEY] = str(grant.pk)
        session.save()
    return browser


def nobody() -> uuid.UUID:
    return uuid.UUID("00000000-0000-7000-8000-000000000000")


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever happens inside, also what a durable transaction wrote."""
    block = transaction.atomic()
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)

"""The cast, their signed-in browsers, and time that stands still.

Amara and Jonas are patients, Bela is the outsider: a patient who must never see anything of theirs.
Ines and Marek are doctors. Names are fixed so that a failing test reads like a story.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from clinic.people.choices import Role, Specialty
from clinic.people.models import Patient, Practitioner, User
from tests.factories.people import PatientFactory, PractitionerFactory, UserFactory

pytest_plugins = [
    "tests.plugins.audit_trail",
    "tests.plugins.browser",
    "tests.plugins.coverage_gates",
    "tests.plugins.file_store",
    "tests.plugins.refusals",
    "tests.plugins.stable_names",
]

Person = User | Patient | Practitioner

# A Monday morning in winter, well away from any change of clocks.
NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Let tests reach this machine only: its database, its Valkey, its mail sink."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_here(address[0]):
            raise RuntimeError(f"A test tried to reach {address[0]}.")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Clock:
    """Stands in for `timezone.now`. Only views, consumers, tasks and commands read the clock."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        return self.now

    def move_to(self, now: dt.datetime) -> dt.datetime:
        self.now = now
        return now

    def advance(self, **by: float) -> dt.datetime:
        """Move on by `minutes=5`, `days=7` and the like."""
        return self.move_to(self.now + dt.timedelta(**by))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Time stands still at NOW until the test moves it."""
    frozen = Clock(NOW)
    monkeypatch.setattr(timezone, "now", frozen)
    return frozen


@pytest.fixture
def now() -> dt.datetime:
    return NOW


@pytest.fixture
def patient(db: None) -> Patient:
    return PatientFactory(
        given_name="Amara", family_name="Fenwick", user__email="amara@example.org"
    )


@pytest.fixture
def other_patient(db: None) -> Patient:
    return PatientFactory(given_name="Jonas", family_name="Okoye", user__email="jonas@example.org")


@pytest.fixture
def outsider(db: None) -> Patient:
    """A patient with no visit, no relation and no business in anyone's data."""
    return PatientFactory(given_name="Bela", family_name="Strand", user__email="bela@example.org")


@pytest.fixture
def practitioner(db: None) -> Practitioner:
    return PractitionerFactory(
        given_name="Ines", family_name="Llorente", user__email="ines@example.org"
    )


@pytest.fixture
def other_practitioner(db: None) -> Practitioner:
    return PractitionerFactory(
        given_name="Marek",
        family_name="Wierzba",
        specialty=Specialty.CARDIOLOGY,
        user__email="marek@example.org",
    )


@pytest.fixture
def pending_practitioner(db: None) -> Practitioner:
    """Registered as a doctor; nobody has approved it yet."""
    return PractitionerFactory(
        given_name="Noor", family_name="Haddad", user__email="noor@example.org", pending=True
    )


@pytest.fixture
def receptionist(db: None) -> User:
    return UserFactory(email="desk@example.org", roles=[Role.FRONT_DESK])


@pytest.fixture
def administrator(db: None) -> User:
    return UserFactory(email="admin@example.org", roles=[Role.ADMINISTRATOR])


@pytest.fixture
def sign_in() -> Callable[[Person], Client]:
    """Return a browser in which this person is signed in."""

    def signed_in(person: Person) -> Client:
        browser = Client()
        user = person if isinstance(person, User) else person.user
        assert user is not None
        browser.force_login(user)
        return browser

    return signed_in


@pytest.fixture
def patient_client(patient: Patient, sign_in: Callable[[Person], Client]) -> Client:
    return sign_in(patient)


@pytest.fixture
def other_patient_client(other_patient: Patient, sign_in: Callable[[Person], Client]) -> Client:
    return sign_in(other_patient)


@pytest.fixture
def outsider_client(outsider: Patient, sign_in: Callable[[Person], Client]) -> Client:
    return sign_in(outsider)


@pytest.fixture
def practitioner_client(practitioner: Practitioner, sign_in: Callable[[Person], Client]) -> Client:
    return sign_in(practitioner)


@pytest.fixture
def other_practitioner_client(
    other_practitioner: Practitioner, sign_in: Callable[[Person], Client]
) -> Client:
    return sign_in(other_practitioner)


@pytest.fixture
def receptionist_client(receptionist: User, sign_in: Callable[[Person], Client]) -> Client:
    return sign_in(receptionist)


@pytest.fixture
def administrator_client(administrator: User, sign_in: Callable[[Person], Client]) -> Client:
    return sign_in(administrator)

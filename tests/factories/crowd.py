"""Many signed-in patients at once, with few statements: for races and for measuring."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import get_random_string

from clinic.people.choices import Role
from clinic.people.models import Patient, RoleGrant, User


@dataclass(frozen=True, slots=True)
class Member:
    """A patient whose browser is signed in: `session` is what its cookie holds."""

    patient: Patient
    session: str


def crowd(size: int, *, name: str = "crowd") -> list[Member]:
    """Make patients with accounts and sessions; nobody of them can sign in by password."""
    users = [User(email=f"{name}{n}@example.org", password="!") for n in range(size)]
    User.objects.bulk_create(users)
    RoleGrant.objects.bulk_create(RoleGrant(user=user, role=Role.PATIENT) for user in users)
    patients = [
        Patient(user=user, record_number=f"{name}-{n}", given_name="Person", family_name=str(n))
        for n, user in enumerate(users)
    ]
    Patient.objects.bulk_create(patients)
    sessions = [session_of(user) for user in users]
    Session.objects.bulk_create(sessions)
    return [
        Member(patient, session.session_key)
        for patient, session in zip(patients, sessions, strict=True)
    ]


def session_of(user: User) -> Session:
    """Return the unsaved session of a browser in which this account has signed in."""
    values = {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }
    return Session(
        session_key=get_random_string(32, "abcdefghijklmnopqrstuvwxyz0123456789"),
        session_data=SessionStore().encode(values),
        expire_date=timezone.now() + dt.timedelta(hours=2),
    )

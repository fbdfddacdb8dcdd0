"""Accounts begin here: patients who register and patients whom the desk enters by phone.

Doctors begin in `practitioners`, invited people in `invitations`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.db import IntegrityError, connection, transaction

from clinic.people import permissions, rules
from clinic.people.choices import Role, Sex
from clinic.people.models import Patient, RoleGrant, User
from clinic.people.trail import note
from clinic.people.viewer import Viewer


class EmailTaken(Exception):
    """Another account signs in with this address."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What a new account needs."""

    email: str
    password: str = field(repr=False)
    given_name: str
    family_name: str
    language: str = "en-gb"
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class PatientDetails:
    """What the clinic knows of a patient beyond care. Empty text means not told."""

    given_name: str
    family_name: str
    birth_date: dt.date | None = None
    sex: str = Sex.UNKNOWN
    email: str = ""
    phone: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    emergency_contact_name: str = field(default="", repr=False)
    emergency_contact_phone: str = field(default="", repr=False)
    language: str = "en-gb"
    time_zone: str = ""
    reminders_by_email: bool = True


def register_patient(*, registration: Registration, by: Viewer, now: dt.datetime) -> User:
    """Create an account that holds the patient role, and its patient. Raises EmailTaken."""
    with transaction.atomic():
        user = create_account(registration=registration, now=now)
        create_patient_of(user=user, registration=registration, now=now)
        RoleGrant.objects.create(user=user, role=Role.PATIENT, granted_at=now)
        note(
            action="account.registered", by=by, now=now, subject=user, detail={"role": Role.PATIENT}
        )
    return user


def create_patient_without_account(
    *, details: PatientDetails, by: Viewer, now: dt.datetime
) -> Patient:
    """Enter a patient who called; the desk books for them. Raises NotAllowed."""
    permissions.check_can_register_by_phone(by=by)
    with transaction.atomic():
        patient = Patient.objects.create(
            record_number=next_record_number(),
            created_at=now,
            **{name: getattr(details, name) for name in DETAIL_NAMES},
        )
        note(action="patient.registered", by=by, now=now, subject=patient)
    return patient


DETAIL_NAMES = tuple(PatientDetails.__dataclass_fields__)


def create_account(*, registration: Registration, now: dt.datetime) -> User:
    """Create an account without any role. The caller holds the transaction. Raises EmailTaken."""
    try:
        with transaction.atomic():
            return User.objects.create_user(
                email=registration.email,
                password=registration.password,
                language=registration.language,
                time_zone=registration.time_zone,
                date_joined=now,
            )
    except IntegrityError as error:
        raise EmailTaken from error


def create_patient_of(*, user: User, registration: Registration, now: dt.datetime) -> Patient:
    """Create the patient of an account. The caller holds the transaction."""
    return Patient.objects.create(
        user=user,
        record_number=next_record_number(),
        given_name=registration.given_name,
        family_name=registration.family_name,
        email=user.email,
        language=registration.language,
        time_zone=registration.time_zone,
        created_at=now,
    )


def next_record_number() -> str:
    """Return a record number that was never given out."""
    return next_record_numbers(count=1)[0]


def next_record_numbers(*, count: int) -> list[str]:
    """Return several record numbers in one query, for imports and the demo clinic."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('people_record_number_seq') FROM generate_series(1, %s)", [count]
        )
        return [rules.record_number(position=position) for (position,) in cursor.fetchall()]

"""The people of the demo clinic: doctors, patients, the accounts a newcomer signs in with."""

from __future__ import annotations

import datetime as dt
import random

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from clinic.people.choices import (
    ApprovalStatus,
    ProxyRelationship,
    ProxyScope,
    Role,
    Sex,
    Specialty,
)
from clinic.people.models import Patient, Practitioner, RoleGrant, User
from clinic.people.services import proxies
from clinic.people.services.registration import next_record_numbers
from clinic.people.viewer import SYSTEM
from clinic.portal.demo import figures, names

PATIENT, DOCTOR = "patient@example.com", "doctor@example.com"
DESK, ADMINISTRATOR = "desk@example.com", "admin@example.com"


def create_accounts(*, password: str, now: dt.datetime) -> dict[str, User]:
    """Create the four accounts with proved addresses; return them by address."""
    roles = {
        PATIENT: Role.PATIENT,
        DOCTOR: Role.PRACTITIONER,
        DESK: Role.FRONT_DESK,
        ADMINISTRATOR: Role.ADMINISTRATOR,
    }
    # One hash serves all four: it is the same password, and hashing is slow on purpose.
    hashed = make_password(password)
    users = {
        email: User(email=email, password=hashed, date_joined=now, time_zone="Europe/London")
        for email in roles
    }
    User.objects.bulk_create(users.values())
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=email, primary=True, verified=True)
        for email, user in users.items()
    )
    RoleGrant.objects.bulk_create(
        RoleGrant(user=user, role=roles[email], granted_at=now) for email, user in users.items()
    )
    return users


def create_doctors(*, account: User, now: dt.datetime) -> list[Practitioner]:
    """Create twelve approved doctors, the first with the doctor's account, and one who waits."""
    doctors = [
        Practitioner(
            user=account if position == 0 else None,
            title="" if specialty == "nursing" else "Dr",
            given_name=given,
            family_name=family,
            specialty=specialty,
            languages=languages.split(","),
            bio=about,
            approval=ApprovalStatus.APPROVED,
            approval_decided_at=now,
            created_at=now,
        )
        for position, (given, family, specialty, _, languages, _, _, about) in enumerate(
            names.DOCTORS
        )
    ]
    Practitioner.objects.bulk_create(doctors)
    _create_waiting_doctor(now)
    return doctors


def _create_waiting_doctor(now: dt.datetime) -> None:
    user = User.objects.create_user("new.doctor@example.com", date_joined=now)
    Practitioner.objects.create(
        user=user,
        title="Dr",
        given_name="Marguerite",
        family_name="Okafor-Lund",
        specialty=Specialty.NEUROLOGY,
        languages=["en", "da"],
        license_number="GMC 7712045",
        created_at=now,
    )


def create_patients(
    *, count: int, account: User, draw: random.Random, now: dt.datetime
) -> list[Patient]:
    """Create patients of believable ages; the first has the patient's account."""
    numbers = next_record_numbers(count=count)
    patients = [_patient(position, numbers[position], draw, now) for position in range(count)]
    first = patients[0]
    first.user, first.email = account, account.email
    first.given_name, first.family_name, first.sex = "Amara", "Fenwick", Sex.FEMALE
    first.birth_date = dt.date(now.year - 41, 3, 9)
    first.time_zone = "Europe/London"
    child = patients[1]
    child.given_name, child.family_name, child.sex = "Mila", "Fenwick", Sex.FEMALE
    child.birth_date = dt.date(now.year - 7, 6, 14)
    Patient.objects.bulk_create(patients)
    return patients


def let_parent_act(*, child: Patient, now: dt.datetime) -> None:
    """Let the patient a newcomer signs in as act for her daughter, as the desk would."""
    wish = proxies.Wish(
        email=PATIENT,
        relationship=ProxyRelationship.PARENT,
        scopes=frozenset({ProxyScope.VISITS, ProxyScope.RECORD_READ, ProxyScope.RECORD_WRITE}),
        last_day=now.date() + dt.timedelta(days=3 * 365),
    )
    proxies.grant_custody(patient_id=child.pk, wish=wish, by=SYSTEM, now=now)


def _patient(position: int, number: str, draw: random.Random, now: dt.datetime) -> Patient:
    female = draw.random() < figures.FEMALE_SHARE
    given = draw.choice(names.FEMALE if female else names.MALE)
    family = draw.choice(names.FAMILY)
    [(least, most, _)] = draw.choices(figures.AGES, weights=[row[2] for row in figures.AGES])
    days = draw.randint(least * 365 + least // 4 + 1, most * 365 + most // 4 + 360)
    return Patient(
        record_number=number,
        given_name=given,
        family_name=family,
        sex=Sex.FEMALE if female else Sex.MALE,
        birth_date=now.date() - dt.timedelta(days=days),
        email=f"patient{position + 1}@example.com",
        phone=f"+44 7700 900{draw.randint(0, 999):03d}",
        address=f"{draw.randint(1, 180)} {draw.choice(names.FAMILY)} Road",
        emergency_contact_name=f"{draw.choice(names.FEMALE)} {family}",
        emergency_contact_phone=f"+44 7700 900{draw.randint(0, 999):03d}",
        created_at=now - dt.timedelta(days=draw.randint(30, 900)),
    )

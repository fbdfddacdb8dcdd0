"""What people say about themselves: details of patients, pages of doctors, preferences."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import transaction

from clinic.people import permissions
from clinic.people.choices import Units
from clinic.people.models import Patient, Practitioner, User
from clinic.people.services.registration import DETAIL_NAMES, PatientDetails
from clinic.people.trail import note
from clinic.people.viewer import Viewer


@dataclass(frozen=True, slots=True)
class PractitionerPage:
    """What a doctor says about themself; specialty and licence are the clinic's to change."""

    title: str
    given_name: str
    family_name: str
    bio: str
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preferences:
    """How the product looks and behaves for one account."""

    theme: str
    single_keys: bool
    language: str
    time_zone: str
    units: str


def update_profile(
    *, patient_id: uuid.UUID, details: PatientDetails, by: Viewer, now: dt.datetime
) -> Patient:
    """Store a patient's details. The trail keeps which fields changed, never what they say.

    A patient with an account keeps the address of the account: it changes where it is proved.
    Raises NotAllowed.
    """
    permissions.check_can_edit_patient(by=by, patient_id=patient_id)
    with transaction.atomic():
        patient = Patient.objects.select_for_update(no_key=True, of=("self",)).get(pk=patient_id)
        kept = {"email"} if patient.user_id else set()
        changed = [
            name
            for name in DETAIL_NAMES
            if name not in kept and getattr(patient, name) != getattr(details, name)
        ]
        for name in changed:
            setattr(patient, name, getattr(details, name))
        if changed:
            patient.save(update_fields=changed)
            _follow(patient)
            note(
                action="patient.updated",
                by=by,
                now=now,
                subject=patient,
                detail={"fields": sorted(changed)},
            )
    return patient


def _follow(patient: Patient) -> None:
    """Keep language and zone of the account in step: pages read the account, mails the patient."""
    if patient.user_id:
        User.objects.filter(pk=patient.user_id).update(
            language=patient.language, time_zone=patient.time_zone
        )


def update_practitioner_page(
    *, practitioner_id: uuid.UUID, page: PractitionerPage, by: Viewer, now: dt.datetime
) -> Practitioner:
    """Store what a doctor says about themself. Raises NotAllowed."""
    permissions.check_can_edit_practitioner(by=by, practitioner_id=practitioner_id)
    with transaction.atomic():
        practitioner = Practitioner.objects.select_for_update(no_key=True, of=("self",)).get(
            pk=practitioner_id
        )
        values = {
            "title": page.title,
            "given_name": page.given_name,
            "family_name": page.family_name,
            "bio": page.bio,
            "languages": list(page.languages),
        }
        changed = [name for name, value in values.items() if getattr(practitioner, name) != value]
        for name in changed:
            setattr(practitioner, name, values[name])
        if changed:
            practitioner.save(update_fields=changed)
            note(
                action="practitioner.updated",
                by=by,
                now=now,
                subject=practitioner,
                detail={"fields": sorted(changed)},
            )
    return practitioner


def update_preferences(*, preferences: Preferences, by: Viewer, now: dt.datetime) -> User:
    """Store the preferences of the account that acts. Raises NotAllowed for a visitor."""
    if by.user_id is None:
        raise permissions.NotAllowed("preferences of nobody")
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=by.user_id)
        user.theme = preferences.theme
        user.single_keys = preferences.single_keys
        user.language = preferences.language
        user.time_zone = preferences.time_zone
        user.units = preferences.units
        user.save(update_fields=["theme", "single_keys", "language", "time_zone", "units"])
        Patient.objects.filter(user_id=user.pk).update(
            language=user.language, time_zone=user.time_zone
        )
        note(action="account.preferences_changed", by=by, now=now, subject=user)
    return user


def choose_units(*, units: Units, by: Viewer, now: dt.datetime) -> None:
    """Store in which units the account that acts reads measurements. Raises NotAllowed for a
    visitor.
    """
    if by.user_id is None:
        raise permissions.NotAllowed("preferences of nobody")
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=by.user_id)
        if user.units == units:
            return
        user.units = units
        user.save(update_fields=["units"])
        note(action="account.preferences_changed", by=by, now=now, subject=user)

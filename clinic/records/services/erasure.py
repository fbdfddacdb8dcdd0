"""Destroy a record: one administrator asks, a second one decides, the key is gone for good.

What stays: the patient's name and the times of visits, which are not sealed, and the audit trail.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Protocol

from django.db import transaction

from clinic.audit import services as audit
from clinic.crypto import datakeys
from clinic.lib import times
from clinic.lib.announce import announce
from clinic.people import carers
from clinic.people.choices import Role
from clinic.people.models import Patient
from clinic.people.permissions import NotAllowed, check_can_administer
from clinic.people.services import proxies, roles
from clinic.people.viewer import Viewer
from clinic.records.choices import ErasureBasis, ErasureStatus
from clinic.records.models import DocumentReference, Erasure, PatientRecord
from clinic.records.rules import rights as rules
from clinic.records.selectors import rights as selectors
from clinic.records.selectors.clinic import clinic_zone
from clinic.records.services.documents import forget_files
from clinic.records.signals import record_changed


class Decide(Protocol):
    """What the second person does."""

    def __call__(self, *, patient_id: uuid.UUID, by: Viewer, now: dt.datetime) -> Erasure: ...


def request_erasure(
    *, patient_id: uuid.UUID, basis: ErasureBasis, by: Viewer, now: dt.datetime
) -> Erasure:
    """Ask for the destruction of a record. Nothing is destroyed yet.

    Raises NotAllowed, RetentionRuns, VisitsAhead, NotOpen (it was asked for or done already). One
    that was refused may be asked for again.
    """
    user_id = _administrator(by)
    with transaction.atomic(durable=True):
        patient = _locked(patient_id)
        row = Erasure.objects.filter(pk=patient_id).first()
        if row is not None and row.status != ErasureStatus.REFUSED:
            raise rules.NotOpen
        _check(patient, basis, now)
        row = row or Erasure(pk=patient_id)
        row.status, row.legal_basis = ErasureStatus.REQUESTED, basis
        row.requested_at, row.requested_by_id = now, user_id
        row.decided_at, row.decided_by_id = None, None
        row.save()
        _note("erasure.requested", row, by=by, now=now)
    return row


def refuse_erasure(*, patient_id: uuid.UUID, by: Viewer, now: dt.datetime) -> Erasure:
    """Refuse it as the second person. Raises NotAllowed, SamePerson, NotOpen."""
    user_id = _administrator(by)
    with transaction.atomic(durable=True):
        _locked(patient_id)
        row = _open(patient_id, user_id)
        _decide(row, ErasureStatus.REFUSED, user_id, now)
        _note("erasure.refused", row, by=by, now=now)
    return row


def execute_erasure(*, patient_id: uuid.UUID, by: Viewer, now: dt.datetime) -> Erasure:
    """Destroy the record as the second person: its key, its files, the way into the account.

    Raises NotAllowed, SamePerson, NotOpen, RetentionRuns, VisitsAhead. The caller has asked who
    sits there (step-up).
    """
    user_id = _administrator(by)
    with transaction.atomic(durable=True):
        patient = _locked(patient_id)
        row = _open(patient_id, user_id)
        _check(patient, ErasureBasis(row.legal_basis), now)
        _decide(row, ErasureStatus.EXECUTED, user_id, now)
        datakeys.shred(datakeys.PATIENT, patient_id, now=now)
        _note("erasure.executed", row, by=by, now=now)
        _close_account(patient, by=by, now=now)
        version = _rise(patient_id)
        announce(
            record_changed,
            sender=PatientRecord,
            patient_id=patient_id,
            version=version,
            what="erasure.executed",
            at=now,
        )
    # From here on nothing can be read; what remains is tidying up.
    for document_id in _documents(patient_id):
        forget_files(document_id=document_id)
    for grant in carers.standing_grants(patient_id=patient_id, now=now):
        proxies.revoke_grant(grant_id=grant.pk, by=by, now=now)
    return row


def _administrator(by: Viewer) -> uuid.UUID:
    check_can_administer(by=by)
    if by.user_id is None:
        raise NotAllowed("erasure by nobody")
    return by.user_id


def _locked(patient_id: uuid.UUID) -> Patient:
    """Lock the patient and the record, so that nothing is written while it is decided."""
    patient = Patient.objects.select_for_update(no_key=True, of=("self",)).get(pk=patient_id)
    # A record without an entry is as old as its patient.
    new = PatientRecord(pk=patient_id, changed_at=patient.created_at)
    PatientRecord.objects.bulk_create([new], ignore_conflicts=True)
    PatientRecord.objects.select_for_update(no_key=True).get(pk=patient_id)
    return patient


def _open(patient_id: uuid.UUID, user_id: uuid.UUID) -> Erasure:
    row = Erasure.objects.filter(pk=patient_id, status=ErasureStatus.REQUESTED).first()
    if row is None:
        raise rules.NotOpen
    if row.requested_by_id == user_id:
        raise rules.SamePerson
    return row


def _check(patient: Patient, basis: ErasureBasis, now: dt.datetime) -> None:
    tz = clinic_zone()
    rules.check_may_erase(
        basis=basis,
        kept_until=selectors.kept_until(patient_id=patient.pk, tz=tz),
        today=times.today(tz, now),
        visits_ahead=selectors.visits_ahead(patient_id=patient.pk, now=now),
    )


def _decide(row: Erasure, status: ErasureStatus, user_id: uuid.UUID, now: dt.datetime) -> None:
    row.status, row.decided_at, row.decided_by_id = status, now, user_id
    row.save(update_fields=["status", "decided_at", "decided_by"])


def _close_account(patient: Patient, *, by: Viewer, now: dt.datetime) -> None:
    """Close the account; one that somebody of the staff works with only stops being a patient's."""
    user = patient.user
    if user is None:
        return
    held = set(user.role_grants.filter(ended_at=None).values_list("role", flat=True))
    if Role.PATIENT in held and held != {Role.PATIENT}:
        roles.end_role(user_id=user.pk, role=Role.PATIENT, by=by, now=now)
    elif user.is_active:
        roles.deactivate_user(user_id=user.pk, by=by, now=now)


def _rise(patient_id: uuid.UUID) -> int:
    record = PatientRecord.objects.get(pk=patient_id)
    record.version += 1
    # `changed_at` stays: it says when the last entry was made.
    record.save(update_fields=["version"])
    return record.version


def _documents(patient_id: uuid.UUID) -> list[uuid.UUID]:
    rows = DocumentReference.objects.filter(patient_id=patient_id)
    return list(rows.values_list("pk", flat=True))


def _note(action: str, row: Erasure, *, by: Viewer, now: dt.datetime) -> None:
    audit.record(
        actor_id=by.user_id,
        actor_roles=by.roles,
        action=action,
        object_type="erasure",
        object_id=row.pk,
        patient_id=row.pk,
        now=now,
        detail={"basis": row.legal_basis},
    )

"""Doctors register, wait, and are approved or declined by an administrator."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from clinic.people import permissions, rules
from clinic.people.choices import ApprovalStatus, Role
from clinic.people.models import Practitioner, User
from clinic.people.services import roles
from clinic.people.services.registration import Registration, create_account
from clinic.people.trail import note
from clinic.people.viewer import Viewer


class AlreadyRegistered(Exception):
    """This account has a doctor's record already."""


@dataclass(frozen=True, slots=True)
class PractitionerDetails:
    """What a doctor tells the clinic when registering."""

    title: str
    specialty: str
    license_number: str
    bio: str = ""
    languages: tuple[str, ...] = ()


def register_practitioner(
    *, registration: Registration, details: PractitionerDetails, by: Viewer, now: dt.datetime
) -> User:
    """Create an account that waits for approval: it holds no role until then. Raises EmailTaken."""
    with transaction.atomic():
        user = create_account(registration=registration, now=now)
        _create(user=user, registration=registration, details=details, now=now)
        note(
            action="account.registered",
            by=by,
            now=now,
            subject=user,
            detail={"role": Role.PRACTITIONER},
        )
    return user


def register_account_as_practitioner(
    *,
    names: Registration,
    details: PractitionerDetails,
    by: Viewer,
    now: dt.datetime,
) -> Practitioner:
    """Let someone who has an account here register as a doctor too. Raises AlreadyRegistered."""
    if by.user_id is None:
        raise permissions.NotAllowed("visitor")
    with transaction.atomic():
        user = User.objects.get(pk=by.user_id)
        try:
            with transaction.atomic():
                practitioner = _create(user=user, registration=names, details=details, now=now)
        except IntegrityError as error:
            raise AlreadyRegistered from error
        note(action="practitioner.registered", by=by, now=now, subject=practitioner)
    return practitioner


def approve_practitioner(
    *, practitioner_id: uuid.UUID, by: Viewer, now: dt.datetime
) -> Practitioner:
    """Make a registered doctor bookable and give the role. Raises NotAllowed, AlreadyDecided."""
    return _decide(
        practitioner_id=practitioner_id, approval=ApprovalStatus.APPROVED, by=by, now=now
    )


def decline_practitioner(
    *, practitioner_id: uuid.UUID, by: Viewer, now: dt.datetime
) -> Practitioner:
    """Refuse a registered doctor; the account stays, without a role. Raises NotAllowed,
    AlreadyDecided.
    """
    return _decide(
        practitioner_id=practitioner_id, approval=ApprovalStatus.DECLINED, by=by, now=now
    )


def create_approved_practitioner(
    *,
    user: User,
    names: Registration,
    details: PractitionerDetails,
    approved_by: uuid.UUID | None,
    now: dt.datetime,
) -> Practitioner:
    """Create the record of a doctor who was invited. The caller holds the transaction."""
    practitioner = _create(user=user, registration=names, details=details, now=now)
    approve(practitioner=practitioner, approved_by=approved_by, now=now)
    return practitioner


def approve(*, practitioner: Practitioner, approved_by: uuid.UUID | None, now: dt.datetime) -> None:
    """Write the approval. The caller has checked who decides and holds the transaction."""
    _write_decision(practitioner, ApprovalStatus.APPROVED, approved_by, now)


def _create(
    *, user: User, registration: Registration, details: PractitionerDetails, now: dt.datetime
) -> Practitioner:
    return Practitioner.objects.create(
        user=user,
        title=details.title,
        given_name=registration.given_name,
        family_name=registration.family_name,
        specialty=details.specialty,
        license_number=details.license_number,
        bio=details.bio,
        languages=list(details.languages),
        created_at=now,
    )


def _decide(
    *, practitioner_id: uuid.UUID, approval: ApprovalStatus, by: Viewer, now: dt.datetime
) -> Practitioner:
    permissions.check_can_administer(by=by)
    with transaction.atomic():
        practitioner = Practitioner.objects.select_for_update(no_key=True, of=("self",)).get(
            pk=practitioner_id
        )
        rules.check_undecided(approval=practitioner.approval)
        _write_decision(practitioner, approval, by.user_id, now)
        note(action=f"practitioner.{approval}", by=by, now=now, subject=practitioner)
        if approval == ApprovalStatus.APPROVED and practitioner.user_id:
            roles.grant_role(user_id=practitioner.user_id, role=Role.PRACTITIONER, by=by, now=now)
    return practitioner


def _write_decision(
    practitioner: Practitioner,
    approval: ApprovalStatus,
    decided_by: uuid.UUID | None,
    now: dt.datetime,
) -> None:
    practitioner.approval = approval
    practitioner.approval_decided_at = now
    practitioner.approval_decided_by_id = decided_by
    practitioner.save(update_fields=["approval", "approval_decided_at", "approval_decided_by"])

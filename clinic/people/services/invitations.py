"""An administrator invites someone to hold a role, who accepts with the secret of the mail."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, replace

from allauth.account.models import EmailAddress
from django.db import transaction

from clinic.lib.announce import announce
from clinic.people import permissions, rules
from clinic.people.choices import Role
from clinic.people.models import Invitation, Patient, Practitioner, RoleGrant, User
from clinic.people.secrets import hashed, new_secret
from clinic.people.services.practitioners import (
    PractitionerDetails,
    approve,
    create_approved_practitioner,
)
from clinic.people.services.registration import Registration, create_account, create_patient_of
from clinic.people.services.roles import RoleNeedsRecord
from clinic.people.signals import access_changed
from clinic.people.trail import note
from clinic.people.viewer import Viewer


class NotTheInvited(Exception):
    """Someone else is signed in than the person whom the invitation names."""


@dataclass(frozen=True, slots=True)
class IssuedInvitation:
    """A new invitation with its secret, which exists only here and in the mail."""

    invitation: Invitation
    secret: str


def invite(*, email: str, role: Role, by: Viewer, now: dt.datetime) -> IssuedInvitation:
    """Invite an address to hold a role, for seven days. Raises NotAllowed.

    Earlier open invitations of the address are withdrawn: only the newest mail works.
    """
    permissions.check_can_administer(by=by)
    secret = new_secret()
    with transaction.atomic():
        Invitation.objects.filter(email=email.lower(), accepted_at=None, withdrawn_at=None).update(
            withdrawn_at=now
        )
        invitation = Invitation.objects.create(
            email=email.lower(),
            role=role,
            secret_hash=hashed(secret=secret),
            invited_by_id=by.user_id,
            invited_at=now,
            expires_at=now + rules.INVITATION_LIFETIME,
        )
        note(action="invitation.sent", by=by, now=now, subject=invitation, detail={"role": role})
    return IssuedInvitation(invitation=invitation, secret=secret)


def withdraw_invitation(*, invitation_id: uuid.UUID, by: Viewer, now: dt.datetime) -> None:
    """Take an open invitation back; its link stops working. Raises NotAllowed, InvitationOver."""
    permissions.check_can_administer(by=by)
    with transaction.atomic():
        invitation = Invitation.objects.select_for_update(no_key=True, of=("self",)).get(
            pk=invitation_id
        )
        _check_open(invitation, now)
        invitation.withdrawn_at = now
        invitation.save(update_fields=["withdrawn_at"])
        note(action="invitation.withdrawn", by=by, now=now, subject=invitation)


def accept_invitation(
    *,
    secret: str,
    registration: Registration,
    details: PractitionerDetails | None,
    by: Viewer,
    now: dt.datetime,
) -> User:
    """Create the invited account with its role. The address is proved: the secret went there.

    `details` is what a doctor adds. Raises InvitationOver, EmailTaken.
    """
    with transaction.atomic():
        invitation = _used(secret, now)
        # The invited address, whatever the form said.
        invited = replace(registration, email=invitation.email)
        user = create_account(registration=invited, now=now)
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
        _take_up(invitation=invitation, user=user, names=registration, details=details, now=now)
        note(action="invitation.accepted", by=by, now=now, subject=invitation)
    return user


def accept_invitation_with_account(
    *,
    secret: str,
    names: Registration | None,
    details: PractitionerDetails | None,
    by: Viewer,
    now: dt.datetime,
) -> User:
    """Add the invited role to the account that is signed in.

    Raises InvitationOver, NotTheInvited, RolesDoNotMix, RoleNeedsRecord.
    """
    with transaction.atomic():
        invitation = _used(secret, now)
        user = (
            User.objects.select_for_update(no_key=True, of=("self",))
            .filter(pk=by.user_id or uuid.UUID(int=0), is_active=True)
            .first()
        )
        if user is None or user.email.lower() != invitation.email.lower():
            raise NotTheInvited
        _take_up(invitation=invitation, user=user, names=names, details=details, now=now)
        note(action="invitation.accepted", by=by, now=now, subject=invitation)
    return user


def _used(secret: str, now: dt.datetime) -> Invitation:
    """Lock the open invitation of this secret and mark it used; raises InvitationOver."""
    invitation = (
        Invitation.objects.select_for_update(no_key=True, of=("self",))
        .filter(secret_hash=hashed(secret=secret))
        .first()
    )
    if invitation is None:
        raise rules.InvitationOver
    _check_open(invitation, now)
    invitation.accepted_at = now
    invitation.save(update_fields=["accepted_at"])
    return invitation


def _check_open(invitation: Invitation, now: dt.datetime) -> None:
    rules.check_invitation_open(
        now=now,
        expires_at=invitation.expires_at,
        accepted_at=invitation.accepted_at,
        withdrawn_at=invitation.withdrawn_at,
    )


def _take_up(
    *,
    invitation: Invitation,
    user: User,
    names: Registration | None,
    details: PractitionerDetails | None,
    now: dt.datetime,
) -> None:
    held = frozenset(user.role_grants.filter(ended_at=None).values_list("role", flat=True))
    if invitation.role in held:
        return
    rules.check_roles_mix(held=held, added=invitation.role)
    if invitation.role == Role.PATIENT:
        _record_of_patient(user, names, now)
    if invitation.role == Role.PRACTITIONER:
        _record_of_doctor(invitation, user, names, details, now)
    RoleGrant.objects.create(
        user=user, role=invitation.role, granted_at=now, granted_by_id=invitation.invited_by_id
    )
    announce(access_changed, sender=User, user_id=user.pk)


def _record_of_patient(user: User, names: Registration | None, now: dt.datetime) -> None:
    if Patient.objects.filter(user=user).exists():
        return
    if names is None:
        raise RoleNeedsRecord
    create_patient_of(user=user, registration=names, now=now)


def _record_of_doctor(
    invitation: Invitation,
    user: User,
    names: Registration | None,
    details: PractitionerDetails | None,
    now: dt.datetime,
) -> None:
    """Create the doctor's record, or approve the one that already waits."""
    inviter = invitation.invited_by_id
    waiting = Practitioner.objects.filter(user=user).first()
    if waiting is not None:
        approve(practitioner=waiting, approved_by=inviter, now=now)
    elif names is None or details is None:
        raise RoleNeedsRecord
    else:
        create_approved_practitioner(
            user=user, names=names, details=details, approved_by=inviter, now=now
        )

"""What accounts may do: roles begin and end, accounts close and open again."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction

from clinic.lib.announce import announce
from clinic.people import permissions, rules
from clinic.people.choices import Role
from clinic.people.models import Patient, Practitioner, RoleGrant, User
from clinic.people.signals import access_changed
from clinic.people.trail import note
from clinic.people.viewer import Viewer


class RoleNeedsRecord(Exception):
    """This role needs the record that comes with registering or with an invitation."""


class RoleNotHeld(Exception):
    """The role was not held, or ended a moment ago."""


def grant_role(*, user_id: uuid.UUID, role: Role, by: Viewer, now: dt.datetime) -> RoleGrant:
    """Give an account a role; gives back the present grant if it is held already.

    Raises NotAllowed, RoleNeedsRecord, RolesDoNotMix.
    """
    permissions.check_can_administer(by=by)
    with transaction.atomic():
        user = _locked(user_id)
        present = user.role_grants.filter(role=role, ended_at=None).first()
        if present is not None:
            return present
        held = frozenset(user.role_grants.filter(ended_at=None).values_list("role", flat=True))
        rules.check_roles_mix(held=held, added=role)
        _check_record(user, role)
        grant = RoleGrant.objects.create(
            user=user, role=role, granted_at=now, granted_by_id=by.user_id
        )
        note(action="role.granted", by=by, now=now, subject=user, detail={"role": role})
        announce(access_changed, sender=User, user_id=user.pk)
    return grant


def end_role(*, user_id: uuid.UUID, role: Role, by: Viewer, now: dt.datetime) -> None:
    """End a role from now on; open pages of the person close.

    Raises NotAllowed, RoleNotHeld, LastAdministrator.
    """
    permissions.check_can_administer(by=by)
    with transaction.atomic():
        user = _locked(user_id)
        if role == Role.ADMINISTRATOR:
            _check_other_administrator(user_id)
        ended = user.role_grants.filter(role=role, ended_at=None).update(ended_at=now)
        if not ended:
            raise RoleNotHeld
        note(action="role.ended", by=by, now=now, subject=user, detail={"role": role})
        announce(access_changed, sender=User, user_id=user.pk)


def deactivate_user(*, user_id: uuid.UUID, by: Viewer, now: dt.datetime) -> None:
    """Close an account: it is signed out everywhere at its next request and its sockets close now.

    Raises NotAllowed, LastAdministrator.
    """
    permissions.check_can_administer(by=by)
    with transaction.atomic():
        user = _locked(user_id)
        if user.role_grants.filter(role=Role.ADMINISTRATOR, ended_at=None).exists():
            _check_other_administrator(user_id)
        user.is_active = False
        user.save(update_fields=["is_active"])
        note(action="account.closed", by=by, now=now, subject=user)
        announce(access_changed, sender=User, user_id=user.pk)


def reactivate_user(*, user_id: uuid.UUID, by: Viewer, now: dt.datetime) -> None:
    """Open a closed account again, with the roles it still holds. Raises NotAllowed."""
    permissions.check_can_administer(by=by)
    with transaction.atomic():
        user = _locked(user_id)
        user.is_active = True
        user.save(update_fields=["is_active"])
        note(action="account.reopened", by=by, now=now, subject=user)
        announce(access_changed, sender=User, user_id=user.pk)


def _locked(user_id: uuid.UUID) -> User:
    """Lock the account, so that two administrators cannot cross over its roles."""
    return User.objects.select_for_update(no_key=True, of=("self",)).get(pk=user_id)


def _check_record(user: User, role: Role) -> None:
    records = {Role.PATIENT: Patient, Role.PRACTITIONER: Practitioner}
    record = records.get(role)
    if record is not None and not record._default_manager.filter(user=user).exists():
        raise RoleNeedsRecord


def _check_other_administrator(user_id: uuid.UUID) -> None:
    # Every administrator's grant is locked, in id order: two of them ending each other at the same
    # moment would otherwise both find the other one still there.
    grants = RoleGrant.objects.filter(role=Role.ADMINISTRATOR, ended_at=None)
    list(grants.select_for_update(no_key=True, of=("self",)).order_by("pk").values_list("pk"))
    # A second statement, because the first one saw the accounts as they were before it waited.
    if not grants.filter(user__is_active=True).exclude(user_id=user_id).exists():
        raise rules.LastAdministrator

"""Display-ready values of the pages of people."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from clinic.people import rules
from clinic.people.choices import SPOKEN_LANGUAGES, Role
from clinic.people.models import Invitation, Practitioner, User

LANGUAGE_NAMES = dict(SPOKEN_LANGUAGES)


@dataclass(frozen=True, slots=True)
class RoleOption:
    """One role and what it is called."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account in the administrator's list."""

    id: uuid.UUID
    dom_id: str
    name: str
    email: str
    is_active: bool
    is_self: bool
    held: tuple[RoleOption, ...]
    offered: tuple[RoleOption, ...]


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One doctor who waits for approval."""

    id: uuid.UUID
    dom_id: str
    name: str
    email: str
    address_proved: bool
    specialty: str
    license_number: str
    languages: str
    bio: str
    registered_at: dt.datetime


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """One open invitation."""

    id: uuid.UUID
    dom_id: str
    email: str
    role: str
    expires_at: dt.datetime


def account_row(user: User, *, own_id: uuid.UUID | None) -> AccountRow:
    held = [Role(grant.role) for grant in user.grants_held]  # type: ignore[attr-defined]
    return AccountRow(
        id=user.pk,
        dom_id=f"account-{user.pk}",
        name=_name(user),
        email=user.email,
        is_active=user.is_active,
        is_self=user.pk == own_id,
        held=tuple(_option(role) for role in held),
        offered=tuple(_option(role) for role in Role if _can_be_offered(role, held, user)),
    )


def waiting_row(practitioner: Practitioner) -> WaitingRow:
    assert practitioner.user is not None
    return WaitingRow(
        id=practitioner.pk,
        dom_id=f"practitioner-{practitioner.pk}",
        name=practitioner.full_name,
        email=practitioner.user.email,
        address_proved=practitioner.address_proved,  # type: ignore[attr-defined]
        specialty=practitioner.get_specialty_display(),
        license_number=practitioner.license_number,
        languages=", ".join(LANGUAGE_NAMES.get(code, code) for code in practitioner.languages),
        bio=practitioner.bio,
        registered_at=practitioner.created_at,
    )


def invitation_row(invitation: Invitation) -> InvitationRow:
    return InvitationRow(
        id=invitation.pk,
        dom_id=f"invitation-{invitation.pk}",
        email=invitation.email,
        role=str(Role(invitation.role).label),
        expires_at=invitation.expires_at,
    )


def _can_be_offered(role: Role, held: list[Role], user: User) -> bool:
    """Offer only what the service would grant: no refusal for a button that was shown."""
    if role in held or {role, *held} >= rules.EXCLUSIVE_ROLES:
        return False
    needed = {Role.PATIENT: "patient", Role.PRACTITIONER: "practitioner"}.get(role)
    return needed is None or getattr(user, needed, None) is not None


def _option(role: Role) -> RoleOption:
    return RoleOption(code=role.value, label=str(role.label))


def _name(user: User) -> str:
    for kind in ("practitioner", "patient"):
        person = getattr(user, kind, None)
        if person is not None:
            return str(person.full_name)
    return ""

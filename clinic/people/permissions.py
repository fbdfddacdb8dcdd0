"""Who may open which address, and who may do what to people: the one policy module.

Every view declares its audience with `access`; views that cannot stand in `THIRD_PARTY`.
What is declared nowhere does not exist for anyone. The answer to a stranger is always 404, never
403, because that something exists is already a secret. The rules for sockets stand in
`realtime/topics.py` and ask the same `Viewer`.
"""

from __future__ import annotations

import enum
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from django.urls import ResolverMatch

from clinic.people.choices import Role
from clinic.people.viewer import Viewer

View = TypeVar("View", bound=Callable[..., Any])


class Audience(enum.Enum):
    """Audiences that are not a role."""

    PUBLIC = "public"
    SIGNED_IN = "signed-in"
    # Stays open to a carer while they act; the own account's other pages do not.
    ACTING = "acting"


PUBLIC = Audience.PUBLIC
SIGNED_IN = Audience.SIGNED_IN
ACTING = Audience.ACTING
STAFF = (Role.PRACTITIONER, Role.FRONT_DESK, Role.ADMINISTRATOR)
NOBODY: frozenset[Audience | Role] = frozenset()

Allowed = frozenset[Audience | Role]


class Decision(enum.Enum):
    ALLOW = "allow"
    SIGN_IN = "sign-in"
    HIDE = "hide"


class NotAllowed(Exception):
    """This person may not do this. Pages answer 404; the text is for the log only."""


# Views that carry no declaration of their own, by URL name. A name that is missing here is refused.
THIRD_PARTY: dict[str, Allowed] = {
    "healthz": frozenset({PUBLIC}),
    "readyz": frozenset({PUBLIC}),
    "account_login": frozenset({PUBLIC}),
    "account_signup": frozenset({PUBLIC}),
    "account_logout": frozenset({PUBLIC}),
    "account_inactive": frozenset({PUBLIC}),
    "account_email_verification_sent": frozenset({PUBLIC}),
    "account_reset_password": frozenset({PUBLIC}),
    "account_confirm_password_reset_code": frozenset({PUBLIC}),
    "account_complete_password_reset": frozenset({PUBLIC}),
    "account_password_reset_completed": frozenset({PUBLIC}),
    "account_reauthenticate": frozenset({SIGNED_IN}),
    "account_email": frozenset({SIGNED_IN}),
    "account_change_password": frozenset({SIGNED_IN}),
    "account_set_password": frozenset({SIGNED_IN}),
    # Sign-in by code is off (a mail is no authenticator), but its page comes along all the same.
    "account_confirm_login_code": NOBODY,
}

# Static files of the development server have no URL name, so they are known by their function.
THIRD_PARTY_VIEWS: dict[str, Allowed] = {
    "django.contrib.staticfiles.views.serve": frozenset({PUBLIC}),
}


def access(*allowed: Audience | Role) -> Callable[[View], View]:
    """Declare who may open a view: `access(PUBLIC)`, `access(SIGNED_IN)` or the roles."""
    if not allowed:
        raise ValueError("A view names its audience.")

    def declare(view: View) -> View:
        view.access = frozenset(allowed)  # type: ignore[attr-defined]
        return view

    return declare


def audience_of(match: ResolverMatch) -> Allowed | None:
    """Return the declared audience of a resolved address, or None where nothing is declared."""
    declared: Allowed | None = getattr(match.func, "access", None)
    if declared is not None:
        return declared
    if match.view_name in THIRD_PARTY:
        return THIRD_PARTY[match.view_name]
    return THIRD_PARTY_VIEWS.get(match._func_path)


def decide(*, allowed: Allowed | None, viewer: Viewer) -> Decision:
    """Say whether a viewer may open an address with this audience."""
    if not allowed:
        return Decision.HIDE
    if PUBLIC in allowed:
        return Decision.ALLOW
    if viewer.user_id is None:
        return Decision.SIGN_IN
    if viewer.proxy is not None:
        # Somebody else's place: what is about the own account waits until they stop.
        in_their_place = ACTING in allowed or Role.PATIENT in allowed
        return Decision.ALLOW if in_their_place else Decision.HIDE
    if SIGNED_IN in allowed or not viewer.roles.isdisjoint(allowed):
        return Decision.ALLOW
    return Decision.HIDE


def can_administer(*, by: Viewer) -> bool:
    """Only an administrator changes roles, approves doctors, invites and closes accounts."""
    return by.is_system or by.has(Role.ADMINISTRATOR)


def check_can_administer(*, by: Viewer) -> None:
    if not can_administer(by=by):
        raise NotAllowed("administration")


def can_register_by_phone(*, by: Viewer) -> bool:
    """Front desk and administrators enter a patient who called."""
    return by.is_system or by.runs_the_desk


def check_can_register_by_phone(*, by: Viewer) -> None:
    if not can_register_by_phone(by=by):
        raise NotAllowed("patient by phone")


def is_own_patient(*, viewer: Viewer, patient_id: uuid.UUID) -> bool:
    """Say whether somebody is this patient, not a carer who acts for them."""
    return viewer.proxy is None and viewer.patient_id == patient_id


def can_edit_patient(*, by: Viewer, patient_id: uuid.UUID) -> bool:
    """A patient edits the own details, no carer does; the desk edits anyone's."""
    return by.is_system or by.runs_the_desk or is_own_patient(viewer=by, patient_id=patient_id)


def check_can_edit_patient(*, by: Viewer, patient_id: uuid.UUID) -> None:
    if not can_edit_patient(by=by, patient_id=patient_id):
        raise NotAllowed("patient details")


def can_edit_practitioner(*, by: Viewer, practitioner_id: uuid.UUID) -> bool:
    """A doctor edits the own page; an administrator anyone's."""
    return by.is_system or by.has(Role.ADMINISTRATOR) or by.practitioner_id == practitioner_id


def check_can_edit_practitioner(*, by: Viewer, practitioner_id: uuid.UUID) -> None:
    if not can_edit_practitioner(by=by, practitioner_id=practitioner_id):
        raise NotAllowed("doctor's page")


def check_is_own_patient(*, by: Viewer, patient_id: uuid.UUID) -> None:
    """Only the patient decides who acts for them, never a carer."""
    if not is_own_patient(viewer=by, patient_id=patient_id):
        raise NotAllowed("grant of somebody else")


def can_grant_custody(*, by: Viewer) -> bool:
    """Front desk and administrators look at the papers of a parent."""
    return by.is_system or by.runs_the_desk


def check_can_grant_custody(*, by: Viewer) -> None:
    if not can_grant_custody(by=by):
        raise NotAllowed("custody")


def can_revoke_grant(*, by: Viewer, patient_id: uuid.UUID, carer_id: uuid.UUID | None) -> bool:
    """The patient, the carer and administrators end a grant."""
    if by.is_system or by.has(Role.ADMINISTRATOR):
        return True
    is_carer = by.user_id is not None and by.user_id == carer_id
    return is_carer or is_own_patient(viewer=by, patient_id=patient_id)


def check_can_revoke_grant(
    *, by: Viewer, patient_id: uuid.UUID, carer_id: uuid.UUID | None
) -> None:
    if not can_revoke_grant(by=by, patient_id=patient_id, carer_id=carer_id):
        raise NotAllowed("grant of somebody else")

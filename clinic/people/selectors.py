"""Reads of the people domain. Each takes the `viewer` it answers, except those that make the viewer."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.aggregates import ArrayAgg
from django.core.exceptions import ValidationError
from django.db.models import F, Q, Value

from clinic.people.choices import ApprovalStatus, Role
from clinic.people.models import Practitioner, User
from clinic.people.viewer import VISITOR, Viewer


def user_with_access(*, user_id: Any) -> User | None:
    """Return the account with `held_roles`, `own_patient_id` and `own_practitioner_id`, in one query."""
    try:
        return (
            User.objects.filter(pk=user_id)
            .annotate(
                held_roles=ArrayAgg(
                    "role_grants__role",
                    filter=Q(role_grants__ended_at__isnull=True, role_grants__isnull=False),
                    default=Value([]),
                ),
                own_patient_id=F("patient__pk"),
                own_practitioner_id=F("practitioner__pk"),
            )
            .first()
        )
    except (ValueError, ValidationError):  # a session from before a change of key type
        return None


def viewer_of(*, user: AbstractBaseUser | AnonymousUser) -> Viewer:
    """Return the viewer of a request's account; costs no query when the backend loaded it."""
    if not user.is_authenticated:
        return VISITOR
    if not hasattr(user, "held_roles"):
        return viewer_for(user_id=user.pk)
    roles = frozenset(user.held_roles)
    # An id counts only with its role: a doctor who waits for approval is no doctor yet.
    return Viewer(
        user_id=user.pk,
        roles=roles,
        patient_id=user.own_patient_id if Role.PATIENT in roles else None,  # type: ignore[attr-defined]
        practitioner_id=(
            user.own_practitioner_id if Role.PRACTITIONER in roles else None  # type: ignore[attr-defined]
        ),
    )


def viewer_for(*, user_id: uuid.UUID | None) -> Viewer:
    """Return the viewer for an account as it is now, for consumers and tasks; VISITOR if closed."""
    user = user_with_access(user_id=user_id) if user_id is not None else None
    if user is None or not user.is_active:
        return VISITOR
    return viewer_of(user=user)


def waits_for_approval(*, viewer: Viewer) -> bool:
    """Say whether this account registered as a doctor, holds no role yet and nobody has decided."""
    if viewer.user_id is None or viewer.roles:
        return False
    return Practitioner.objects.filter(
        user_id=viewer.user_id, approval=ApprovalStatus.PENDING
    ).exists()

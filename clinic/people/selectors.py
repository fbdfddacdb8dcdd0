"""Reads of the people domain. Each takes the `viewer` it answers, except those that make one."""

from __future__ import annotations

import datetime as dt
import functools
import uuid
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.aggregates import ArrayAgg
from django.core.exceptions import ValidationError
from django.db.models import (
    Exists,
    F,
    Func,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.functions import Coalesce, Lower, NullIf

from clinic.people.choices import STAFF_ROLES, ApprovalStatus, Role
from clinic.people.models import Invitation, Patient, Practitioner, RoleGrant, User
from clinic.people.permissions import NotAllowed, check_can_administer
from clinic.people.secrets import hashed
from clinic.people.viewer import VISITOR, Viewer


def user_with_access(*, user_id: Any) -> User | None:
    """Return the account with its roles, its patient's and doctor's ids and its name: one query."""
    try:
        identifier = User._meta.pk.to_python(user_id)
    except ValidationError:  # a session from before a change of key type
        return None
    statement, values = _access_statement()
    given = [identifier if value == _NOBODY else value for value in values]
    return next(iter(User.objects.raw(statement, given)), None)


_NOBODY = uuid.UUID(int=0)


@functools.cache
def _access_statement() -> tuple[str, tuple[Any, ...]]:
    """Return the statement and its values, `_NOBODY` in the account's place.

    Every request runs it, and the ORM builds it slower than the database answers.
    """
    query = (
        User.objects.filter(pk=_NOBODY)
        .annotate(
            held_roles=ArrayAgg(
                "role_grants__role",
                filter=Q(role_grants__ended_at__isnull=True, role_grants__isnull=False),
                default=Value([]),
            ),
            own_patient_id=F("patient__pk"),
            own_practitioner_id=F("practitioner__pk"),
            own_name=Coalesce(
                _name_of("practitioner"),
                _name_of("patient"),
                Value(""),
                output_field=TextField(),
            ),
        )
        .query
    )
    statement, values = query.sql_with_params()
    return statement, tuple(values)


def _name_of(kind: str) -> NullIf:
    """Return the full name of a joined person, NULL where there is none."""
    words = F(f"{kind}__given_name"), F(f"{kind}__family_name")
    name = Func(Value(" "), *words, function="CONCAT_WS", output_field=TextField())
    return NullIf(name, Value("", output_field=TextField()))


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


def account_of_patient(*, patient_id: uuid.UUID) -> uuid.UUID | None:
    """Return the account of a patient, None for one who has none (booked by phone)."""
    return Patient.objects.filter(pk=patient_id).values_list("user_id", flat=True).first()


def own_patient(*, viewer: Viewer) -> Patient | None:
    """Return the patient that the viewer is."""
    if viewer.patient_id is None:
        return None
    return Patient.objects.filter(pk=viewer.patient_id).first()


def own_practitioner(*, viewer: Viewer) -> Practitioner | None:
    """Return the doctor that the viewer is or registered as, approved or not."""
    if viewer.user_id is None:
        return None
    return Practitioner.objects.filter(user_id=viewer.user_id).first()


def own_account(*, viewer: Viewer) -> User:
    """Return the account that the viewer signed in with."""
    if viewer.user_id is None:
        raise NotAllowed("account of nobody")
    return User.objects.get(pk=viewer.user_id)


def invitation_of(*, secret: str, now: dt.datetime) -> Invitation | None:
    """Return the open invitation whose secret this is. The secret itself is the permission."""
    return Invitation.objects.filter(
        secret_hash=hashed(secret=secret),
        accepted_at=None,
        withdrawn_at=None,
        expires_at__gt=now,
    ).first()


def roles_held(*, email: str) -> frozenset[str]:
    """Return the roles that the account of an address holds now; none where there is no account.

    For the command that has no viewer yet.
    """
    grants = RoleGrant.objects.filter(user__email__iexact=email, ended_at=None)
    return frozenset(grants.values_list("role", flat=True))


def has_account(*, email: str) -> bool:
    """Say whether an account signs in with this address. Only for those who proved the address."""
    return User.objects.filter(email__iexact=email).exists()


def practitioners_waiting(*, viewer: Viewer) -> list[Practitioner]:
    """Return the doctors who wait for approval, the longest waiting first, each with the account
    and `address_proved`.
    """
    check_can_administer(by=viewer)
    proved = EmailAddress.objects.filter(user_id=OuterRef("user_id"), primary=True, verified=True)
    return list(
        Practitioner.objects.filter(approval=ApprovalStatus.PENDING)
        .select_related("user")
        .annotate(address_proved=Exists(proved))
        .order_by("created_at")
    )


def invitations_open(*, viewer: Viewer, now: dt.datetime) -> list[Invitation]:
    """Return the invitations nobody has taken up yet, the newest first."""
    check_can_administer(by=viewer)
    return list(
        Invitation.objects.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=now).order_by(
            "-invited_at"
        )
    )


MOST_ACCOUNTS = 50


def accounts(*, viewer: Viewer, query: str = "") -> list[User]:
    """Return accounts with roles and names: the staff's, or those that match the query.

    At most MOST_ACCOUNTS; a longer list is for searching, not for reading.
    """
    check_can_administer(by=viewer)
    found = _with_people(User.objects.all())
    if query:
        found = found.filter(
            Q(email__icontains=query)
            | Q(patient__given_name__icontains=query)
            | Q(patient__family_name__icontains=query)
            | Q(practitioner__given_name__icontains=query)
            | Q(practitioner__family_name__icontains=query)
        )
    else:
        staff = RoleGrant.objects.filter(
            user_id=OuterRef("pk"), ended_at=None, role__in=STAFF_ROLES
        )
        found = found.filter(Exists(staff))
    return list(found.order_by(Lower("email"))[:MOST_ACCOUNTS])


def account(*, viewer: Viewer, user_id: uuid.UUID) -> User | None:
    """Return one account with its roles and names."""
    check_can_administer(by=viewer)
    return _with_people(User.objects.filter(pk=user_id)).first()


def _with_people(found: QuerySet[User]) -> QuerySet[User]:
    held = RoleGrant.objects.filter(ended_at=None).order_by("granted_at")
    return found.select_related("patient", "practitioner").prefetch_related(
        Prefetch("role_grants", queryset=held, to_attr="grants_held")
    )

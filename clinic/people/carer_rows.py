"""Display-ready rows of who acts for whom."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from clinic.lib import times
from clinic.people.choices import ProxyBasis, ProxyScope
from clinic.people.models import ProxyGrant, User


@dataclass(frozen=True, slots=True)
class ScopeLine:
    """One thing a carer may do, and whether it is so today."""

    code: str
    label: str
    allowed: bool


@dataclass(frozen=True, slots=True)
class CarerRow:
    """One carer of a patient, or one invitation that waits."""

    id: uuid.UUID
    dom_id: str
    name: str
    email: str
    relationship: str
    scopes: tuple[ScopeLine, ...]
    last_day: dt.date
    waits: bool
    by_custody: bool
    # A parent whose child has reached the age at which the child decides.
    is_narrowed: bool


@dataclass(frozen=True, slots=True)
class PatientRow:
    """One patient whom somebody acts for."""

    id: uuid.UUID
    patient_id: uuid.UUID
    name: str
    relationship: str
    scopes: tuple[ScopeLine, ...]
    last_day: dt.date
    is_current: bool


def carer_row(grant: ProxyGrant, *, scopes: frozenset[str], tz: str) -> CarerRow:
    """Return one carer; `scopes` is how far the grant goes today, `tz` the clinic's zone."""
    return CarerRow(
        id=grant.pk,
        dom_id=f"carer-{grant.pk}",
        name=name_of(grant.user) if grant.user else "",
        email=grant.user.email if grant.user else grant.email,
        relationship=grant.get_relationship_display(),
        scopes=scope_lines(grant.scopes, scopes),
        last_day=last_day(grant, tz),
        waits=grant.user_id is None,
        by_custody=grant.basis == ProxyBasis.CUSTODY,
        is_narrowed=not frozenset(grant.scopes) <= scopes or bool(grant.confirmed_scopes),
    )


def patient_row(
    grant: ProxyGrant, *, scopes: frozenset[str], current: uuid.UUID | None, tz: str
) -> PatientRow:
    return PatientRow(
        id=grant.pk,
        patient_id=grant.patient_id,
        name=grant.patient.full_name,
        relationship=grant.get_relationship_display(),
        scopes=tuple(line for line in scope_lines(grant.scopes, scopes) if line.allowed),
        last_day=last_day(grant, tz),
        is_current=grant.pk == current,
    )


def scope_lines(granted: Iterable[str], allowed: frozenset[str]) -> tuple[ScopeLine, ...]:
    held = frozenset(granted)
    return tuple(
        ScopeLine(scope.value, str(scope.label), scope in allowed)
        for scope in ProxyScope
        if scope in held
    )


def last_day(grant: ProxyGrant, tz: str) -> dt.date:
    """Return the last day that a grant includes, as the clinic counts days."""
    return times.local_date(grant.ends_at - dt.timedelta(microseconds=1), tz)


def name_of(user: User) -> str:
    """Return what an account's owner is called, the address where no name is known."""
    for kind in ("practitioner", "patient"):
        person = getattr(user, kind, None)
        if person is not None:
            return str(person.full_name)
    return user.email

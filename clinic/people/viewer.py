"""Who is looking or acting: what selectors (`viewer`) and services (`by`) are given."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from clinic.people.choices import STAFF_ROLES, ProxyScope, Role


@dataclass(frozen=True, slots=True)
class Proxy:
    """In whose place somebody acts, by which grant and how far it goes (codes of ProxyScope)."""

    grant_id: uuid.UUID
    patient_id: uuid.UUID
    scopes: frozenset[str]
    patient_name: str = field(default="", repr=False, compare=False)

    def may(self, scope: ProxyScope) -> bool:
        """Say whether the grant reaches this far."""
        return scope in self.scopes


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person with the roles held now. `user_id` is None for a visitor and for the system.

    While somebody acts for another, `patient_id` is that other patient and `proxy` says by which
    right.
    """

    user_id: uuid.UUID | None = None
    roles: frozenset[str] = frozenset()
    patient_id: uuid.UUID | None = None
    practitioner_id: uuid.UUID | None = None
    is_system: bool = False
    proxy: Proxy | None = None

    def has(self, *roles: Role) -> bool:
        """Say whether this person holds at least one of the roles."""
        return not self.roles.isdisjoint(roles)

    @property
    def is_staff(self) -> bool:
        return not self.roles.isdisjoint(STAFF_ROLES)

    @property
    def is_patient(self) -> bool:
        return self.patient_id is not None

    @property
    def runs_the_desk(self) -> bool:
        """Front desk or administrator: may act on every doctor's day."""
        return self.has(Role.FRONT_DESK, Role.ADMINISTRATOR)


VISITOR = Viewer()
SYSTEM = Viewer(is_system=True)

"""One factory per model of people: valid, minimal, the same on every run."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import factory
from allauth.account.models import EmailAddress
from factory.django import DjangoModelFactory

from clinic.people import carers, rules, selectors
from clinic.people.choices import (
    ApprovalStatus,
    ProxyBasis,
    ProxyRelationship,
    ProxyScope,
    Role,
    Specialty,
)
from clinic.people.models import (
    Invitation,
    Patient,
    Practitioner,
    ProxyGrant,
    RoleGrant,
    User,
)
from clinic.people.viewer import Viewer

PASSWORD = "a long enough password"  # noqa: S105


class UserFactory(DjangoModelFactory):
    """An account that can sign in with PASSWORD; `roles=[...]` grants roles."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        password = kwargs.pop("password", PASSWORD)
        return model_class.objects.create_user(password=password, **kwargs)

    @factory.post_generation
    def address(self, create: bool, extracted: bool | None, **kwargs: Any) -> None:
        """The proved address that sign-in asks for; `address=False` leaves it unproved."""
        if create:
            EmailAddress.objects.create(
                user=self, email=self.email, primary=True, verified=extracted is not False
            )

    @factory.post_generation
    def roles(self, create: bool, extracted: list[Role] | None, **kwargs: Any) -> None:
        for role in extracted or []:
            RoleGrantFactory(user=self, role=role)


class RoleGrantFactory(DjangoModelFactory):
    class Meta:
        model = RoleGrant

    user = factory.SubFactory(UserFactory)
    role = Role.PATIENT


class PatientFactory(DjangoModelFactory):
    """A patient with an account; `user=None` makes one who was entered by phone."""

    class Meta:
        model = Patient

    class Params:
        number = factory.Sequence(lambda n: n + 900_000_000)

    user = factory.SubFactory(UserFactory, roles=[Role.PATIENT])
    record_number = factory.LazyAttribute(lambda p: rules.record_number(position=p.number))
    given_name = "Amara"
    family_name = factory.Sequence(lambda n: f"Fenwick{n}")
    birth_date = dt.date(1984, 3, 9)
    email = factory.LazyAttribute(lambda p: p.user.email if p.user else "")


class PractitionerFactory(DjangoModelFactory):
    """An approved doctor with an account; `pending=True` waits for approval and holds no role."""

    class Meta:
        model = Practitioner

    class Params:
        pending = factory.Trait(
            user=factory.SubFactory(UserFactory), approval=ApprovalStatus.PENDING
        )

    user = factory.SubFactory(UserFactory, roles=[Role.PRACTITIONER])
    title = "Dr"
    given_name = "Ines"
    family_name = factory.Sequence(lambda n: f"Llorente{n}")
    specialty = Specialty.GENERAL_PRACTICE
    approval = ApprovalStatus.APPROVED


class InvitationFactory(DjangoModelFactory):
    """An open invitation; `secret` is what the link would carry."""

    class Meta:
        model = Invitation

    class Params:
        secret = factory.Sequence(lambda n: f"invitation-secret-{n}")

    email = factory.Sequence(lambda n: f"invited{n}@example.org")
    role = Role.FRONT_DESK
    secret_hash = factory.LazyAttribute(lambda i: hashlib.sha256(i.secret.encode()).hexdigest())
    invited_at = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
    expires_at = factory.LazyAttribute(lambda i: i.invited_at + rules.INVITATION_LIFETIME)


class ProxyGrantFactory(DjangoModelFactory):
    """A carer whom the patient invited and who accepted. `invited=True` has not answered yet,
    `parent=True` acts for a child after the desk saw the papers.
    """

    class Meta:
        model = ProxyGrant

    class Params:
        secret = factory.Sequence(lambda n: f"carer-secret-{n}")
        invited = factory.Trait(
            user=None,
            starts_at=None,
            secret_hash=factory.LazyAttribute(
                lambda g: hashlib.sha256(g.secret.encode()).hexdigest()
            ),
            invitation_ends_at=factory.LazyAttribute(
                lambda g: g.granted_at + rules.INVITATION_LIFETIME
            ),
        )
        parent = factory.Trait(relationship=ProxyRelationship.PARENT, basis=ProxyBasis.CUSTODY)

    patient = factory.SubFactory(PatientFactory)
    user = factory.SubFactory(UserFactory)
    email = factory.LazyAttribute(lambda g: g.user.email if g.user else "carer@example.org")
    relationship = ProxyRelationship.SPOUSE
    basis = ProxyBasis.CONSENT
    scopes = factory.LazyFunction(
        lambda: [ProxyScope.VISITS, ProxyScope.RECORD_READ, ProxyScope.RECORD_WRITE]
    )
    granted_at = dt.datetime(2026, 3, 1, 9, 0, tzinfo=dt.UTC)
    starts_at = factory.LazyAttribute(lambda g: g.granted_at)
    ends_at = factory.LazyAttribute(lambda g: g.granted_at + dt.timedelta(days=365))


def viewer(person: User | Patient | Practitioner) -> Viewer:
    """Return the viewer for someone of the cast, with the roles held now."""
    return selectors.viewer_for(user_id=person.pk if isinstance(person, User) else person.user_id)


def acting_for(grant: ProxyGrant, *, now: dt.datetime) -> Viewer:
    """Return the viewer that a carer is while acting by this grant."""
    acting = carers.acting_viewer(
        viewer=selectors.viewer_for(user_id=grant.user_id), grant_id=grant.pk, now=now
    )
    assert acting is not None, "the grant is over"
    return acting

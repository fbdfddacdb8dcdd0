"""Two people at the same moment, with real commits: exactly one of them wins (attacks 85 to 89)."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from clinic.people import rules
from clinic.people.choices import Role
from clinic.people.models import Patient, Practitioner, RoleGrant, User
from clinic.people.services import invitations, practitioners, registration, roles
from clinic.people.services.registration import EmailTaken, Registration
from clinic.people.viewer import SYSTEM, VISITOR
from tests.factories.people import PASSWORD, InvitationFactory, PractitionerFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

NINA = Registration(
    email="nina@example.org", password=PASSWORD, given_name="Nina", family_name="Abel"
)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Start every act at the same moment on its own connection; return results or refusals."""
    barrier = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait()
            results[place] = act()
        except Exception as refusal:
            results[place] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def refusals(results: list[Any]) -> list[type]:
    return [type(result) for result in results if isinstance(result, Exception)]


@pytest.mark.parametrize("round_", range(5))
@pytest.mark.parametrize("act", ["end", "close"])
def test_two_administrators_cannot_remove_each_other(
    act: str, round_: int, now: dt.datetime
) -> None:
    one, other = (UserFactory(roles=[Role.ADMINISTRATOR]) for _ in range(2))

    def remove(user: User) -> None:
        if act == "close":
            roles.deactivate_user(user_id=user.pk, by=SYSTEM, now=now)
        else:
            roles.end_role(user_id=user.pk, role=Role.ADMINISTRATOR, by=SYSTEM, now=now)

    results = at_once(lambda: remove(one), lambda: remove(other))

    assert refusals(results) == [rules.LastAdministrator]
    assert RoleGrant.objects.filter(ended_at=None, user__is_active=True).count() == 1


def test_one_invitation_makes_one_account(now: dt.datetime) -> None:
    InvitationFactory(secret="s", email="nina@example.org", invited_at=now)

    def accept() -> User:
        return invitations.accept_invitation(
            secret="s", registration=NINA, details=None, by=VISITOR, now=now
        )

    results = at_once(*[accept] * 6)

    assert refusals(results) == [rules.InvitationOver] * 5
    assert User.objects.count() == 1


def test_one_address_is_registered_once(now: dt.datetime) -> None:
    def register() -> User:
        return registration.register_patient(registration=NINA, by=VISITOR, now=now)

    results = at_once(*[register] * 6)

    assert refusals(results) == [EmailTaken] * 5
    assert Patient.objects.count() == 1


def test_a_registration_is_decided_by_one(now: dt.datetime) -> None:
    waiting = PractitionerFactory(pending=True)

    results = at_once(
        lambda: practitioners.approve_practitioner(practitioner_id=waiting.pk, by=SYSTEM, now=now),
        lambda: practitioners.decline_practitioner(practitioner_id=waiting.pk, by=SYSTEM, now=now),
    )

    assert refusals(results) == [rules.AlreadyDecided]
    approved = Practitioner.objects.get().approval == "approved"
    assert RoleGrant.objects.exists() is approved


def test_a_role_is_granted_once(now: dt.datetime) -> None:
    user = UserFactory()

    results = at_once(
        *[lambda: roles.grant_role(user_id=user.pk, role=Role.FRONT_DESK, by=SYSTEM, now=now)] * 6
    )

    assert refusals(results) == []
    assert RoleGrant.objects.count() == 1


def test_record_numbers_of_many_at_once_differ() -> None:
    numbers = at_once(*[registration.next_record_number] * 8)

    assert len(set(numbers)) == 8

"""Grants begin, narrow and end; each act is on the trail and holds at once."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from clinic.audit.models import AuditEvent
from clinic.people import carers, rules
from clinic.people.choices import ProxyBasis, ProxyRelationship, ProxyScope, Role
from clinic.people.models import Patient, ProxyGrant, User
from clinic.people.permissions import NotAllowed
from clinic.people.secrets import hashed
from clinic.people.services import proxies
from clinic.people.signals import access_changed
from clinic.people.viewer import SYSTEM, VISITOR, Viewer
from tests.factories.people import (
    PatientFactory,
    ProxyGrantFactory,
    UserFactory,
    acting_for,
    viewer,
)

pytestmark = pytest.mark.django_db

ALL = frozenset({ProxyScope.VISITS, ProxyScope.RECORD_READ, ProxyScope.RECORD_WRITE})


def wish(**changes: object) -> proxies.Wish:
    usual = proxies.Wish(
        email="carer@example.org",
        relationship=ProxyRelationship.SPOUSE,
        scopes=frozenset({ProxyScope.VISITS}),
        last_day=dt.date(2026, 9, 1),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


@pytest.fixture
def carer(db: None) -> User:
    return UserFactory(email="carer@example.org")


@pytest.fixture
def child(db: None) -> Patient:
    """Mila is nine and has no account."""
    return PatientFactory(
        user=None, given_name="Mila", family_name="Fenwick", birth_date=dt.date(2017, 1, 5)
    )


@pytest.fixture
def closed() -> Iterator[list[uuid.UUID]]:
    """The accounts whose open pages were told to close."""
    told: list[uuid.UUID] = []

    def hear(user_id: uuid.UUID, **_: object) -> None:
        told.append(user_id)

    access_changed.connect(hear)
    yield told
    access_changed.disconnect(hear)


def actions() -> list[str]:
    events = AuditEvent.objects.filter(action__startswith="proxy.")
    return list(events.order_by("at", "pk").values_list("action", flat=True))


class TestInvite:
    def test_patient_invites_and_only_the_hash_is_kept(self, patient, now) -> None:
        issued = proxies.invite_carer(
            patient_id=patient.pk, wish=wish(), by=viewer(patient), now=now
        )

        stored = ProxyGrant.objects.get()
        assert stored.secret_hash == hashed(secret=issued.secret)
        assert (stored.user, stored.basis, stored.granted_by_id) == (
            None,
            ProxyBasis.CONSENT,
            patient.user_id,
        )
        assert stored.invitation_ends_at == now + rules.INVITATION_LIFETIME
        assert actions() == ["proxy.invited"]

    def test_last_day_is_included_to_its_end(self, patient, now) -> None:
        issued = proxies.invite_carer(
            patient_id=patient.pk,
            wish=wish(last_day=dt.date(2026, 3, 2)),
            by=viewer(patient),
            now=now,
        )

        assert issued.grant.ends_at == dt.datetime(2026, 3, 3, tzinfo=dt.UTC)
        assert issued.grant.invitation_ends_at == issued.grant.ends_at

    def test_newer_invitation_replaces_the_one_before(self, patient, now) -> None:
        by = viewer(patient)
        first = proxies.invite_carer(patient_id=patient.pk, wish=wish(), by=by, now=now)

        proxies.invite_carer(patient_id=patient.pk, wish=wish(), by=by, now=now)

        assert carers.invitation_behind(secret=first.secret, now=now) is None
        assert ProxyGrant.objects.filter(revoked_at=None).count() == 1

    def test_nobody_invites_themself(self, patient, now) -> None:
        with pytest.raises(proxies.ActsAlready):
            proxies.invite_carer(
                patient_id=patient.pk,
                wish=wish(email="AMARA@example.org"),
                by=viewer(patient),
                now=now,
            )

    @pytest.mark.parametrize("person", ["other_patient", "practitioner", "administrator"])
    def test_nobody_invites_in_the_place_of_a_patient(self, request, person, patient, now) -> None:
        with pytest.raises(NotAllowed):
            proxies.invite_carer(
                patient_id=patient.pk,
                wish=wish(),
                by=viewer(request.getfixturevalue(person)),
                now=now,
            )

    def test_carer_invites_nobody_further(self, patient, carer, now) -> None:
        grant = ProxyGrantFactory(patient=patient, user=carer)

        with pytest.raises(NotAllowed):
            proxies.invite_carer(
                patient_id=patient.pk, wish=wish(), by=acting_for(grant, now=now), now=now
            )

    def test_grant_beyond_two_years_is_refused(self, patient, now) -> None:
        with pytest.raises(rules.GrantTooLong):
            proxies.invite_carer(
                patient_id=patient.pk,
                wish=wish(last_day=dt.date(2028, 3, 3)),
                by=viewer(patient),
                now=now,
            )


class TestAccept:
    def test_carer_accepts_with_the_invited_address(self, patient, carer, now) -> None:
        grant = ProxyGrantFactory(patient=patient, invited=True, secret="s", email=carer.email)

        proxies.accept_grant(secret="s", by=viewer(carer), now=now)

        grant.refresh_from_db()
        assert (grant.user_id, grant.starts_at, grant.secret_hash) == (carer.pk, now, None)
        assert actions() == ["proxy.accepted"]

    def test_link_works_once(self, patient, carer, now) -> None:
        ProxyGrantFactory(patient=patient, invited=True, secret="s", email=carer.email)
        proxies.accept_grant(secret="s", by=viewer(carer), now=now)

        with pytest.raises(rules.GrantOver):
            proxies.accept_grant(secret="s", by=viewer(carer), now=now)

    @pytest.mark.parametrize("by", ["outsider", "visitor"])
    def test_forwarded_link_is_of_no_use(self, request, by, patient, carer, now) -> None:
        ProxyGrantFactory(patient=patient, invited=True, secret="s", email=carer.email)
        someone = VISITOR if by == "visitor" else viewer(request.getfixturevalue(by))

        with pytest.raises(proxies.NotTheCarer):
            proxies.accept_grant(secret="s", by=someone, now=now)

    def test_link_is_over_after_seven_days_to_the_second(self, patient, carer, now) -> None:
        grant = ProxyGrantFactory(patient=patient, invited=True, secret="s", email=carer.email)
        end = grant.invitation_ends_at

        assert carers.invitation_behind(secret="s", now=end - dt.timedelta(seconds=1)) == grant
        assert carers.invitation_behind(secret="s", now=end) is None
        with pytest.raises(rules.GrantOver):
            proxies.accept_grant(secret="s", by=viewer(carer), now=end)

    def test_new_grant_takes_the_place_of_the_old_one(self, patient, carer, now) -> None:
        old = ProxyGrantFactory(patient=patient, user=carer)
        ProxyGrantFactory(patient=patient, invited=True, secret="s", email=carer.email)

        proxies.accept_grant(secret="s", by=viewer(carer), now=now)

        old.refresh_from_db()
        assert old.revoked_at == now


class TestCustody:
    def test_desk_lets_a_parent_act_and_is_named(self, child, carer, receptionist, now) -> None:
        grant = proxies.grant_custody(
            patient_id=child.pk,
            wish=wish(relationship=ProxyRelationship.PARENT, scopes=ALL),
            by=viewer(receptionist),
            now=now,
        )

        assert (grant.user, grant.basis, grant.granted_by_id) == (
            carer,
            ProxyBasis.CUSTODY,
            receptionist.pk,
        )
        event = AuditEvent.objects.get(action="proxy.granted")
        assert (event.actor, event.patient) == (receptionist.pk, child.pk)

    def test_nobody_at_the_desk_gives_a_child_to_themself(self, child, receptionist, now) -> None:
        with pytest.raises(proxies.ActsAlready):
            proxies.grant_custody(
                patient_id=child.pk,
                wish=wish(email=receptionist.email),
                by=viewer(receptionist),
                now=now,
            )

    def test_child_is_not_its_own_parent(self, receptionist, now) -> None:
        child = PatientFactory(birth_date=dt.date(2012, 1, 1))

        with pytest.raises(proxies.ActsAlready):
            proxies.grant_custody(
                patient_id=child.pk,
                wish=wish(email=child.user.email),
                by=viewer(receptionist),
                now=now,
            )

    def test_parent_needs_an_account_first(self, child, receptionist, now) -> None:
        with pytest.raises(proxies.NoSuchAccount):
            proxies.grant_custody(
                patient_id=child.pk, wish=wish(), by=viewer(receptionist), now=now
            )

    def test_adult_has_no_parent_at_the_desk(self, patient, carer, receptionist, now) -> None:
        with pytest.raises(rules.NotAChild):
            proxies.grant_custody(
                patient_id=patient.pk, wish=wish(), by=viewer(receptionist), now=now
            )

    @pytest.mark.parametrize("person", ["patient", "practitioner", "outsider"])
    def test_only_the_desk_checks_papers(self, request, person, child, carer, now) -> None:
        with pytest.raises(NotAllowed):
            proxies.grant_custody(
                patient_id=child.pk,
                wish=wish(),
                by=viewer(request.getfixturevalue(person)),
                now=now,
            )


class TestRevoke:
    @pytest.mark.parametrize("person", ["patient", "carer", "administrator"])
    def test_patient_carer_and_administrator_end_it_at_once(
        self,
        request,
        person,
        patient,
        carer,
        now,
        closed,
        django_capture_on_commit_callbacks: Callable[..., object],
    ) -> None:
        grant = ProxyGrantFactory(patient=patient, user=carer)
        by = viewer(request.getfixturevalue(person))

        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
            proxies.revoke_grant(grant_id=grant.pk, by=by, now=now)

        assert carers.acting_viewer(viewer=viewer(carer), grant_id=grant.pk, now=now) is None
        assert closed == [carer.pk]
        assert actions() == ["proxy.revoked"]

    def test_carer_ends_it_while_acting(self, patient, carer, now) -> None:
        grant = ProxyGrantFactory(patient=patient, user=carer)

        proxies.revoke_grant(grant_id=grant.pk, by=acting_for(grant, now=now), now=now)

        grant.refresh_from_db()
        assert grant.revoked_by_id == carer.pk

    def test_system_ends_it_too(self, patient, carer, now) -> None:
        grant = ProxyGrantFactory(patient=patient, user=carer)

        proxies.revoke_grant(grant_id=grant.pk, by=SYSTEM, now=now)

        assert actions() == ["proxy.revoked"]

    @pytest.mark.parametrize("person", ["other_patient", "receptionist", "practitioner"])
    def test_nobody_else_ends_it(self, request, person, patient, carer, now) -> None:
        grant = ProxyGrantFactory(patient=patient, user=carer)

        with pytest.raises(NotAllowed):
            proxies.revoke_grant(
                grant_id=grant.pk, by=viewer(request.getfixturevalue(person)), now=now
            )

    def test_other_carer_of_the_same_patient_cannot_end_it(self, patient, carer, now) -> None:
        grant = ProxyGrantFactory(patient=patient, user=carer)
        other = ProxyGrantFactory(patient=patient)

        with pytest.raises(NotAllowed):
            proxies.revoke_grant(grant_id=grant.pk, by=acting_for(other, now=now), now=now)

    def test_what_has_ended_does_not_end_again(self, patient, now) -> None:
        grant = ProxyGrantFactory(patient=patient, revoked_at=now)

        with pytest.raises(rules.GrantOver):
            proxies.revoke_grant(grant_id=grant.pk, by=viewer(patient), now=now)


class TestConfirm:
    @pytest.fixture
    def young(self, db: None) -> Patient:
        """Fourteen and a half, with an own account."""
        return PatientFactory(birth_date=dt.date(2011, 9, 1))

    def test_young_person_lets_a_parent_read_again(self, young, carer, now) -> None:
        grant = ProxyGrantFactory(patient=young, user=carer, parent=True)
        assert acting_for(grant, now=now).proxy.scopes == {ProxyScope.VISITS}

        proxies.confirm_scopes(
            grant_id=grant.pk,
            scopes=frozenset({ProxyScope.RECORD_READ}),
            by=viewer(young),
            now=now,
        )

        assert acting_for(grant, now=now).proxy.scopes == {
            ProxyScope.VISITS,
            ProxyScope.RECORD_READ,
        }
        assert actions() == ["proxy.confirmed"]

    def test_parent_cannot_confirm_for_the_child(self, young, carer, now) -> None:
        grant = ProxyGrantFactory(patient=young, user=carer, parent=True)

        with pytest.raises(NotAllowed):
            proxies.confirm_scopes(
                grant_id=grant.pk, scopes=ALL, by=acting_for(grant, now=now), now=now
            )

    def test_grant_by_consent_has_nothing_to_confirm(self, patient, carer, now) -> None:
        grant = ProxyGrantFactory(patient=patient, user=carer)

        with pytest.raises(rules.GrantOver):
            proxies.confirm_scopes(grant_id=grant.pk, scopes=ALL, by=viewer(patient), now=now)


class TestActing:
    def test_roles_of_the_carer_are_left_behind(self, patient, practitioner, now) -> None:
        grant = ProxyGrantFactory(patient=patient, user=practitioner.user)

        acting = acting_for(grant, now=now)

        assert (acting.patient_id, acting.practitioner_id) == (patient.pk, None)
        assert acting.roles == {Role.PATIENT}
        assert acting.user_id == practitioner.user_id

    def test_grant_holds_from_its_start_to_its_end_to_the_second(self, patient, carer) -> None:
        grant = ProxyGrantFactory(patient=patient, user=carer)
        second = dt.timedelta(seconds=1)

        def acts(at: dt.datetime) -> bool:
            own = viewer(carer)
            return carers.acting_viewer(viewer=own, grant_id=grant.pk, now=at) is not None

        assert [acts(grant.starts_at - second), acts(grant.starts_at)] == [False, True]
        assert [acts(grant.ends_at - second), acts(grant.ends_at)] == [True, False]

    @pytest.mark.parametrize("who", [VISITOR, Viewer(user_id=uuid.UUID(int=9))])
    def test_grant_is_of_no_use_to_anybody_else(self, patient, carer, who, now) -> None:
        grant = ProxyGrantFactory(patient=patient, user=carer)

        assert carers.acting_viewer(viewer=who, grant_id=grant.pk, now=now) is None

    def test_parent_of_a_grown_child_acts_no_longer(self, carer, now) -> None:
        adult = PatientFactory(birth_date=dt.date(2008, 3, 2))
        grant = ProxyGrantFactory(patient=adult, user=carer, parent=True)

        assert carers.acting_viewer(viewer=viewer(carer), grant_id=grant.pk, now=now) is None

    def test_validating_a_grant_takes_one_query(
        self, patient, carer, now, django_assert_num_queries: Callable[..., object]
    ) -> None:
        grant = ProxyGrantFactory(patient=patient, user=carer)
        own = viewer(carer)

        with django_assert_num_queries(1):  # type: ignore[attr-defined]
            carers.acting_viewer(viewer=own, grant_id=grant.pk, now=now)


def test_reads_of_nobody_are_empty(now: dt.datetime) -> None:
    assert carers.people_acted_for(viewer=VISITOR, now=now) == []
    assert carers.carers_of_viewer(viewer=VISITOR, now=now) == []
    assert carers.earlier_carers_of_viewer(viewer=VISITOR, now=now) == []

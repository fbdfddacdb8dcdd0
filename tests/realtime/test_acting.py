"""Once a minute access is asked again, also of those who act for somebody else."""

from __future__ import annotations

import datetime as dt

import pytest

from clinic.people.choices import ProxyScope
from clinic.people.models import ProxyGrant
from clinic.records.fragments import record_topic
from realtime.keeper import refused_to
from tests.factories.people import ProxyGrantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def grant(patient, outsider) -> ProxyGrant:
    """Bela reads Amara's record in her place."""
    return ProxyGrantFactory(patient=patient, user=outsider.user, scopes=[ProxyScope.RECORD_READ])


def test_carer_goes_on_watching_while_the_grant_holds(grant, patient, clock) -> None:
    topics = {record_topic(patient.pk)}

    assert refused_to(grant.user_id, topics, grant.pk, now=clock.now) == set()
    assert refused_to(grant.user_id, topics, now=clock.now) == topics


@pytest.mark.parametrize("end", ["revoked", "narrowed", "expired"])
def test_carer_whose_grant_ended_watches_nothing(grant, patient, clock, end) -> None:
    topics = {record_topic(patient.pk)}
    now: dt.datetime = clock.now
    if end == "revoked":
        ProxyGrant.objects.update(revoked_at=now)
    elif end == "narrowed":
        ProxyGrant.objects.update(scopes=[ProxyScope.VISITS])
    else:
        ProxyGrant.objects.update(ends_at=now)

    assert refused_to(grant.user_id, topics, grant.pk, now=now) == topics


def test_own_pages_of_a_carer_stay_open_by_their_own_right(grant, outsider, clock) -> None:
    topics = {record_topic(outsider.pk), f"user.{outsider.user_id.hex}"}

    assert refused_to(grant.user_id, topics, now=clock.now) == set()
    assert refused_to(grant.user_id, topics, grant.pk, now=clock.now) == {record_topic(outsider.pk)}

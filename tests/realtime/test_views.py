"""Renewing a page's stream token asks session and permission again."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client

from clinic.people.models import Patient
from clinic.people.selectors import viewer_for
from clinic.people.viewer import VISITOR
from realtime import tokens
from tests.conftest import Clock
from tests.realtime.conftest import FakeTopic

SHOWN = tokens.Shown("fake.a", 3)


def token_of(client: Client, patient: Patient, clock: Clock) -> str:
    assert patient.user is not None
    return tokens.issue(
        viewer=viewer_for(user_id=patient.user.pk),
        session_key=client.session.session_key,
        topics=[SHOWN],
        now=clock(),
    )


def test_renew_answers_a_new_address_for_the_same_page(
    topic: FakeTopic, patient: Patient, patient_client: Client, clock: Clock
) -> None:
    token = token_of(patient_client, patient, clock)
    clock.advance(minutes=40)

    answer = patient_client.post("/live/renew/", {"token": token})

    assert answer.status_code == 200
    renewed = answer.json()["url"].split("/")[3]
    grant = tokens.read(renewed, session_key=patient_client.session.session_key, now=clock())
    assert grant.topics == (SHOWN,)


def test_renew_is_refused_when_the_session_has_ended(
    topic: FakeTopic, patient: Patient, patient_client: Client, clock: Clock
) -> None:
    token = token_of(patient_client, patient, clock)
    patient_client.logout()

    assert patient_client.post("/live/renew/", {"token": token}).status_code == 401


def test_renew_is_refused_to_another_person(
    topic: FakeTopic,
    patient: Patient,
    patient_client: Client,
    outsider_client: Client,
    clock: Clock,
) -> None:
    token = token_of(patient_client, patient, clock)

    assert outsider_client.post("/live/renew/", {"token": token}).status_code == 401


def test_renew_is_refused_when_the_topic_may_no_longer_be_watched(
    topic: FakeTopic, patient: Patient, patient_client: Client, clock: Clock
) -> None:
    token = token_of(patient_client, patient, clock)
    assert patient.user is not None
    topic.refused = {patient.user.pk}

    assert patient_client.post("/live/renew/", {"token": token}).status_code == 401


def test_renew_is_refused_half_a_day_later(
    topic: FakeTopic, patient: Patient, patient_client: Client, clock: Clock
) -> None:
    token = token_of(patient_client, patient, clock)
    clock.advance(hours=12, seconds=1)

    assert patient_client.post("/live/renew/", {"token": token}).status_code == 401


@pytest.mark.django_db
def test_renew_works_for_a_visitor(topic: FakeTopic, client: Client, clock: Clock) -> None:
    token = tokens.issue(viewer=VISITOR, session_key=None, topics=[SHOWN], now=clock())

    assert client.post("/live/renew/", {"token": token}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", "nonsense", str(uuid.uuid4())])
def test_renew_refuses_a_made_up_token(client: Client, token: str) -> None:
    assert client.post("/live/renew/", {"token": token}).status_code == 401


@pytest.mark.django_db
def test_renew_takes_no_get(client: Client) -> None:
    assert client.get("/live/renew/").status_code == 405

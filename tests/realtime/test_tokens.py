"""The stream token: good for its session, its topics and its time, and for nothing else."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from typing import Any

import pytest
from django.core import signing

from clinic.people.viewer import VISITOR, Proxy, Viewer
from realtime import tokens
from tests.realtime.conftest import FakeTopic

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
SHOWN = tokens.Shown("fake.a", 7, 1772442060.5)
PERSON = Viewer(user_id=uuid.UUID(int=1))


def issue(viewer: Viewer = PERSON, session_key: str | None = "key") -> str:
    return tokens.issue(viewer=viewer, session_key=session_key, topics=[SHOWN], now=NOW)


def code_of(token: str, *, session_key: str | None = "key", now: dt.datetime = NOW) -> int:
    with pytest.raises(tokens.Refused) as refusal:
        tokens.read(token, session_key=session_key, now=now)
    return refusal.value.code


def test_token_says_what_the_page_shows_and_for_whom(topic: FakeTopic) -> None:
    grant = tokens.read(issue(), session_key="key", now=NOW)

    assert grant.topics == (SHOWN,)
    assert grant.user_id == PERSON.user_id
    assert grant.expires_at == NOW + tokens.LIFETIME


def test_token_is_refused_once_it_has_run_out(topic: FakeTopic) -> None:
    assert code_of(issue(), now=NOW + tokens.LIFETIME) == 4401


def test_token_from_the_future_is_refused(topic: FakeTopic) -> None:
    assert code_of(issue(), now=NOW - dt.timedelta(minutes=5)) == 4401


@pytest.mark.parametrize("session_key", ["another", None])
def test_token_is_refused_to_another_session(topic: FakeTopic, session_key: str | None) -> None:
    assert code_of(issue(), session_key=session_key) == 4401


def test_token_of_a_visitor_needs_no_session(topic: FakeTopic) -> None:
    grant = tokens.read(issue(VISITOR, None), session_key=None, now=NOW)

    assert grant.user_id is None


@pytest.mark.parametrize("forged", ["", "nonsense", "a:b:c"])
def test_forged_token_is_refused(topic: FakeTopic, forged: str) -> None:
    assert code_of(forged) == 4403


def test_token_of_another_purpose_is_refused(topic: FakeTopic) -> None:
    assert code_of(signing.dumps({"t": []}, salt="something else")) == 4403


def test_token_with_missing_parts_is_refused(topic: FakeTopic) -> None:
    assert code_of(signing.dumps({"t": []}, salt=tokens.SALT)) == 4403


def test_token_outlives_a_change_of_the_secret_key(topic: FakeTopic, settings: Any) -> None:
    token = issue()

    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-secret-key-another-secret-key-another-secret-key"  # noqa: S105

    assert tokens.read(token, session_key="key", now=NOW).topics == (SHOWN,)


def test_token_holds_no_session_key(topic: FakeTopic) -> None:
    token = tokens.issue(viewer=PERSON, session_key="a-session-key", topics=[SHOWN] * 9, now=NOW)

    assert "a-session-key" not in str(signing.loads(token, salt=tokens.SALT))


def test_issue_refuses_a_topic_that_is_not_for_the_viewer(topic: FakeTopic) -> None:
    topic.refused = {PERSON.user_id}

    with pytest.raises(tokens.TopicRefused):
        issue()


@pytest.mark.parametrize("name", ["unknown.a", "fake", "fake.", "Fake.a", "fake.ü", "fake.a b"])
def test_issue_refuses_a_topic_that_is_not_declared(topic: FakeTopic, name: str) -> None:
    with pytest.raises(tokens.TopicRefused):
        tokens.issue(viewer=PERSON, session_key="key", topics=[tokens.Shown(name, 1)], now=NOW)


def test_issue_refuses_more_topics_than_a_page_has(topic: FakeTopic) -> None:
    many = [SHOWN] * (tokens.MOST_TOPICS + 1)

    with pytest.raises(tokens.TopicRefused):
        tokens.issue(viewer=PERSON, session_key="key", topics=many, now=NOW)


def test_renewed_token_keeps_the_time_of_rendering(topic: FakeTopic) -> None:
    later = NOW + dt.timedelta(minutes=14)
    grant = tokens.read(issue(), session_key="key", now=later)

    token = tokens.renew(grant, viewer=PERSON, session_key="key", now=later)
    renewed = tokens.read(token, session_key="key", now=later + dt.timedelta(minutes=10))

    assert renewed.rendered_at == NOW
    assert renewed.issued_at == later


GRANT = Proxy(grant_id=uuid.UUID(int=7), patient_id=uuid.UUID(int=8), scopes=frozenset())
CARER = Viewer(user_id=PERSON.user_id, proxy=GRANT)


def test_token_remembers_for_whom_its_reader_acted(topic: FakeTopic) -> None:
    acting = tokens.read(issue(CARER), session_key="key", now=NOW)
    own = tokens.read(issue(), session_key="key", now=NOW)

    assert (acting.acting, own.acting) == (GRANT.grant_id, None)


@pytest.mark.parametrize(
    "later",
    [PERSON, Viewer(user_id=PERSON.user_id, proxy=replace(GRANT, grant_id=uuid.UUID(int=9)))],
)
def test_page_rendered_while_acting_does_not_outlive_it(topic: FakeTopic, later: Viewer) -> None:
    grant = tokens.read(issue(CARER), session_key="key", now=NOW)

    with pytest.raises(tokens.TopicRefused):
        tokens.renew(grant, viewer=later, session_key="key", now=NOW)


def test_page_rendered_while_acting_goes_on_as_long_as_that_does(topic: FakeTopic) -> None:
    grant = tokens.read(issue(CARER), session_key="key", now=NOW)

    renewed = tokens.renew(grant, viewer=CARER, session_key="key", now=NOW)

    assert tokens.read(renewed, session_key="key", now=NOW).acting == GRANT.grant_id


def test_own_page_stays_an_own_page_when_its_reader_begins_to_act(topic: FakeTopic) -> None:
    grant = tokens.read(issue(), session_key="key", now=NOW)

    renewed = tokens.renew(grant, viewer=CARER, session_key="key", now=NOW)

    assert tokens.read(renewed, session_key="key", now=NOW).acting is None

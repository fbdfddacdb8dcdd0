"""The trail is searched by who, about whom, what and when, page by page, one query a page."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from clinic.audit import selectors
from clinic.audit.models import AuditEvent
from clinic.audit.selectors import Cursor, Question
from tests.clinic.audit.conftest import ACTOR, PATIENT, VISIT, recorded

NOW = dt.datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=dt.UTC)
OTHER = uuid.UUID(int=9)
pytestmark = pytest.mark.django_db


def found(**asked: Any) -> list[AuditEvent]:
    return list(selectors.search(question=Question(**asked)))


def test_search_without_a_question_finds_everything_newest_first() -> None:
    old = recorded(now=NOW - dt.timedelta(days=1))
    new = recorded(now=NOW)

    assert found() == [new, old]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"actors": frozenset([ACTOR])}, {"actor_id": OTHER}),
        ({"patients": frozenset([PATIENT])}, {"patient_id": OTHER}),
        ({"action": "appointment.booked"}, {"action": "note.read"}),
        ({"action": "appointment."}, {"action": "note.read"}),
        ({"object_id": VISIT}, {"object_id": OTHER}),
        ({"since": NOW}, {"now": NOW - dt.timedelta(microseconds=1)}),
        ({"before": NOW + dt.timedelta(seconds=1)}, {"now": NOW + dt.timedelta(seconds=1)}),
    ],
)
def test_search_leaves_out_what_was_not_asked_for(
    asked: dict[str, Any], told: dict[str, Any]
) -> None:
    wanted = recorded(now=NOW)
    recorded(**{"now": NOW} | told)

    assert found(**asked) == [wanted]


def test_nobody_has_done_nothing() -> None:
    recorded()

    assert found(actors=frozenset()) == []


def test_pages_hold_every_event_once_even_of_one_instant(django_assert_num_queries: Any) -> None:
    events = [recorded(now=NOW) for _ in range(7)]
    trail = selectors.trail_of_patient(patient_id=PATIENT)

    first = selectors.page_of(events=trail, most=3)
    recorded(now=NOW + dt.timedelta(seconds=1))
    with django_assert_num_queries(1):
        second = selectors.page_of(events=trail, after=first.next, most=3)
    third = selectors.page_of(events=trail, after=second.next, most=3)

    assert [*first.events, *second.events, *third.events] == events[::-1]
    assert third.next is None


def test_a_page_that_is_just_full_is_the_last() -> None:
    for _ in range(3):
        recorded()

    page = selectors.page_of(events=selectors.trail_of_actor(actor_id=ACTOR), most=3)

    assert len(page.events) == 3
    assert page.next is None


def test_an_export_goes_through_all_pages() -> None:
    events = [recorded(now=NOW + dt.timedelta(seconds=n)) for n in range(5)]

    pages = list(selectors.pages_of(events=selectors.search(question=Question()), most=2))

    assert [len(page.events) for page in pages] == [2, 2, 1]
    assert [event for page in pages for event in page.events] == events[::-1]


def test_a_cursor_survives_an_address() -> None:
    cursor = Cursor(NOW, OTHER)

    assert selectors.cursor_from(str(cursor)) == cursor


@pytest.mark.parametrize("text", ["", "x", "20260302T090000123456-", "-" + "0" * 32, "9" * 80])
def test_what_is_no_cursor_begins_at_the_newest(text: str) -> None:
    assert selectors.cursor_from(text) is None

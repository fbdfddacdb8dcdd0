"""The trail tells who did what to whom, holds no typed value, and shows when it was altered."""

from __future__ import annotations

import datetime as dt
import hmac
import json
import uuid
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from clinic.audit import context, macs, selectors, services
from clinic.audit.models import AuditEvent
from clinic.crypto import datakeys

NOW = dt.datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=dt.UTC)
ACTOR, PATIENT, VISIT = (uuid.UUID(int=n) for n in (1, 2, 3))
pytestmark = pytest.mark.django_db


def recorded(**values: Any) -> AuditEvent:
    given: dict[str, Any] = {
        "actor_id": ACTOR,
        "actor_roles": {"practitioner", "patient"},
        "patient_id": PATIENT,
        "action": "appointment.booked",
        "object_type": "appointment",
        "object_id": VISIT,
        "detail": {"changed": {"status", "reason"}, "site": uuid.UUID(int=4), "moves": 0},
        "now": NOW,
    }
    return services.record(**given | values)


def test_record_writes_who_what_when_and_about_whom() -> None:
    recorded()

    event = AuditEvent.objects.get()

    assert (event.actor, event.patient, event.object_id) == (ACTOR, PATIENT, VISIT)
    assert (event.at, event.action) == (NOW, "appointment.booked")
    assert event.actor_roles == "patient,practitioner"
    assert services.mac_is_genuine(event)
    assert str(event) == f"AuditEvent {event.pk}"


def test_detail_has_one_spelling() -> None:
    assert recorded().detail == (
        '{"changed":["reason","status"],"moves":0,"site":"00000000-0000-0000-0000-000000000004"}'
    )
    assert recorded(detail=None).detail == "{}"
    assert json.loads(recorded(detail={"ids": [VISIT]}).detail) == {"ids": [str(VISIT)]}


@pytest.mark.parametrize("value", [object(), b"x", dt.date(2026, 1, 1)])
def test_detail_refuses_what_is_not_an_id_or_code(value: Any) -> None:
    with pytest.raises(TypeError, match="ids, codes and counts"):
        recorded(detail={"value": value})


def test_system_acts_without_an_account() -> None:
    event = recorded(actor_id=None, actor_roles=(), patient_id=None, object_id=None)

    assert services.mac_is_genuine(AuditEvent.objects.get(pk=event.pk))


def test_event_dies_with_the_change_it_tells_of() -> None:
    with transaction.atomic():
        recorded()
        transaction.set_rollback(True)

    assert not AuditEvent.objects.exists()


def test_one_event_is_one_insert(django_assert_num_queries: Any) -> None:
    datakeys.for_sealing(datakeys.AUDIT)

    with django_assert_num_queries(1):
        recorded()


@pytest.mark.parametrize("year", [1999, 2200])
def test_absurd_instants_are_refused(year: int) -> None:
    with pytest.raises(IntegrityError):
        recorded(now=dt.datetime(year, 1, 1, tzinfo=dt.UTC))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", uuid.UUID(int=9)),
        ("at", NOW + dt.timedelta(microseconds=1)),
        ("actor", None),
        ("actor_roles", "patient"),
        ("patient", uuid.UUID(int=9)),
        ("action", "appointment.cancelled"),
        ("object_type", "patient"),
        ("object_id", None),
        ("detail", "{}"),
        ("request_id", "f00"),
        ("mac", bytes(32)),
    ],
)
def test_any_changed_column_is_noticed(column: str, value: Any) -> None:
    """Attack 97: with the triggers off, the MAC still tells."""
    recorded()
    event = AuditEvent.objects.get()

    setattr(event, column, value)

    assert not services.mac_is_genuine(event)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditevent SET action = 'x'",
        "DELETE FROM audit_auditevent",
        "TRUNCATE audit_auditevent",
        "SET LOCAL session_replication_role = replica; DELETE FROM audit_auditevent",
    ],
)
@pytest.mark.usefixtures("audit_truncate_refused")
def test_database_refuses_to_change_the_trail(statement: str) -> None:
    """Refused to the owner of the table too, and under `session_replication_role = replica`."""
    recorded()

    with (
        pytest.raises(DatabaseError, match="append-only|permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert AuditEvent.objects.count() == 1


def test_orm_cannot_change_the_trail_either() -> None:
    event = recorded()

    for change in (event.save, event.delete, AuditEvent.objects.all().delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_events_of_one_request_share_its_number() -> None:
    numbers = []

    def view(request: HttpRequest) -> HttpResponse:
        numbers.extend([recorded().request_id, recorded().request_id])
        return HttpResponse()

    middleware = context.RequestIdMiddleware(view)
    for _ in range(2):
        middleware(RequestFactory().get("/", headers={"X-Request-Id": "forged"}))

    first, same, second, also = numbers
    assert first == same != second == also
    assert len(first) == 16
    assert recorded().request_id == ""


def test_trails_hold_their_own_events_newest_first() -> None:
    old = recorded(now=NOW - dt.timedelta(days=40))
    new = recorded()
    recorded(patient_id=uuid.UUID(int=9), actor_id=uuid.UUID(int=9))

    assert list(selectors.trail_of_patient(patient_id=PATIENT)) == [new, old]
    assert list(selectors.trail_of_actor(actor_id=ACTOR)) == [new, old]
    recent = selectors.trail_of_patient(patient_id=PATIENT, since=NOW - dt.timedelta(days=1))
    assert list(recent) == [new]


def test_record_many_is_one_statement_for_a_whole_page(django_assert_num_queries: Any) -> None:
    datakeys.for_sealing(datakeys.AUDIT)
    abouts = [services.About("patient", uuid.UUID(int=n), uuid.UUID(int=n)) for n in range(1, 51)]

    with django_assert_num_queries(1):
        events = services.record_many(
            actor_id=ACTOR,
            actor_roles=["front-desk"],
            action="patient.listed",
            abouts=abouts,
            now=NOW,
        )

    stored = AuditEvent.objects.order_by("pk")
    assert list(stored) == events
    assert [event.patient for event in stored] == [about.patient_id for about in abouts]
    assert all(map(services.mac_is_genuine, stored))


def test_record_many_of_nothing_writes_nothing() -> None:
    assert (
        services.record_many(
            actor_id=ACTOR, actor_roles=[], action="patient.listed", abouts=[], now=NOW
        )
        == []
    )
    assert not AuditEvent.objects.exists()


def test_record_many_splits_what_one_statement_cannot_hold(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(services, "ROWS_A_STATEMENT", 2)
    datakeys.for_sealing(datakeys.AUDIT)
    abouts = [services.About("patient", uuid.UUID(int=n)) for n in range(1, 6)]

    with django_assert_num_queries(3):
        services.record_many(
            actor_id=ACTOR, actor_roles=[], action="patient.listed", abouts=abouts, now=NOW
        )

    assert AuditEvent.objects.count() == 5


@pytest.mark.parametrize("text", ["", "plain", 'quote " and \\ slash', "ümläut ☃", "\n\t"])
def test_mac_covers_the_json_of_its_columns(text: str) -> None:
    """Rows of earlier versions keep their MAC."""
    covered = [text, None, "x"]
    message = json.dumps(covered, separators=(",", ":")).encode()

    assert macs.event_mac(covered, secret=b"k") == hmac.digest(b"k", message, "sha256")

"""Every event gets its place in the chain, however late it came; a forged one gets none."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from typing import Any

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from clinic.audit import ids, macs, sealing, services, tasks
from clinic.audit.models import AuditEvent, AuditLink
from tests.clinic.audit.conftest import Sql, made, recorded

pytestmark = pytest.mark.django_db


def seal(**given: Any) -> sealing.Pass:
    done = sealing.seal(now=timezone.now(), **given)
    assert done is not None
    return done


def test_seal_links_every_event_in_order_without_a_gap() -> None:
    events = [recorded() for _ in range(5)]

    assert seal() == sealing.Pass(linked=5)

    links = AuditLink.objects.order_by("pos")
    assert [(link.pos, link.event) for link in links] == [
        (pos, event.pk) for pos, event in enumerate(events, start=1)
    ]
    assert str(links[0]) == "AuditLink 1"


def test_each_link_covers_its_event_and_the_link_before() -> None:
    events = [recorded(), recorded()]

    seal()

    previous = macs.NOTHING
    for pos, event in enumerate(events, start=1):
        previous = macs.link_mac(
            previous=previous, pos=pos, event=str(event.pk), event_mac=event.mac, secret=macs.key()
        )
        assert bytes(AuditLink.objects.get(pos=pos).mac) == previous


def test_seal_goes_on_where_the_chain_ends() -> None:
    recorded()
    seal()
    later = recorded()

    assert seal() == sealing.Pass(linked=1)
    assert AuditLink.objects.get(pos=2).event == later.pk
    assert seal() == sealing.Pass()


def test_seal_takes_as_many_batches_as_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 2)
    for _ in range(5):
        recorded()

    assert seal().linked == 5
    assert list(AuditLink.objects.order_by("pos").values_list("pos", flat=True)) == [1, 2, 3, 4, 5]


def test_seal_links_an_event_whose_transaction_ended_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its id is older than that of the newest link."""
    early = uuid.UUID(int=AuditEvent(at=timezone.now()).pk.int)
    recorded()
    seal()
    _insert_genuine(early)

    assert seal().linked == 1
    assert AuditLink.objects.get(pos=2).event == early


def test_sweep_links_what_was_written_long_before(caplog: pytest.LogCaptureFixture) -> None:
    recorded()
    seal()
    old = made(timezone.now() - dt.timedelta(days=2))
    _insert_genuine(old)

    assert seal() == sealing.Pass()
    with caplog.at_level(logging.WARNING):
        assert seal(everything=True) == sealing.Pass(linked=1, late=1)

    assert "1 events were linked more than a minute late" in caplog.text


def test_an_id_from_the_future_hides_nothing() -> None:
    _insert_genuine(made(timezone.now() + dt.timedelta(days=900)))
    seal()
    recorded()

    assert seal().linked == 1


def test_a_forged_event_is_reported_once_and_gets_no_link(
    tamper: Sql, caplog: pytest.LogCaptureFixture
) -> None:
    """Attack 97: written or changed by somebody without the key."""
    changed, good = recorded(), recorded()
    tamper("UPDATE audit_auditevent SET action = 'nothing.seen' WHERE id = %s", changed.pk)

    with caplog.at_level(logging.CRITICAL):
        assert seal() == sealing.Pass(linked=1, refused=1)
        assert seal() == sealing.Pass(linked=1, refused=1), "its report is an event too"
        assert seal() == sealing.Pass(refused=1)

    [told] = caplog.records
    assert str(changed.pk) in told.getMessage()
    assert "nothing.seen" not in told.getMessage()
    report = AuditEvent.objects.get(action=sealing.REFUSED)
    assert (report.object_id, report.actor_roles) == (changed.pk, "system")
    assert not AuditLink.objects.filter(event=changed.pk).exists()
    assert AuditLink.objects.filter(event=good.pk).exists()


def test_a_forged_report_does_not_keep_the_alarm_silent(
    tamper: Sql, caplog: pytest.LogCaptureFixture
) -> None:
    changed = recorded()
    fake = recorded(action=sealing.REFUSED, object_id=changed.pk)
    tamper("UPDATE audit_auditevent SET detail = '{\"a\":1}' WHERE id = %s", fake.pk)
    tamper("UPDATE audit_auditevent SET actor = NULL WHERE id = %s", changed.pk)

    with caplog.at_level(logging.CRITICAL):
        assert seal().refused == 2

    assert str(changed.pk) in caplog.text


def test_many_forged_events_do_not_stand_in_the_way(
    tamper: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "BATCH", 2)
    for _ in range(4):
        recorded()
    tamper("UPDATE audit_auditevent SET action = 'x'")
    good = recorded()

    assert seal().refused == 4
    assert AuditLink.objects.filter(event=good.pk).exists()


def test_idle_pass_reads_only_the_end_of_the_trail(django_assert_max_num_queries: Any) -> None:
    recorded()
    seal()

    with django_assert_max_num_queries(5):
        seal()

    quarter_ago = ids.ms(timezone.now() - dt.timedelta(minutes=16))
    assert sealing._from(timezone.now()) > ids.first_id(quarter_ago)


@pytest.mark.django_db(transaction=True)
def test_a_second_sealer_stands_back() -> None:
    cache.delete(tasks.SEALED_KEY)
    recorded()
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [sealing.LOCK])
        assert sealing.seal(now=timezone.now()) is None
        tasks.seal_events()
    finally:
        other.close()

    assert not AuditLink.objects.exists()
    assert cache.get(tasks.SEALED_KEY) is None


def test_tasks_seal_and_say_that_they_did() -> None:
    cache.delete(tasks.SEALED_KEY)
    recorded()

    tasks.seal_events()

    assert AuditLink.objects.count() == 1
    assert cache.get(tasks.SEALED_KEY) == "1"


def test_sweep_task_looks_at_everything() -> None:
    recorded()
    tasks.seal_events()
    _insert_genuine(made(timezone.now() - dt.timedelta(days=2)))

    tasks.sweep_events()

    assert AuditLink.objects.count() == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditlink SET pos = pos + 1",
        "DELETE FROM audit_auditlink",
        "TRUNCATE audit_auditlink",
        "SET LOCAL session_replication_role = replica; DELETE FROM audit_auditlink",
    ],
)
@pytest.mark.usefixtures("audit_truncate_refused")
def test_database_refuses_to_change_the_chain(statement: str) -> None:
    recorded()
    seal()

    with (
        pytest.raises(DatabaseError, match="append-only|permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert AuditLink.objects.count() == 1


def _insert_genuine(event_id: uuid.UUID) -> None:
    """Add a genuine event with this id, as a writer did whose transaction took long."""
    event = AuditEvent(
        id=event_id, at=timezone.now(), action="note.read", object_type="note", detail="{}"
    )
    event.mac = macs.event_mac(macs.texts(event), secret=macs.key())
    services._insert([event])

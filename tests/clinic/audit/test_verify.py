"""Attack 97: somebody with all rights in the database, but without the key, is found out."""

from __future__ import annotations

import datetime as dt
import io
import logging
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django.fixtures import Settings

from clinic.audit import anchors, sealing, tasks, verifying
from clinic.audit.models import AuditEvent, AuditLink
from clinic.audit.verifying import Finding, Kind
from tests.clinic.audit.conftest import Sql, recorded

pytestmark = pytest.mark.django_db
EVENTS = 8


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.CLINIC_VAR = tmp_path
    return tmp_path


@pytest.fixture
def events() -> list[AuditEvent]:
    """Eight events in the chain, its end anchored."""
    written = [recorded() for _ in range(EVENTS)]
    sealing.seal(now=timezone.now())
    anchors.anchor_if_due(now=timezone.now())
    return written


def found(*, later: float = 0, known: list[anchors.Anchor] | None = None) -> list[Finding]:
    if known is None:
        known = anchors.read(anchors.anchor_file())
    now = timezone.now() + dt.timedelta(seconds=later)
    return list(verifying.verify(now=now, anchors=known, progress=lambda done, whole: None))


def test_a_whole_trail_has_no_findings(events: list[AuditEvent]) -> None:
    assert found() == []


def test_an_empty_trail_is_whole() -> None:
    assert found() == []


@pytest.mark.parametrize(
    "change",
    [
        "at = at - interval '1 second'",
        "actor = gen_random_uuid()",
        "actor_roles = 'patient'",
        "patient = NULL",
        "action = 'note.unread'",
        "object_type = 'site'",
        "object_id = NULL",
        """detail = '{"a":1}'""",
        "request_id = 'f00'",
        "mac = decode(repeat('00', 32), 'hex')",
    ],
)
def test_a_changed_event_is_named(change: str, events: list[AuditEvent], tamper: Sql) -> None:
    tamper(f"UPDATE audit_auditevent SET {change} WHERE id = %s", events[2].pk)

    assert found() == [Finding(Kind.CHANGED, 3, event=str(events[2].pk))]


def test_a_deleted_event_is_named(events: list[AuditEvent], tamper: Sql) -> None:
    tamper("DELETE FROM audit_auditevent WHERE id = %s", events[4].pk)

    assert found() == [Finding(Kind.DELETED, 5, event=str(events[4].pk))]


def test_an_event_deleted_with_its_link_leaves_a_gap(events: list[AuditEvent], tamper: Sql) -> None:
    tamper("DELETE FROM audit_auditevent WHERE id = ANY(%s)", [e.pk for e in events[3:5]])
    tamper("DELETE FROM audit_auditlink WHERE pos IN (4, 5)")

    assert found() == [Finding(Kind.MISSING, 4, 5)]


def test_a_deleted_beginning_is_named(events: list[AuditEvent], tamper: Sql) -> None:
    tamper("DELETE FROM audit_auditlink WHERE pos = 1")
    tamper("DELETE FROM audit_auditevent WHERE id = %s", events[0].pk)

    assert found() == [Finding(Kind.MISSING, 1, 1)]


def test_a_link_deleted_alone_leaves_an_unsealed_event(
    events: list[AuditEvent], tamper: Sql
) -> None:
    tamper("DELETE FROM audit_auditlink WHERE pos = 4")

    assert found(later=61) == [
        Finding(Kind.MISSING, 4, 4),
        Finding(Kind.UNSEALED, event=str(events[3].pk)),
    ]


def test_a_gap_that_was_closed_by_renumbering_is_named(
    events: list[AuditEvent], tamper: Sql
) -> None:
    tamper("DELETE FROM audit_auditlink WHERE pos = 4")
    tamper("DELETE FROM audit_auditevent WHERE id = %s", events[3].pk)
    for pos in range(5, EVENTS + 1):
        tamper("UPDATE audit_auditlink SET pos = pos - 1 WHERE pos = %s", pos)

    kinds = [(finding.kind, finding.first) for finding in found()]

    assert kinds == [*((Kind.MOVED, pos) for pos in range(4, EVENTS)), (Kind.CUT, EVENTS)]


def test_swapped_links_are_named(events: list[AuditEvent], tamper: Sql) -> None:
    tamper("DELETE FROM audit_auditlink WHERE pos = 7")
    tamper("UPDATE audit_auditlink SET event = %s WHERE pos = 6", events[6].pk)
    tamper(
        "INSERT INTO audit_auditlink SELECT 7, %s, mac FROM audit_auditlink WHERE pos = 6",
        events[5].pk,
    )

    assert [finding.first for finding in found() if finding.kind is Kind.MOVED] == [6, 7, 8]


def test_an_event_inserted_without_the_key_is_named(events: list[AuditEvent], tamper: Sql) -> None:
    forged = uuid.uuid4()
    tamper(
        "INSERT INTO audit_auditevent SELECT %s, at, actor, actor_roles, patient, action,"
        " object_type, object_id, detail, request_id, mac FROM audit_auditevent LIMIT 1",
        forged,
    )
    assert found() == [Finding(Kind.FORGED, event=str(forged))]

    tamper("INSERT INTO audit_auditlink VALUES (9, %s, decode(repeat('ab', 32), 'hex'))", forged)

    assert found() == [Finding(Kind.CHANGED, 9, event=str(forged))]


def test_a_cut_end_is_seen_with_the_anchor_only(events: list[AuditEvent], tamper: Sql) -> None:
    tamper("DELETE FROM audit_auditlink WHERE pos > 5")
    tamper("DELETE FROM audit_auditevent WHERE id = ANY(%s)", [e.pk for e in events[5:]])

    assert found(known=[]) == []
    assert found() == [Finding(Kind.CUT, 6, 8)]


def test_a_cut_end_that_grew_again_differs_from_its_anchor(
    events: list[AuditEvent], tamper: Sql
) -> None:
    tamper("DELETE FROM audit_auditlink WHERE pos > 5")
    tamper("DELETE FROM audit_auditevent WHERE id = ANY(%s)", [e.pk for e in events[5:]])
    for _ in range(4):
        recorded()
    sealing.seal(now=timezone.now())

    assert found(known=[]) == []
    assert found() == [Finding(Kind.REWRITTEN, 8)]


def test_an_event_that_was_never_sealed_is_named_after_a_minute(
    events: list[AuditEvent],
) -> None:
    event = recorded()

    assert found() == []
    assert found(later=61) == [Finding(Kind.UNSEALED, event=str(event.pk))]


def test_the_walk_takes_as_many_pages_as_it_needs(
    events: list[AuditEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "WALK", verifying.WALK.replace("LIMIT 5000", "LIMIT 3"))
    told: list[tuple[int, int]] = []

    list(
        verifying.verify(now=timezone.now(), anchors=[], progress=lambda *steps: told.append(steps))
    )

    assert told == [(3, 8), (6, 8), (8, 8)]


# --- The command and the task -----------------------------------------------------------------


def verify_audit(*arguments: str, **options: Any) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("verify_audit", *arguments, stdout=out, stderr=err, no_color=True, **options)
    return out.getvalue(), err.getvalue()


def test_command_says_that_the_trail_is_whole(events: list[AuditEvent]) -> None:
    out, err = verify_audit()

    assert out.startswith("The trail is whole. 8 events in ")
    assert err == "8 of 8 links\n"
    assert verify_audit(verbosity=0)[1] == ""


def test_command_says_in_a_log_no_more_than_ten_lines(
    events: list[AuditEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(17):
        recorded()
    sealing.seal(now=timezone.now())
    monkeypatch.setattr(verifying, "WALK", verifying.WALK.replace("LIMIT 5000", "LIMIT 1"))

    lines = verify_audit()[1].splitlines()

    assert lines[0] == "3 of 25 links"
    assert lines[-1] == "25 of 25 links"
    assert len(lines) == 10


def test_command_counts_in_one_line_on_a_terminal(events: list[AuditEvent]) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    err = Terminal()

    call_command("verify_audit", stdout=io.StringIO(), stderr=err, no_color=True)

    assert err.getvalue() == "\r8 of 8 links\n"


def test_command_says_what_and_where_and_ends_with_one(
    events: list[AuditEvent], tamper: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clinic.audit.management.commands.verify_audit.MOST_LINES", 2)
    tamper("UPDATE audit_auditevent SET action = 'x' WHERE id <> %s", events[0].pk)
    tamper("DELETE FROM audit_auditlink WHERE pos IN (3, 4)")
    out = io.StringIO()

    with pytest.raises(CommandError, match="The trail is not whole") as stopped:
        call_command("verify_audit", stdout=out, stderr=io.StringIO(), no_color=True)

    assert stopped.value.returncode == 1
    said = out.getvalue()
    assert f"event changed or forged: link 2, event {events[1].pk}\n" in said
    assert "links missing: links 3 to 4\n" in said
    assert str(events[6].pk) not in said
    assert "5 x event changed or forged (the first 2 are shown)\n" in said


def test_command_says_when_it_has_no_anchors(folder: Path) -> None:
    assert verify_audit()[0].startswith("No anchors: a trail whose end was cut off would look")


def test_command_takes_an_anchor_from_a_mail(events: list[AuditEvent], tamper: Sql) -> None:
    anchor = anchors.Anchor(8, bytes(AuditLink.objects.get(pos=8).mac))
    anchors.anchor_file().unlink()
    tamper("DELETE FROM audit_auditlink WHERE pos = 8")
    tamper("DELETE FROM audit_auditevent WHERE id = %s", events[7].pk)

    with pytest.raises(CommandError, match="not whole"):
        verify_audit("--anchor", str(anchor))


@pytest.mark.parametrize("content", [b"nonsense\n", "ä".encode()])
def test_command_refuses_a_file_that_holds_something_else(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "other").write_bytes(content)

    with pytest.raises(CommandError, match="or --anchor"):
        verify_audit("--anchors", str(tmp_path / "other"))


@pytest.mark.parametrize(
    ("harm", "findings", "level"), [(None, 0, 0), ("action = 'x'", 8, logging.CRITICAL)]
)
def test_task_records_the_outcome_and_raises_the_alarm(
    harm: str | None,
    findings: int,
    level: int,
    events: list[AuditEvent],
    tamper: Sql,
    caplog: pytest.LogCaptureFixture,
) -> None:
    if harm:
        tamper(f"UPDATE audit_auditevent SET {harm}")

    tasks.verify_trail()

    event = AuditEvent.objects.get(action="audit.verified")
    assert event.detail == f'{{"findings":{findings}}}'
    assert (
        max([0, *(told.levelno for told in caplog.records if told.name.startswith("clinic"))])
        == level
    )

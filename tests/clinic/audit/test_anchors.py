"""The end of the chain is told to a file, the log and a mailbox, none of them in the database."""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django.fixtures import Settings

from clinic.audit import anchors, sealing, tasks
from clinic.audit.models import AuditLink
from tests.clinic.audit.conftest import Sql, recorded

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(minutes=16)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.CLINIC_VAR = tmp_path
    settings.AUDIT_ANCHOR_INTERVAL = dt.timedelta(minutes=15)
    settings.AUDIT_ANCHOR_EMAIL = "compliance@example.org"
    return tmp_path


def seal_one() -> AuditLink:
    recorded()
    sealing.seal(now=timezone.now())
    return AuditLink.objects.latest("pos")


def test_anchor_goes_to_the_log_and_a_private_file(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    link = seal_one()

    with caplog.at_level(logging.INFO):
        written = anchors.anchor_if_due(now=NOW)

    path = folder / "audit-anchors.log"
    assert written == anchors.Anchor(1, bytes(link.mac), NOW)
    assert path.read_text() == f"2026-03-02T09:00:00+00:00 1 {bytes(link.mac).hex()}\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert anchors.read(path) == [written]
    assert f"audit anchor 1:{bytes(link.mac).hex()}" in caplog.text


def test_anchor_waits_for_its_interval_and_for_something_new() -> None:
    assert anchors.anchor_if_due(now=NOW) is None, "there is no link yet"
    seal_one()
    assert anchors.anchor_if_due(now=NOW) is not None
    assert anchors.anchor_if_due(now=LATER) is None, "nothing new"
    seal_one()
    assert anchors.anchor_if_due(now=NOW + dt.timedelta(minutes=14)) is None, "too early"

    written = anchors.anchor_if_due(now=LATER)

    assert written is not None and written.pos == 2
    assert [anchor.pos for anchor in anchors.read(anchors.anchor_file())] == [1, 2]


@pytest.mark.parametrize(
    "attack",
    [
        "DELETE FROM audit_auditlink",
        "UPDATE audit_auditlink SET mac = decode(repeat('00', 32), 'hex')",
    ],
)
def test_a_link_that_is_no_longer_there_raises_the_alarm(
    attack: str, tamper: Sql, caplog: pytest.LogCaptureFixture
) -> None:
    seal_one()
    anchors.anchor_if_due(now=NOW)
    tamper(attack)

    with caplog.at_level(logging.CRITICAL):
        anchors.anchor_if_due(now=LATER)

    assert "link 1 is not what it was" in caplog.text


def test_a_torn_line_does_not_stop_the_next(folder: Path) -> None:
    (folder / "audit-anchors.log").write_text("2026-03-02T0")
    seal_one()

    assert anchors.anchor_if_due(now=NOW) is not None


@pytest.mark.parametrize("text", ["", "x", "0:" + "a" * 64, "5:abc", "5:" + "g" * 64, "5"])
def test_what_is_no_anchor_is_refused(text: str) -> None:
    with pytest.raises(anchors.Unreadable, match="a position and 64 hexadecimal digits"):
        anchors.given(text)


def test_an_anchor_can_be_typed_as_it_was_told() -> None:
    anchor = anchors.Anchor(12, bytes(range(32)))

    assert anchors.given(f" {anchor} ".upper()) == anchor


def test_the_end_of_the_chain_is_mailed_once_a_day() -> None:
    assert not anchors.mail_if_due(now=NOW), "there is no link yet"
    link = seal_one()

    assert anchors.mail_if_due(now=NOW)
    assert not anchors.mail_if_due(now=NOW + dt.timedelta(hours=9))
    assert anchors.mail_if_due(now=NOW + dt.timedelta(days=1))

    first, _second = mail.outbox
    assert first.to == ["compliance@example.org"]
    assert first.subject == "Audit trail: link 1"
    assert f"--anchor 1:{bytes(link.mac).hex()}" in first.body


def test_nobody_is_mailed_unless_somebody_is_named(settings: Settings) -> None:
    settings.AUDIT_ANCHOR_EMAIL = ""
    seal_one()

    assert not anchors.mail_if_due(now=NOW)


def test_task_anchors_and_mails() -> None:
    seal_one()

    tasks.anchor_chain()

    assert len(anchors.read(anchors.anchor_file())) == 1
    assert len(mail.outbox) == 1

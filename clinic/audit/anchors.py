"""Tell places outside the database where the chain stands: a file, the log, a daily mail.

Somebody with all rights in the database can cut off the end of the chain, and what is left is a
valid chain. Only a note of its former end, kept where that person cannot reach, tells.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import logging
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.mail import send_mail
from django.utils.translation import gettext as _

from clinic.audit import sealing
from clinic.audit.models import AuditLink

logger = logging.getLogger(__name__)

LINE = re.compile(r"^(?P<at>\S+) (?P<pos>[1-9]\d{0,17}) (?P<mac>[0-9a-f]{64})$")
TAIL_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link of the chain as it once was."""

    pos: int
    mac: bytes
    at: dt.datetime | None = None

    def __str__(self) -> str:
        return f"{self.pos}:{self.mac.hex()}"


class Unreadable(ValueError):
    """A line or argument that holds no anchor."""


def anchor_file() -> Path:
    return Path(settings.CLINIC_VAR) / "audit-anchors.log"


def read(path: Path) -> list[Anchor]:
    """Return the anchors of a file, none when it is not there; raises Unreadable."""
    if not path.exists():
        return []
    return [_parsed(line) for line in path.read_text(encoding="ascii").splitlines() if line]


def given(text: str) -> Anchor:
    """Return the anchor written as POS:MAC; raises Unreadable."""
    return _parsed(f"- {text.strip().lower().replace(':', ' ', 1)}")


def anchor_if_due(*, now: dt.datetime) -> Anchor | None:
    """Write the newest link to the log and the file, unless that was done a short while ago."""
    with _locked(anchor_file()) as file:
        before = _last_of(file)
        if before and before.at and now - before.at < settings.AUDIT_ANCHOR_INTERVAL:
            return None
        last = sealing.last_link()
        if before:
            _check_still_there(before)
        if last is None or (before and before.pos == last[0] and before.mac == last[2]):
            return None
        anchor = Anchor(last[0], last[2], now)
        logger.info("audit anchor %s", anchor)
        _append(file, anchor)
    return anchor


def mail_if_due(*, now: dt.datetime) -> bool:
    """Mail the newest link to AUDIT_ANCHOR_EMAIL, once a day; say whether that was done."""
    mailed = anchor_file().with_suffix(".mailed")
    today = now.date().isoformat()
    last = sealing.last_link()
    if not settings.AUDIT_ANCHOR_EMAIL or last is None:
        return False
    if mailed.exists() and mailed.read_text(encoding="ascii") == today:
        return False
    anchor = Anchor(last[0], last[2], now)
    body = _(
        "This is where the audit trail of %(clinic)s stands at %(at)s (UTC).\n\n"
        "    %(anchor)s\n\n"
        "Keep this mail. With it, a trail whose end was cut off can be told from a whole one:\n\n"
        "    python manage.py verify_audit --anchor %(anchor)s\n"
    )
    told = {
        "clinic": settings.CLINIC_NAME,
        "at": now.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M"),
        "anchor": anchor,
    }
    subject = _("Audit trail: link %(pos)d") % {"pos": anchor.pos}
    send_mail(subject, body % told, None, [settings.AUDIT_ANCHOR_EMAIL])
    mailed.write_text(today, encoding="ascii")
    return True


def _locked(path: Path) -> IO[bytes]:
    """Open the file to append to it, closed to everyone else, one process at a time."""
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return os.fdopen(descriptor, "r+b", buffering=0)


def _last_of(file: IO[bytes]) -> Anchor | None:
    file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES))
    lines = file.read().decode("ascii", "replace").splitlines()
    found = [line for line in lines if LINE.match(line)]
    return _parsed(found[-1]) if found else None


def _append(file: IO[bytes], anchor: Anchor) -> None:
    assert anchor.at is not None
    moment = anchor.at.astimezone(dt.UTC).isoformat(timespec="seconds")
    file.write(f"{moment} {anchor.pos} {anchor.mac.hex()}\n".encode("ascii"))
    os.fsync(file.fileno())


def _check_still_there(anchor: Anchor) -> None:
    link = AuditLink.objects.filter(pos=anchor.pos).first()
    if link is None or bytes(link.mac) != anchor.mac:
        logger.critical("audit: link %d is not what it was; run verify_audit", anchor.pos)


def _parsed(line: str) -> Anchor:
    match = LINE.match(line)
    if match is None:
        raise Unreadable("An anchor is a position and 64 hexadecimal digits.")
    try:
        at = dt.datetime.fromisoformat(match["at"])
    except ValueError:
        at = None
    return Anchor(int(match["pos"]), bytes.fromhex(match["mac"]), at)

"""Reads the kept mail."""

import datetime as dt
import email
import email.policy
import re
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import cast

NAME = re.compile(r"[0-9]{8}T[0-9]{6}\.[0-9]{6}-[0-9a-f]{8}")
SHOWN = 200


@dataclass(frozen=True)
class Attachment:
    index: int
    name: str
    content_type: str


@dataclass(frozen=True)
class Mail:
    """One kept mail, ready to be shown."""

    name: str
    arrived: dt.datetime
    sender: str
    recipient: str
    subject: str
    headers: list[tuple[str, str]]
    text: str
    html: str
    attachments: list[Attachment]


def recent(folder: Path) -> list[Mail]:
    """Return the newest mails, newest first."""
    names = sorted((path.stem for path in folder.glob("*.eml")), reverse=True)
    mails = (find(folder, name) for name in names[:SHOWN])
    return [mail for mail in mails if mail]


def find(folder: Path, name: str) -> Mail | None:
    """Return one mail, or None when there is none of that name."""
    raw = source(folder, name)
    if raw is None:
        return None
    message = _parse(raw)
    return Mail(
        name=name,
        arrived=dt.datetime.strptime(name[:15], "%Y%m%dT%H%M%S").replace(tzinfo=dt.UTC),
        sender=str(message["From"] or ""),
        recipient=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        headers=[(key, str(value)) for key, value in message.items()],
        text=_body(message, "plain"),
        html=_body(message, "html"),
        attachments=[
            Attachment(index, part.get_filename() or f"part-{index}", part.get_content_type())
            for index, part in enumerate(_files(message))
        ],
    )


def source(folder: Path, name: str) -> bytes | None:
    """Return the mail as it arrived."""
    if not NAME.fullmatch(name):
        return None
    try:
        return (folder / f"{name}.eml").read_bytes()
    except FileNotFoundError:
        return None


def attachment(folder: Path, name: str, index: int) -> tuple[Attachment, bytes] | None:
    """Return one attached file with its content."""
    raw = source(folder, name)
    parts = _files(_parse(raw)) if raw else []
    if index >= len(parts):
        return None
    part = parts[index]
    described = Attachment(index, part.get_filename() or f"part-{index}", part.get_content_type())
    return described, cast(bytes, part.get_payload(decode=True) or b"")


def _parse(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""


def _files(message: EmailMessage) -> list[EmailMessage]:
    """Every part that is a file: attachments, and calendar parts that stand beside the text."""
    return [
        part
        for part in message.walk()
        if part.is_attachment() or part.get_content_type() == "text/calendar"
    ]

"""Channels: how a composed message leaves the house. Each is one small class with `send`.

A channel knows nothing of visits or rows. It answers what became of the message and never raises
for what a server or a network does.
"""

from __future__ import annotations

import smtplib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.encoders import encode_base64
from email.mime.base import MIMEBase
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailAlternative, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend


@dataclass(frozen=True, slots=True)
class CalendarFile:
    name: str
    content: bytes
    method: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message ready to go."""

    to: str
    subject: str
    text: str
    html: str
    calendars: Sequence[CalendarFile]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the other side said. `final` refusals are not tried again."""

    sent: bool
    code: str
    final: bool = False


class Unreachable(Exception):
    """The mail server cannot be spoken to at all; `code` says what was seen."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Channel(Protocol):
    def send(self, *, message: Message, message_id: str) -> Outcome: ...


class EmailChannel:
    """E-mail over one connection of Django's mail backend (EMAIL_URL)."""

    def __init__(self, connection: BaseEmailBackend) -> None:
        self._connection = connection

    def send(self, *, message: Message, message_id: str) -> Outcome:
        """Hand the message to the server; a connection that broke is opened again for the next."""
        try:
            _open(self._connection)
        except Unreachable as failure:
            return Outcome(sent=False, code=failure.code)
        mail = _mail(message, message_id=message_id)
        try:
            accepted = self._connection.send_messages([mail])
        except (smtplib.SMTPException, OSError) as error:
            outcome = _outcome_of(error)
            if not isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError):
                self._connection.close()
            return outcome
        except ValueError as error:
            # A header or an address that no mail can carry.
            return Outcome(sent=False, code=type(error).__name__[:40], final=True)
        return Outcome(sent=True, code="250") if accepted else Outcome(sent=False, code="none")


@contextmanager
def email_channel() -> Iterator[EmailChannel]:
    """Open one connection for a batch of messages. Raises Unreachable."""
    connection = get_connection()
    _open(connection)
    try:
        yield EmailChannel(connection)
    finally:
        connection.close()


def _open(connection: BaseEmailBackend) -> None:
    try:
        connection.open()
    except (smtplib.SMTPException, OSError) as error:
        raise Unreachable(_outcome_of(error).code) from error


def _outcome_of(error: Exception) -> Outcome:
    """Read the server's answer out of an error. 5xx about this recipient or message is final."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, _ = next(iter(error.recipients.values()))
        return Outcome(sent=False, code=str(code), final=code >= 500)
    if isinstance(error, smtplib.SMTPResponseException):
        final = isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500
        return Outcome(sent=False, code=str(error.smtp_code), final=final)
    return Outcome(sent=False, code=type(error).__name__[:40])


def _mail(message: Message, *, message_id: str) -> EmailMultiAlternatives:
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.to],
        headers={
            "Message-ID": message_id,
            # Answers of machines to machines go nowhere (RFC 3834).
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
        alternatives=[EmailAlternative(message.html, "text/html")],
    )
    for calendar in message.calendars:
        mail.attach(_calendar_part(calendar))
    return mail


def _calendar_part(calendar: CalendarFile) -> MIMEBase:
    """Return the part as calendar programs look for it: `method` stands in the type (RFC 6047)."""
    part = MIMEBase("text", "calendar", method=calendar.method, charset="utf-8", name=calendar.name)
    part.set_payload(calendar.content)
    encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename=calendar.name)
    return part

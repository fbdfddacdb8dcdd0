"""Signed links in messages: they open one version of one visit until a day after it begins.

The token names nobody: visit, version and end are signed together, so that it cannot be altered,
does not outlive the visit and dies when the visit moves.
"""

from __future__ import annotations

import datetime as dt
import struct
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature, Signer, b64_decode, b64_encode
from django.urls import reverse

from clinic.lib import times
from clinic.scheduling.models import Appointment

VALID_AFTER_START = dt.timedelta(days=1)

_SIGNER = Signer(salt="reminders.links.visit", sep=".")
# Id of the visit, version, end of validity in epoch seconds.
_FORM = struct.Struct(">16sIQ")


class LinkNotValid(Exception):
    """The token was not made here, or not for this purpose."""


class LinkExpired(Exception):
    """The visit began more than a day ago."""


@dataclass(frozen=True, slots=True)
class VisitLink:
    """What a genuine token says."""

    appointment_id: uuid.UUID
    version: int


def make_token(*, appointment: Appointment) -> str:
    """Return the token of the visit as it is now."""
    until = times.seconds(appointment.starts_at + VALID_AFTER_START)
    packed = _FORM.pack(appointment.pk.bytes, appointment.version, until)
    return str(_SIGNER.sign(b64_encode(packed).decode()))


def link_url(*, appointment: Appointment) -> str:
    """Return the whole address to be written into a message."""
    return absolute(reverse("reminders:link", args=[make_token(appointment=appointment)]))


def absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def read_token(*, token: str, now: dt.datetime) -> VisitLink:
    """Return what the token names; raise LinkNotValid or LinkExpired."""
    try:
        identifier, version, until = _FORM.unpack(b64_decode(_SIGNER.unsign(token).encode()))
    except (BadSignature, ValueError, struct.error):
        raise LinkNotValid from None
    if times.seconds(now) >= until:
        raise LinkExpired
    return VisitLink(uuid.UUID(bytes=identifier), version)

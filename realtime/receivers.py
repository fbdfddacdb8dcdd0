"""From the clinic's announcements, after commit, to dirty topics and closed sockets."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest

from clinic.people import selectors as people_selectors
from realtime import bus, topics
from realtime.tokens import session_mark


def close_session(*, user: AbstractBaseUser | None, request: HttpRequest, **_: Any) -> None:
    """Signing out closes the sockets of that session, and of no other device."""
    session_key = request.session.session_key
    if user is not None and session_key is not None:
        bus.announce_ended(user_id=user.pk, session=session_mark(session_key))


def close_person(*, user_id: uuid.UUID, **_: Any) -> None:
    """A change of somebody's access closes all their sockets; pages that may come back do."""
    bus.announce_ended(user_id=user_id)


def push_day(*, practitioner_id: uuid.UUID, date: dt.date, version: int, **_: Any) -> None:
    bus.announce_dirty(topics.of_day(practitioner_id, date, version))


def push_rules(*, practitioner_id: uuid.UUID, **_: Any) -> None:
    bus.announce_dirty(topics.of_rules(practitioner_id))


def push_visit(*, appointment_id: uuid.UUID, **_: Any) -> None:
    bus.announce_dirty(topics.of_visit(appointment_id))


def push_record(*, patient_id: uuid.UUID, version: int, **_: Any) -> None:
    bus.announce_dirty(topics.of_record(patient_id, version))


def push_holder(*, patient_id: uuid.UUID | None, hold_token: uuid.UUID | None, **_: Any) -> None:
    user_id = people_selectors.account_of_patient(patient_id=patient_id) if patient_id else None
    if dirty := topics.of_holder(user_id=user_id, hold_token=hold_token):
        bus.announce_dirty(dirty)

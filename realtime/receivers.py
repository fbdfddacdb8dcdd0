"""From the clinic's announcements, after commit, to dirty topics and closed sockets."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest

from realtime import bus
from realtime.tokens import session_mark


def close_session(*, user: AbstractBaseUser | None, request: HttpRequest, **_: Any) -> None:
    """Signing out closes the sockets of that session, and of no other device."""
    session_key = request.session.session_key
    if user is not None and session_key is not None:
        bus.announce_ended(user_id=user.pk, session=session_mark(session_key))


def close_person(*, user_id: uuid.UUID, **_: Any) -> None:
    """A change of somebody's access closes all their sockets; pages that may come back do."""
    bus.announce_ended(user_id=user_id)

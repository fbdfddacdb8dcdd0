"""What a browser remembers of emergency access: ids and instants, never a permission.

The bar asks the database only where this says that something may be open. Which patient a doctor
has just found counts for fifteen minutes: the way to break the glass leads through that search.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest

OPEN_KEY = "emergency_open"
FOUND_KEY = "emergency_found"
FOUND_LASTS = dt.timedelta(minutes=15)


def remember_open(request: HttpRequest) -> None:
    request.session[OPEN_KEY] = True


def remembered(request: Any) -> bool:
    session = getattr(request, "session", None)
    return bool(session is not None and session.get(OPEN_KEY))


def tidy(request: Any, found: Sequence[object]) -> None:
    """Forget that something was open once nothing is."""
    if not found:
        request.session.pop(OPEN_KEY, None)


def remember_found(request: HttpRequest, patient_id: uuid.UUID, *, now: dt.datetime) -> None:
    request.session[FOUND_KEY] = {"patient": str(patient_id), "at": now.timestamp()}


def was_found(request: HttpRequest, patient_id: uuid.UUID, *, now: dt.datetime) -> bool:
    """Say whether this browser found that patient by number and birth date a moment ago."""
    said = request.session.get(FOUND_KEY) or {}
    if said.get("patient") != str(patient_id):
        return False
    age = now - dt.datetime.fromtimestamp(said["at"], dt.UTC)
    return dt.timedelta(0) <= age < FOUND_LASTS

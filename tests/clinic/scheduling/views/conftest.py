"""A doctor who can be booked, and short ways to press on times."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache.backends.locmem import LocMemCache
from django.test import Client
from django.urls import reverse

from clinic.lib import ratelimit
from clinic.people.models import Practitioner
from clinic.scheduling.models import VisitType
from tests.factories.scheduling import open_practice

# 09:00 in Berlin on the Tuesday after NOW.
NINE = dt.datetime(2026, 3, 3, 8, 0, tzinfo=dt.UTC)
HTMX = {"HX-Request": "true"}


def at(minutes: int) -> dt.datetime:
    """Return an instant so many minutes after nine."""
    return NINE + dt.timedelta(minutes=minutes)


def seconds(instant: dt.datetime) -> int:
    return int(instant.timestamp())


@pytest.fixture(autouse=True)
def fresh_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count each test's presses from zero, in a cache of its own."""
    monkeypatch.setattr(ratelimit, "cache", LocMemCache(uuid.uuid4().hex, {}))


@pytest.fixture
def visit_type(practitioner: Practitioner) -> VisitType:
    return open_practice(practitioner)


@pytest.fixture
def press(practitioner: Practitioner, visit_type: VisitType) -> Callable[..., Any]:
    """Press on a time of the doctor."""

    def pressed(browser: Client, starts_at: dt.datetime = NINE, **headers: str) -> Any:
        return browser.post(
            reverse("scheduling:slot_hold", args=[practitioner.pk]),
            {"start": seconds(starts_at), "type": visit_type.pk.hex, "how": "i"},
            headers=headers or HTMX,
        )

    return pressed


@pytest.fixture
def booking(practitioner: Practitioner, visit_type: VisitType) -> Callable[..., dict[str, Any]]:
    """Return what the review page would send."""

    def data(starts_at: dt.datetime = NINE, **changes: Any) -> dict[str, Any]:
        return {
            "practitioner": practitioner.pk.hex,
            "type": visit_type.pk.hex,
            "how": "i",
            "start": seconds(starts_at),
            "key": uuid.uuid4().hex,
            "reason": "Cough for two weeks",
            "notes": "Worse at night",
        } | changes

    return data

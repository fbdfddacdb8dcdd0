"""A crowd presses the same button: the pages, the server and the database together (B2-B4)."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections import Counter

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.lib import times
from clinic.scheduling.models import Appointment
from tests.concurrency.conftest import Server, deadlocks, overlaps
from tests.concurrency.together import post_together
from tests.factories.crowd import Member, crowd

pytestmark = pytest.mark.slow

VISIT = dt.timedelta(minutes=20)


def nine_on_a_workday() -> dt.datetime:
    """Return a morning ahead in the real calendar: the server has its own clock."""
    date = timezone.now().date() + dt.timedelta(days=7)
    while date.isoweekday() > 5:
        date += dt.timedelta(days=1)
    return times.to_instant(date, dt.time(9), "Europe/Berlin")


def form(wish, starts_at: dt.datetime) -> dict[str, object]:
    return {
        "practitioner": wish.practitioner_id.hex,
        "type": wish.visit_type_id.hex,
        "how": "i",
        "start": int(starts_at.timestamp()),
        "key": uuid.uuid4().hex,
        "reason": "Blood pressure",
    }


def test_two_hundred_people_book_one_slot_and_one_gets_it(practice, server: Server):
    """B2, B3: one answer is a yes, every other one a clean 409, and no deadlock behind it."""
    wish, before, morning = practice(), deadlocks(), nine_on_a_workday()
    people = crowd(200)

    answers = post_together(
        server.port,
        reverse("scheduling:appointment_book"),
        [(member, form(wish, morning)) for member in people],
    )
    server.stop()

    assert Counter(answer.status for answer in answers) == {302: 1, 409: 199}
    assert Appointment.objects.count() == 1
    assert deadlocks() == before


def test_two_hundred_people_hold_one_slot_and_one_holds_it(practice, server: Server):
    """H1, H4 over HTTP: the losers are told who was faster, nobody waits for a deadlock."""
    wish, before, morning = practice(), deadlocks(), nine_on_a_workday()
    people = crowd(200)
    asked = {key: form(wish, morning)[key] for key in ("start", "type", "how")}

    answers = post_together(
        server.port,
        reverse("scheduling:slot_hold", args=[wish.practitioner_id]),
        [(member, asked) for member in people],
    )
    server.stop()

    assert Counter(answer.status for answer in answers) == {302: 1, 409: 199}
    assert Appointment.objects.count() == 1
    assert deadlocks() == before


def test_overlapping_times_end_as_some_order_of_asking_explains(practice, server: Server):
    """B2, B4: the winners do not overlap, and every loser overlaps a winner, so that serving the
    winners first and the others after them gives just these answers.
    """
    wish, before, morning = practice(), deadlocks(), nine_on_a_workday()
    chance = random.Random(7)  # noqa: S311
    starts = [morning + dt.timedelta(minutes=5 * chance.randrange(33)) for _ in range(120)]
    forms: list[tuple[Member, dict[str, object]]] = [
        (member, form(wish, start)) for member, start in zip(crowd(120), starts, strict=True)
    ]

    answers = post_together(server.port, reverse("scheduling:appointment_book"), forms)
    server.stop()

    assert {answer.status for answer in answers} == {302, 409}
    won = [start for start, answer in zip(starts, answers, strict=True) if answer.status == 302]
    lost = [start for start, answer in zip(starts, answers, strict=True) if answer.status == 409]
    assert sorted(won) == list(
        Appointment.objects.order_by("starts_at").values_list("starts_at", flat=True)
    )
    assert overlaps() == 0
    assert all(any(abs(start - winner) < VISIT for winner in won) for start in lost)
    assert deadlocks() == before

"""How a day runs: waiting, overdue, late. Pure functions, no database."""

import datetime as dt

import pytest

from clinic.scheduling import flow
from clinic.scheduling.choices import AppointmentStatus as S

NINE = dt.datetime(2026, 3, 3, 9, 0, tzinfo=dt.UTC)


def at(minutes):
    return NINE + dt.timedelta(minutes=minutes)


def passage(start, status, *, length=20, arrived=None, in_room=None):
    return flow.Passage(
        starts_at=at(start),
        ends_at=at(start + length),
        status=status,
        arrived_at=None if arrived is None else at(arrived),
        in_room_at=None if in_room is None else at(in_room),
    )


def test_waiting_counts_started_minutes_of_those_who_are_here():
    here = passage(0, S.ARRIVED, arrived=-10)

    assert flow.minutes_waiting(here, now=NINE + dt.timedelta(seconds=59)) == 10
    assert flow.minutes_waiting(here, now=at(-20)) == 0
    assert flow.minutes_waiting(passage(0, S.ARRIVED), now=NINE) is None
    assert flow.minutes_waiting(passage(0, S.BOOKED, arrived=-10), now=NINE) is None


def test_overdue_counts_for_those_who_have_not_come():
    booked = passage(0, S.BOOKED)

    assert flow.minutes_overdue(booked, now=at(-1)) is None
    assert flow.minutes_overdue(booked, now=at(7)) == 7
    assert flow.minutes_overdue(passage(0, S.ARRIVED), now=at(7)) is None


@pytest.mark.parametrize(
    ("day", "now", "late"),
    [
        ([], 0, 0),
        # Nobody in the room: the first who is here could have begun at her time.
        ([passage(0, S.ARRIVED, arrived=-5)], 12, 12),
        # Somebody in the room is expected to stay the whole planned length.
        (
            [passage(0, S.CHECKED_IN, in_room=10), passage(20, S.ARRIVED, arrived=15)],
            15,
            10,
        ),
        # An overrun visit counts by the clock.
        (
            [passage(0, S.CHECKED_IN, in_room=0), passage(20, S.ARRIVED, arrived=15)],
            40,
            20,
        ),
        # Whoever has not come does not make the doctor late.
        ([passage(0, S.BOOKED), passage(20, S.BOOKED)], 10, 0),
        # With an empty waiting room the next visit still to come counts.
        ([passage(0, S.CHECKED_IN, in_room=15), passage(20, S.BOOKED)], 16, 15),
        ([passage(0, S.FULFILLED), passage(20, S.NOSHOW)], 60, 0),
        ([passage(0, S.CHECKED_IN)], 60, 0),
    ],
)
def test_lateness_is_how_long_after_its_time_the_next_visit_can_begin(day, now, late):
    assert flow.minutes_late(day, now=at(now)) == late


def test_every_step_is_allowed_by_the_table():
    """S1: the board offers nothing that the table refuses."""
    from clinic.scheduling import rules

    for status, step in flow.NEXT_STEP.items():
        assert step in rules.TRANSITIONS[status]

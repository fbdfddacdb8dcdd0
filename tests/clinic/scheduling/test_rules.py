"""Rules of appointments (S1-S4, P1, P4, H1, H5), with daylight-saving cases where time counts."""

import datetime as dt
import itertools
from zoneinfo import ZoneInfo

import pytest

from clinic.scheduling import rules
from clinic.scheduling.choices import EXIT_STATUSES
from clinic.scheduling.choices import AppointmentStatus as S

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
BERLIN = ZoneInfo("Europe/Berlin")
DAY = 24 * 60


def test_the_table_knows_every_status():
    assert set(rules.TRANSITIONS) == set(S)
    assert all(set(targets) <= set(S) for targets in rules.TRANSITIONS.values())


def test_every_move_outside_the_table_is_refused():
    for before, after in itertools.product(S, S):
        if after in rules.TRANSITIONS[before]:
            rules.check_transition(from_status=before, to_status=after, by_staff=True)
        else:
            with pytest.raises(rules.TransitionNotAllowed):
                rules.check_transition(from_status=before, to_status=after, by_staff=True)


def test_a_patient_books_and_cancels_and_nothing_else():
    allowed = {
        (before, after)
        for before in S
        for after in rules.TRANSITIONS[before]
        if (before, after) in rules.PATIENT_TRANSITIONS
    }
    for before in S:
        for after in rules.TRANSITIONS[before]:
            if (before, after) in allowed:
                rules.check_transition(from_status=before, to_status=after, by_staff=False)
            else:
                with pytest.raises(rules.TransitionNotAllowed):
                    rules.check_transition(from_status=before, to_status=after, by_staff=False)
    assert {after for _, after in allowed} == {S.BOOKED, S.PENDING, S.CANCELLED}


def test_exits_have_no_way_out():
    """S4: a visit that was left is not resurrected by another status; undo is a row of its own."""
    assert all(not rules.TRANSITIONS[status] for status in EXIT_STATUSES)


@pytest.mark.parametrize(("minutes", "past"), [(DAY - 1, False), (DAY, False), (DAY + 1, True)])
def test_the_cutoff_is_an_instant(minutes, past):
    starts_at = NOW + dt.timedelta(minutes=2 * DAY)
    now = starts_at - dt.timedelta(minutes=2 * DAY - minutes)

    assert rules.is_past_cutoff(starts_at=starts_at, cutoff_minutes=DAY, now=now) is past


def test_a_day_before_is_24_hours_before_also_when_clocks_change():
    """D24: 29 March 2026, 09:00 in Berlin; a day earlier the clock shows 08:00."""
    starts_at = dt.datetime(2026, 3, 29, 9, 0, tzinfo=BERLIN).astimezone(dt.UTC)
    limit = dt.datetime(2026, 3, 28, 8, 0, tzinfo=BERLIN).astimezone(dt.UTC)

    assert not rules.is_past_cutoff(starts_at=starts_at, cutoff_minutes=DAY, now=limit)
    later = limit + dt.timedelta(seconds=1)
    assert rules.is_past_cutoff(starts_at=starts_at, cutoff_minutes=DAY, now=later)


def test_cancelling_late_must_be_said():
    late = {"starts_at": NOW, "cutoff_minutes": DAY, "now": NOW}

    with pytest.raises(rules.TooLateToCancel):
        rules.check_can_cancel(**late, by_staff=False, late=False)
    rules.check_can_cancel(**late, by_staff=False, late=True)
    rules.check_can_cancel(**late, by_staff=True, late=False)
    early = late | {"now": NOW - dt.timedelta(days=2)}
    rules.check_can_cancel(**early, by_staff=False, late=False)


def test_moving_ends_with_the_cutoff_and_the_limit():
    visit = {
        "status": S.BOOKED,
        "starts_at": NOW + dt.timedelta(days=2),
        "cutoff_minutes": DAY,
        "moves": 0,
        "max_moves": 1,
        "now": NOW,
        "by_staff": False,
    }
    rules.check_can_move(**visit)
    with pytest.raises(rules.TooLateToMove):
        rules.check_can_move(**visit | {"now": NOW + dt.timedelta(days=1, seconds=1)})
    with pytest.raises(rules.TooManyMoves):
        rules.check_can_move(**visit | {"moves": 1})
    rules.check_can_move(**visit | {"moves": 9, "by_staff": True})
    with pytest.raises(rules.TransitionNotAllowed):
        rules.check_can_move(**visit | {"status": S.ARRIVED, "by_staff": True})


def test_a_hold_lasts_five_minutes_in_the_night_clocks_change():
    before_the_gap = dt.datetime(2026, 3, 29, 0, 58, tzinfo=dt.UTC)

    assert rules.hold_released_at(now=before_the_gap) - before_the_gap == dt.timedelta(minutes=5)


@pytest.mark.parametrize(
    ("starts_in", "blocks_for"),
    [
        (dt.timedelta(days=7), dt.timedelta(hours=48)),
        (dt.timedelta(hours=3), dt.timedelta(hours=3)),
    ],
)
def test_a_request_blocks_at_most_until_its_visit(starts_in, blocks_for):
    released = rules.request_released_at(starts_at=NOW + starts_in, now=NOW)

    assert released - NOW == blocks_for


def test_a_request_for_the_past_blocks_nothing():
    assert rules.request_released_at(starts_at=NOW - dt.timedelta(hours=1), now=NOW) == NOW


def test_only_exits_free_time():
    for before, after in itertools.product(S, S):
        expected = after in EXIT_STATUSES and before not in EXIT_STATUSES
        assert rules.frees_time(from_status=before, to_status=after) is expected


def test_undo_is_for_the_same_day():
    today = dt.date(2026, 3, 2)
    rules.check_can_undo(changed_on=today, today=today)
    with pytest.raises(rules.NothingToUndo):
        rules.check_can_undo(changed_on=today - dt.timedelta(days=1), today=today)

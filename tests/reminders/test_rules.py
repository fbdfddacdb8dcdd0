"""When messages fall due, and what becomes of late and failed ones: rules without a database."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.lib import times
from reminders import rules
from reminders.choices import ReminderKind

WEEK, DAY, TWO_HOURS = 7 * 24 * 60, 24 * 60, 120
STEPS = (WEEK, DAY, TWO_HOURS)
QUIET = rules.QuietHours(dt.time(21), dt.time(8))
BERLIN = "Europe/Berlin"
FIRST, LAST = dt.datetime(2026, 1, 1), dt.datetime(2027, 12, 31)  # noqa: DTZ001
ZONES = (BERLIN, "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Santiago")


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)


def plan(
    starts_at: dt.datetime,
    now: dt.datetime,
    steps: tuple[int, ...] = STEPS,
    quiet: rules.QuietHours = QUIET,
    tz: str = BERLIN,
) -> list[rules.PlannedStep]:
    return rules.plan_reminders(
        starts_at=starts_at, now=now, steps_minutes=steps, quiet=quiet, tz=tz
    )


def test_a_visit_far_off_gets_every_step_earliest_first() -> None:
    planned = plan(utc(2026, 3, 20, 13), utc(2026, 3, 2, 9))

    assert [one.step_minutes for one in planned] == [WEEK, DAY, TWO_HOURS]
    assert [one.due_at for one in planned] == [
        utc(2026, 3, 13, 13),
        utc(2026, 3, 19, 13),
        utc(2026, 3, 20, 11),
    ]


@pytest.mark.parametrize(
    ("hours_before", "steps"),
    [
        (7 * 24 + 12, [WEEK, DAY, TWO_HOURS]),
        (7 * 24 + 11.99, [DAY, TWO_HOURS]),
        (36, [DAY, TWO_HOURS]),
        (35.99, [TWO_HOURS]),
        (14, [TWO_HOURS]),
        (13.99, []),
    ],
)
def test_nothing_within_the_step_and_twelve_hours_of_booking_n1(
    hours_before: float, steps: list[int]
) -> None:
    starts_at = utc(2026, 3, 20, 13)

    planned = plan(starts_at, starts_at - dt.timedelta(hours=hours_before))

    assert [one.step_minutes for one in planned] == steps


def test_a_day_before_is_twenty_four_hours_when_clocks_change_d24() -> None:
    nine_in_summer_time = times.to_instant(dt.date(2026, 3, 29), dt.time(9), BERLIN)

    [one] = plan(nine_in_summer_time, utc(2026, 3, 1), steps=(DAY,))

    local = times.to_local(one.due_at, BERLIN)
    assert (local.date(), local.time()) == (dt.date(2026, 3, 28), dt.time(8))


def test_what_falls_into_quiet_hours_comes_the_evening_before_n4() -> None:
    nine = times.to_instant(dt.date(2026, 3, 20), dt.time(9), BERLIN)

    [one] = plan(nine, utc(2026, 3, 1), steps=(TWO_HOURS,))

    local = times.to_local(one.due_at, BERLIN)
    assert (local.date(), local.time()) == (dt.date(2026, 3, 19), dt.time(20, 30))


@pytest.mark.parametrize(
    ("date", "utc_hours"),
    [
        (dt.date(2026, 3, 29), (19, 30)),  # the evening before, still winter time
        (dt.date(2026, 10, 25), (18, 30)),  # the evening before, still summer time
    ],
)
def test_quiet_evening_is_wall_time_across_the_change_of_clocks_n4(
    date: dt.date, utc_hours: tuple[int, int]
) -> None:
    nine = times.to_instant(date, dt.time(9), BERLIN)

    [one] = plan(nine, utc(2026, 1, 5), steps=(TWO_HOURS,))

    assert (one.due_at.hour, one.due_at.minute) == utc_hours
    assert one.due_at.date() == date - dt.timedelta(days=1)


def test_quiet_hours_within_one_day_end_on_that_day() -> None:
    siesta = rules.QuietHours(dt.time(13), dt.time(15))
    noonish = times.to_instant(dt.date(2026, 3, 20), dt.time(14), BERLIN)

    span = rules.quiet_span(instant=noonish, quiet=siesta, tz=BERLIN)

    assert span == (
        times.to_instant(dt.date(2026, 3, 20), dt.time(13), BERLIN),
        times.to_instant(dt.date(2026, 3, 20), dt.time(15), BERLIN),
    )


def test_equal_ends_mean_no_quiet_hours() -> None:
    midnight = times.to_instant(dt.date(2026, 3, 20), dt.time(0), BERLIN)

    assert rules.quiet_span(instant=midnight, quiet=rules.NEVER_QUIET, tz=BERLIN) is None


def test_a_late_reminder_is_of_use_until_an_hour_before_n3() -> None:
    starts_at = utc(2026, 3, 20, 13)

    until = rules.useful_until(starts_at=starts_at, due_at=starts_at - dt.timedelta(hours=2))

    assert until == utc(2026, 3, 20, 12)


def test_a_step_within_the_last_hour_still_has_time_to_arrive() -> None:
    starts_at = utc(2026, 3, 20, 13)

    until = rules.useful_until(starts_at=starts_at, due_at=starts_at - dt.timedelta(minutes=30))

    assert until == utc(2026, 3, 20, 12, 40)


def test_no_answer_is_planned_for_a_visit_that_has_begun() -> None:
    starts_at = utc(2026, 3, 20, 13)

    for kind in (ReminderKind.CANCELLATION, ReminderKind.CHANGE, ReminderKind.CONFIRMATION):
        assert rules.plan_answer(kind=kind, starts_at=starts_at, now=starts_at) == []


def test_attempts_are_spaced_out_and_come_to_an_end() -> None:
    waits = [rules.retry_after(attempts=attempts) for attempts in range(1, 7)]

    assert waits == [
        dt.timedelta(seconds=30),
        dt.timedelta(minutes=2),
        dt.timedelta(minutes=8),
        dt.timedelta(minutes=32),
        dt.timedelta(hours=2),
        dt.timedelta(hours=2),
    ]
    far = utc(2030, 1, 1)
    assert rules.next_attempt(attempts=5, now=utc(2026, 1, 1), until=far) is not None
    assert rules.next_attempt(attempts=6, now=utc(2026, 1, 1), until=far) is None


def test_no_attempt_is_planned_past_the_use_of_the_message_n3() -> None:
    now = utc(2026, 3, 20, 11, 59, 45)

    assert rules.next_attempt(attempts=1, now=now, until=utc(2026, 3, 20, 12)) is None


def test_a_nearer_step_due_as_well_supersedes_the_farther_one() -> None:
    assert rules.is_superseded(step_minutes=WEEK, steps_due=[WEEK, DAY])
    assert not rules.is_superseded(step_minutes=DAY, steps_due=[WEEK, DAY])
    assert not rules.is_superseded(step_minutes=None, steps_due=[DAY])


@given(
    starts_at=st.datetimes(FIRST, LAST, timezones=st.just(dt.UTC)),
    ahead=st.timedeltas(dt.timedelta(0), dt.timedelta(days=60)),
    steps=st.lists(st.integers(1, 60 * 24 * 60), max_size=6).map(tuple),
    quiet=st.builds(rules.QuietHours, st.times(), st.times()),
    tz=st.sampled_from(ZONES),
)
def test_whatever_is_planned_is_due_after_booking_and_before_the_visit(
    starts_at: dt.datetime,
    ahead: dt.timedelta,
    steps: tuple[int, ...],
    quiet: rules.QuietHours,
    tz: str,
) -> None:
    now = starts_at - ahead

    planned = plan(starts_at, now, steps, quiet, tz)

    for one in planned:
        assert now < one.due_at < one.useful_until <= starts_at
        assert one.due_at <= starts_at - dt.timedelta(minutes=one.step_minutes or 0)
    assert len({one.step_minutes for one in planned}) == len(planned)


@given(
    instant=st.datetimes(FIRST, LAST, timezones=st.just(dt.UTC)),
    quiet=st.sampled_from([QUIET, rules.QuietHours(dt.time(13), dt.time(15))]),
    tz=st.sampled_from(ZONES),
)
def test_a_reminder_put_forward_is_outside_quiet_hours_in_every_zone_n4(
    instant: dt.datetime, quiet: rules.QuietHours, tz: str
) -> None:
    due_at = rules.before_quiet_hours(due_at=instant, quiet=quiet, tz=tz)

    assert due_at <= instant
    assert rules.quiet_span(instant=due_at, quiet=quiet, tz=tz) is None
    if due_at != instant:
        begin, end = rules.quiet_span(instant=instant, quiet=quiet, tz=tz) or (instant, instant)
        assert begin <= instant < end

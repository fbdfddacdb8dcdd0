"""Instants, days and words: T1-T9 and the cases D2, D15-D21, D23, D24 that concern them."""

import datetime as dt
import time
from collections.abc import Iterator
from zoneinfo import available_timezones

import pytest
from django.utils import timezone, translation

from clinic.lib import times

BERLIN = "Europe/Berlin"
HOUR = dt.timedelta(hours=1)


def at(text: str) -> dt.datetime:
    """Return the aware instant written as ISO 8601."""
    return dt.datetime.fromisoformat(text)


def local(date: str, clock: str, tz: str = BERLIN) -> dt.datetime:
    return times.to_instant(dt.date.fromisoformat(date), dt.time.fromisoformat(clock), tz)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en-gb"):
        yield


# --- Wall time to instant --------------------------------------------------------------------


def test_to_instant_takes_the_first_of_an_ambiguous_time() -> None:
    """T3, D6: also when the given time claims to be the second."""
    second = dt.time(2, 30, fold=1)

    assert local("2026-10-25", "02:30") == at("2026-10-25T00:30:00+00:00")
    assert times.to_instant(dt.date(2026, 10, 25), second, BERLIN) == local("2026-10-25", "02:30")


@pytest.mark.parametrize(
    ("date", "clock", "tz", "expected"),
    [
        ("2026-03-29", "02:30", BERLIN, "2026-03-29T03:30:00+02:00"),
        ("2026-09-27", "02:50", "Pacific/Chatham", "2026-09-27T03:50:00+13:45"),
        ("2026-09-06", "00:00", "America/Santiago", "2026-09-06T01:00:00-03:00"),
        ("2026-04-24", "00:30", "Africa/Cairo", "2026-04-24T01:30:00+03:00"),
        ("2026-10-04", "02:15", "Australia/Lord_Howe", "2026-10-04T02:45:00+11:00"),
        ("2011-12-30", "09:00", "Pacific/Apia", "2011-12-31T09:00:00+14:00"),
    ],
)
def test_to_instant_moves_a_missing_time_by_the_gap(
    date: str, clock: str, tz: str, expected: str
) -> None:
    """T3, D3, D15, D16, D17."""
    found = local(date, clock, tz)

    assert times.to_local(found, tz).isoformat() == expected
    assert found.tzinfo is dt.UTC


def test_a_naive_datetime_is_no_instant() -> None:
    naive = dt.datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001 - the mistake under test

    with pytest.raises(ValueError, match="aware"):
        times.to_local(naive, BERLIN)
    with pytest.raises(ValueError, match="aware"):
        times.seconds(naive)


@pytest.mark.parametrize(
    ("tz", "known"),
    [(BERLIN, True), ("UTC", True), ("Berlin", False), ("../etc/passwd", False), ("", False)],
)
def test_zone_exists_knows_only_zone_names(tz: str, known: bool) -> None:
    assert times.zone_exists(tz) is known


def test_zone_exists_refuses_a_folder_of_zones() -> None:
    assert not times.zone_exists("America")


# --- Days ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "tz", "hours"),
    [
        ("2026-03-29", BERLIN, 23),
        ("2026-10-25", BERLIN, 25),
        ("2026-11-23", BERLIN, 24),
        ("2026-10-04", "Australia/Lord_Howe", 23.5),
        ("2026-09-06", "America/Santiago", 23),
        ("2011-12-30", "Pacific/Apia", 0),
    ],
)
def test_day_bounds_span_the_day_as_it_is(date: str, tz: str, hours: float) -> None:
    """T2, D1, D2, D16, D17."""
    start, end = times.day_bounds(dt.date.fromisoformat(date), tz)

    assert end - start == hours * HOUR


def test_d16_day_starts_with_its_first_instant() -> None:
    """Midnight does not exist in Santiago on that day, so the day begins at one."""
    date = dt.date(2026, 9, 6)
    start, end = times.day_bounds(date, "America/Santiago")

    assert times.to_local(start, "America/Santiago").time() == dt.time(1, 0)
    assert times.local_date(start, "America/Santiago") == date
    assert times.local_date(start - dt.timedelta(seconds=1), "America/Santiago") < date
    assert times.local_date(end - dt.timedelta(seconds=1), "America/Santiago") == date


def test_day_bounds_of_consecutive_days_meet_in_every_zone() -> None:
    """T6: half-open days leave no gap and no overlap, whichever days the clocks change on."""
    days = [dt.date(2026, 1, 1) + n * times.ONE_DAY for n in range(366)]

    for tz in sorted(available_timezones())[::7]:
        bounds = [times.day_bounds(day, tz) for day in days]
        assert all(a[1] == b[0] for a, b in zip(bounds, bounds[1:], strict=False)), tz
        assert all(times.local_date(b[0], tz) == day for b, day in zip(bounds, days, strict=True))


def test_today_is_the_day_of_the_site() -> None:
    """T7."""
    now = at("2026-11-23T23:30:00+00:00")

    assert times.today(BERLIN, now) == dt.date(2026, 11, 24)
    assert times.today("America/New_York", now) == dt.date(2026, 11, 23)


def test_d19_day_of_a_patient_touches_two_days_of_the_clinic() -> None:
    tomorrow = dt.date(2026, 11, 25)
    start, end = times.day_bounds(tomorrow, "Pacific/Honolulu")

    assert (start, end) == (at("2026-11-25T10:00:00+00:00"), at("2026-11-26T10:00:00+00:00"))
    assert times.dates_touched(start, end, BERLIN) == [tomorrow, dt.date(2026, 11, 26)]


def test_dates_touched_leaves_out_the_day_an_interval_ends_on() -> None:
    """T6: [start, end) does not touch the day that begins at its end."""
    start, end = times.day_bounds(dt.date(2026, 11, 25), BERLIN)

    assert times.dates_touched(start, end, BERLIN) == [dt.date(2026, 11, 25)]


def test_weekdays_are_numbered_from_monday() -> None:
    """T9."""
    monday = dt.date(2026, 11, 23)
    week = [monday + n * times.ONE_DAY for n in range(7)]

    assert [times.iso_weekday(day) for day in week] == [1, 2, 3, 4, 5, 6, 7]
    assert [times.weekday_name(n) for n in (1, 7)] == ["Monday", "Sunday"]


def test_seconds_and_instants_are_one_thing() -> None:
    instant = at("2026-10-25T01:30:00+00:00")

    assert times.from_seconds(times.seconds(instant)) == instant
    assert times.date_of_seconds(times.seconds(instant), BERLIN) == dt.date(2026, 10, 25)


# --- Interval arithmetic ----------------------------------------------------------------------


def test_d23_next_day_and_24_hours_later_differ() -> None:
    booked = local("2026-03-28", "09:00")

    same_wall_time = local("2026-03-29", "09:00")

    assert times.to_local(same_wall_time, BERLIN).isoformat() == "2026-03-29T09:00:00+02:00"
    assert times.to_local(booked + 24 * HOUR, BERLIN).isoformat() == "2026-03-29T10:00:00+02:00"


def test_d24_24_hours_before_is_elapsed_time() -> None:
    """Reminders and cut-offs count elapsed hours, not "the day before at the same time"."""
    visit = local("2026-03-29", "09:00")

    assert times.to_local(visit - 24 * HOUR, BERLIN).isoformat() == "2026-03-28T08:00:00+01:00"


# --- Words -----------------------------------------------------------------------------------


def say(starts_at: dt.datetime, minutes: int = 20, **kwargs: object) -> times.VisitTime:
    ends_at = starts_at + dt.timedelta(minutes=minutes)
    return times.format_visit_time(starts_at, ends_at, BERLIN, **kwargs)  # type: ignore[arg-type]


def test_visit_time_says_date_and_clock_in_words() -> None:
    found = say(local("2026-11-16", "09:40"))

    assert found.text == "Monday 16 November, 09:40 to 10:00"
    assert (found.weekday_text, found.date_text) == ("Monday", "Monday 16 November")
    assert found.full_date_text == "Monday 16 November 2026"
    assert found.starts_iso == "2026-11-16T09:40+01:00"
    assert found.zone_text == ""


def test_visit_time_speaks_the_active_language() -> None:
    with translation.override("de"):
        found = say(local("2026-11-16", "09:40"))

    assert found.weekday_text == "Montag"
    assert "16. November" in found.date_text


@pytest.mark.parametrize(
    ("viewer_tz", "named"),
    [
        (None, False),
        ("", False),
        (BERLIN, False),
        ("Europe/Paris", False),  # another name, the same clock
        ("Pacific/Auckland", True),
    ],
)
def test_zone_is_named_only_when_the_viewers_clock_differs(
    viewer_tz: str | None, named: bool
) -> None:
    """T8."""
    found = say(local("2026-11-25", "09:00"), viewer_tz=viewer_tz)

    assert bool(found.zone_text) is named
    assert found.text.endswith(", Berlin time") is named
    assert found.viewer is None


def test_zone_is_named_by_the_clocks_at_that_instant() -> None:
    """T8: London and Lisbon agree, New York changes its clocks three weeks before Berlin."""
    february, march = local("2026-02-16", "09:00"), local("2026-03-16", "09:00")

    assert say(february, viewer_tz="Africa/Lagos").zone_text == ""
    assert say(march, viewer_tz="Africa/Algiers").zone_text == ""
    assert say(local("2026-07-01", "09:00"), viewer_tz="Africa/Lagos").zone_text == "Berlin time"


@pytest.mark.parametrize(
    ("viewer_tz", "viewer_iso", "viewer_text"),
    [
        (
            "Pacific/Auckland",
            "2026-11-25T21:00+13:00",
            "Wednesday 25 November, 21:00 to 21:20, Auckland time",
        ),
        (
            "Pacific/Honolulu",
            "2026-11-24T22:00-10:00",
            "Tuesday 24 November, 22:00 to 22:20, Honolulu time",
        ),
    ],
)
def test_d18_remote_visit_shows_both_clocks(
    viewer_tz: str, viewer_iso: str, viewer_text: str
) -> None:
    found = say(local("2026-11-25", "09:00"), viewer_tz=viewer_tz, remote=True)

    assert found.text == "Wednesday 25 November, 09:00 to 09:20, Berlin time"
    assert found.zone_name == BERLIN
    assert found.viewer is not None
    assert found.viewer.zone_name == viewer_tz
    assert found.viewer.starts_iso == viewer_iso
    assert found.viewer.text == viewer_text


def test_d18_remote_visit_on_the_same_clock_is_said_once() -> None:
    assert say(local("2026-11-25", "09:00"), viewer_tz="Europe/Paris", remote=True).viewer is None


def test_d02_time_that_occurs_twice_carries_its_offset() -> None:
    first, second = local("2026-10-25", "02:00"), local("2026-10-25", "02:00") + HOUR

    assert say(first).text == ("Sunday 25 October, 02:00 (UTC+2) to 02:20 (UTC+2), Berlin time")
    assert say(second).starts_text == "02:00 (UTC+1)"
    assert say(second).starts_iso != say(first).starts_iso


def test_end_inside_the_fold_carries_its_offset_alone() -> None:
    found = say(local("2026-10-25", "01:50"))

    assert (found.starts_text, found.ends_text) == ("01:50", "02:10 (UTC+2)")


@pytest.mark.parametrize(
    ("date", "tz", "text"),
    [
        ("2026-07-01", "America/St_Johns", "UTC-2:30"),
        ("2026-07-01", "Asia/Kathmandu", "UTC+5:45"),
        ("2026-07-01", "UTC", "UTC+0"),
        ("2026-07-01", "America/New_York", "UTC-4"),
    ],
)
def test_offset_is_said_in_hours_and_minutes(date: str, tz: str, text: str) -> None:
    assert times.format_offset(times.to_local(local(date, "12:00", tz), tz)) == text


def test_zone_label_is_the_place() -> None:
    assert times.zone_label("America/Argentina/Buenos_Aires") == "Buenos Aires time"


# --- Promises --------------------------------------------------------------------------------


def test_d21_moved_zone_rules_are_listed_and_the_instant_kept() -> None:
    """As if the zone's rules had changed after the second visit was booked for 09:00."""
    kept, moved = local("2026-11-25", "09:00"), local("2026-11-25", "10:00")
    rows = [
        ("kept", kept, BERLIN, times.intended_local(kept, BERLIN)),
        ("moved", moved, BERLIN, "2026-11-25T09:00"),
    ]

    found = times.zone_drift(rows)

    assert found == [times.ZoneDrift("moved", "2026-11-25T09:00", "2026-11-25T10:00")]
    assert rows[1][1] == moved


def test_d21_second_of_an_ambiguous_time_is_no_drift() -> None:
    second = local("2026-10-25", "02:30") + HOUR

    assert times.zone_drift([(1, second, BERLIN, times.intended_local(second, BERLIN))]) == []


# --- Nothing around it matters ----------------------------------------------------------------


@pytest.mark.parametrize("process_tz", ["America/New_York", "Pacific/Chatham"])
def test_d20_process_and_django_zone_change_nothing(
    process_tz: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Inv-T5."""

    def everything() -> list[object]:
        start = local("2026-10-25", "02:30")
        times.day_seconds.cache_clear()
        times.date_of_seconds.cache_clear()
        return [
            start,
            times.day_bounds(dt.date(2026, 10, 25), BERLIN),
            times.day_seconds(dt.date(2026, 10, 25), BERLIN),
            times.date_of_seconds(times.seconds(start), BERLIN),
            say(start, viewer_tz="Asia/Kolkata", remote=True),
            times.intended_local(start, BERLIN),
        ]

    before = everything()
    monkeypatch.setenv("TZ", process_tz)
    time.tzset()
    try:
        with timezone.override(process_tz):
            after = everything()
    finally:
        monkeypatch.undo()
        time.tzset()

    assert after == before

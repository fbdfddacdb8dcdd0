"""Inv-A1 to Inv-A9, Inv-T1 to Inv-T5 on random clinics, against a minute-by-minute brute force."""

import datetime as dt
import time
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.lib import times
from clinic.scheduling import availability
from clinic.scheduling.availability import Block, Busy, DateWindow, Rules, Weekly
from tests.clinic.scheduling.brute_force import brute_force
from tests.clinic.scheduling.engine_cases import (
    BRANCH,
    CHECKUP,
    COLLEAGUE,
    DOCTOR,
    ROOM,
    SITE,
    SURGERY,
    without_span,
)

# Days around which the clocks change, and one on which they do not.
PLACES = [
    ("Europe/Berlin", dt.date(2026, 3, 28)),
    ("Europe/Berlin", dt.date(2026, 10, 24)),
    ("America/New_York", dt.date(2026, 10, 31)),
    ("Australia/Lord_Howe", dt.date(2026, 10, 3)),
    ("Australia/Lord_Howe", dt.date(2026, 4, 4)),
    ("America/Santiago", dt.date(2026, 9, 5)),
    ("Asia/Kolkata", dt.date(2026, 7, 1)),
]
BRANCH_ZONE = {SITE: None, BRANCH: "Europe/London"}
DAYS = 3

sites = st.sampled_from([SITE, SITE, BRANCH])
types = st.sampled_from([None, None, CHECKUP, SURGERY])
modalities = st.sampled_from([(), (), ("video",), ("in-person", "phone")])
clocks = st.integers(0, 287).map(lambda n: dt.time(n // 12, n % 12 * 5))


def spread(draw: Any, rows: Any, most: int, least: int = 0) -> list[Any]:
    return draw(st.lists(rows, min_size=least, max_size=most))


@st.composite
def clinics(draw: Any) -> dict[str, Any]:
    """Return a question about one doctor of a random clinic, over three days."""
    tz, day = draw(st.sampled_from(PLACES))
    dates = st.integers(-1, DAYS).map(lambda n: day + dt.timedelta(days=n))
    start = times.day_seconds(day, tz)[0]
    moments = st.integers(-36, DAYS * 288 + 36).map(lambda n: start + n * 300)
    lengths = st.integers(1, 40).map(lambda n: n * 300)
    doctors = st.sampled_from([DOCTOR] * 5 + [COLLEAGUE])

    @st.composite
    def windows(draw: Any) -> dict[str, Any]:
        site_id = draw(sites)
        return {
            "practitioner_id": draw(doctors),
            "site_id": site_id,
            "room_id": draw(st.sampled_from([None, None, ROOM])),
            "time_zone": BRANCH_ZONE[site_id] or tz,
            "starts": draw(clocks),
            "ends": draw(clocks),
            "visit_type_id": draw(types),
            "modalities": draw(modalities),
        }

    @st.composite
    def weekly(draw: Any) -> Weekly:
        valid_from = draw(st.sampled_from([dt.date(2000, 1, 1)]) | dates)
        valid_to = draw(st.none() | dates)
        weekday = draw(dates.map(dt.date.isoweekday))
        return Weekly(**draw(windows()), weekday=weekday, valid_from=valid_from, valid_to=valid_to)

    @st.composite
    def dated(draw: Any) -> DateWindow:
        fields = draw(windows()) | {"date": draw(dates)}
        kind = draw(st.sampled_from(["extra", "extra", "replace", "closed"]))
        if kind == "closed":
            site_id = draw(st.sampled_from([None, SITE, BRANCH]))
            fields |= {"starts": None, "ends": None, "site_id": site_id}
        return DateWindow(**fields, kind="replace" if kind == "closed" else kind)

    @st.composite
    def blocks(draw: Any) -> Block:
        starts_at = draw(moments)
        return Block(
            starts_at=starts_at,
            ends_at=starts_at + draw(lengths) * 6,
            kind=draw(st.sampled_from(["absence", "closure"])),
            practitioner_id=draw(st.sampled_from([None, DOCTOR, COLLEAGUE])),
            site_id=draw(st.sampled_from([None, SITE, BRANCH])),
            visit_type_id=draw(types),
        )

    @st.composite
    def claims(draw: Any) -> Busy:
        starts_at = draw(moments)
        return Busy(
            draw(doctors),
            starts_at,
            starts_at + draw(lengths),
            draw(st.sampled_from([0, 0, 300, 900])),
            draw(st.sampled_from([0, 0, 300, 900])),
            draw(st.booleans()),
        )

    return {
        "rules": Rules(
            weekly=spread(draw, weekly(), 7, 2),
            windows=spread(draw, dated(), 3),
            blocks=spread(draw, blocks(), 3),
        ),
        "busy": spread(draw, claims(), 8),
        "resource_busy": {ROOM: spread(draw, claims(), 2)},
        "parameters": availability.resolve_parameters(
            {
                "duration_minutes": draw(st.sampled_from([5, 20, 30, 45, 90])),
                "grid_minutes": draw(st.sampled_from([None, 5, 15, 25])),
                "buffer_before_minutes": draw(st.sampled_from([0, 5, 10])),
                "buffer_after_minutes": draw(st.sampled_from([0, 5, 10])),
                "lead_minutes": draw(st.sampled_from([0, 60, 600])),
                "horizon_days": draw(st.integers(0, 4)),
                "online": draw(st.sampled_from([True, True, True, False])),
            }
        ),
        "practitioner_id": DOCTOR,
        "visit_type_id": draw(st.sampled_from([CHECKUP, SURGERY, None])),
        "modality": draw(st.sampled_from([None, None, "video", "phone"])),
        "site_id": draw(st.sampled_from([None, None, None, SITE])),
        "start": start,
        "end": start + DAYS * 86400,
        "now": draw(moments),
        "for_patient": draw(st.booleans()),
        "buffers_may_overlap": draw(st.booleans()),
        "buffers_in_closed_time": draw(st.booleans()),
    }


def thorough(examples: int) -> Any:
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def free_of(asked: dict[str, Any]) -> set[int]:
    return {s.starts_at for s in availability.starts(**asked) if s.refusal is None}


def with_rules(asked: dict[str, Any], **rows: Any) -> dict[str, Any]:
    return asked | {"rules": replace(asked["rules"], **rows)}


def by_the_minute(asked: dict[str, Any]) -> dict[str, Any]:
    """Return the question whose free starts are the free minutes themselves."""
    lengths = {"duration_minutes": 1, "grid_minutes": 1}
    buffers = {"buffer_before_minutes": 0, "buffer_after_minutes": 0}
    rows = [row._replace(buffer_before=0, buffer_after=0) for row in asked["busy"]]
    return asked | {
        "parameters": replace(asked["parameters"], **lengths, **buffers),
        "busy": rows,
        "resource_busy": {},
        "for_patient": False,
    }


@thorough(200)
@given(clinics())
def test_inv_a3_starts_equal_the_brute_force(asked: dict[str, Any]) -> None:
    """Every offered start is right, every right start is offered, every refusal has its reason."""
    found = {s.starts_at: (s.refusal, s.site_id) for s in availability.starts(**asked)}

    assert found == brute_force(asked)


@thorough(40)
@given(clinics())
def test_inv_a1_free_busy_and_blocked_part_the_covered_time(asked: dict[str, Any]) -> None:
    minute = by_the_minute(asked)
    bare = with_rules(minute, blocks=[]) | {"busy": []}

    verdicts = {s.starts_at: s.refusal for s in availability.starts(**minute)}
    covered = free_of(bare)

    mine = [row for row in minute["busy"] if row.practitioner_id == DOCTOR]
    claimed = {m for m in covered for row in mine if row.starts_at <= m < row.ends_at}
    assert set(verdicts) == covered
    assert {m for m, why in verdicts.items() if why in ("taken", "hold")} <= claimed
    assert free_of(minute) <= covered - claimed
    refused = {m for m, why in verdicts.items() if why in ("absence", "closure")}
    assert free_of(minute) == covered - claimed - refused


@thorough(60)
@given(clinics())
def test_inv_a2_first_free_is_the_first_of_all(asked: dict[str, Any]) -> None:
    free = [s for s in availability.starts(**asked) if s.refusal is None]

    assert availability.first_free(**asked) == (free[0] if free else None)


@thorough(40)
@given(clinics(), st.randoms(use_true_random=False), st.integers(1, DAYS * 288 - 1))
def test_inv_a4_order_splits_and_windows_do_not_matter(
    asked: dict[str, Any], random: Any, cut: int
) -> None:
    expected = availability.starts(**asked)
    rules = asked["rules"]
    shuffled = [
        random.sample(rows, len(rows)) for rows in (rules.weekly, rules.windows, rules.blocks)
    ]
    halves = [
        half
        for row in asked["busy"]
        for middle in [row.starts_at + (row.ends_at - row.starts_at) // 600 * 300]
        for half in (
            row._replace(ends_at=middle, buffer_after=0),
            row._replace(starts_at=middle, buffer_before=0),
        )
        if half.starts_at < half.ends_at
    ]
    random.shuffle(halves)
    middle = asked["start"] + cut * 300

    assert availability.starts(**(asked | {"rules": Rules(*shuffled)})) == expected
    assert free_of(asked | {"busy": halves}) == {s.starts_at for s in expected if not s.refusal}
    parts = asked | {"end": middle}, asked | {"start": middle}
    assert [s for part in parts for s in availability.starts(**part)] == expected


@thorough(40)
@given(clinics(), st.integers(0, DAYS * 288), st.integers(1, 30))
def test_inv_a5_a6_booking_removes_its_time_and_cancelling_restores_it(
    asked: dict[str, Any], offset: int, length: int
) -> None:
    minute = by_the_minute(asked)
    before = free_of(minute)
    start = minute["start"] + offset * 300
    booked = Busy(DOCTOR, start, start + length * 300, tentative=bool(length % 2))

    after = free_of(minute | {"busy": [*minute["busy"], booked]})

    assert after == before - set(range(booked.starts_at, booked.ends_at, 60))
    assert free_of(minute | {"busy": [*minute["busy"]]}) == before


@thorough(30)
@given(clinics())
def test_inv_a7_same_rows_saved_again_change_nothing(asked: dict[str, Any]) -> None:
    rules = asked["rules"]
    saved = Rules(
        weekly=[replace(row) for row in rules.weekly],
        windows=[replace(row) for row in rules.windows],
        blocks=[replace(row) for row in rules.blocks],
    )
    confirmed = [row._replace(patient_id=CHECKUP) for row in asked["busy"]]

    again = availability.starts(**(asked | {"rules": saved, "busy": confirmed}))

    assert repr(again) == repr(availability.starts(**asked))


@thorough(40)
@given(clinics(), clinics())
def test_inv_a8_openings_add_and_claims_remove(
    asked: dict[str, Any], other: dict[str, Any]
) -> None:
    free, rules, more = free_of(asked), asked["rules"], other["rules"]
    opened = [row for row in more.windows if row.kind == "extra"]
    place = {"buffers_in_closed_time": True}

    wider = with_rules(
        asked, weekly=[*rules.weekly, *more.weekly], windows=[*rules.windows, *opened]
    )
    assert free_of(wider) >= free
    assert free_of(with_rules(asked, blocks=[*rules.blocks, *more.blocks])) <= free
    assert free_of(asked | {"busy": [*asked["busy"], *other["busy"]]}) <= free
    longer = replace(asked["parameters"], duration_minutes=95, grid_minutes=15)
    shorter = replace(longer, duration_minutes=30)
    assert free_of(asked | place | {"parameters": longer}) <= free_of(
        asked | place | {"parameters": shorter}
    )


@thorough(60)
@given(clinics())
def test_inv_a9_many_days_and_doctors_equal_one_by_one(asked: dict[str, Any]) -> None:
    """A span equals its days, grouped rows equal filtered ones, counts equal starts."""
    grouped: dict[Any, list[Busy]] = {}
    for row in asked["busy"]:
        grouped.setdefault(row.practitioner_id, []).append(row)
    days = [
        asked | {"start": day, "end": day + 86400}
        for day in range(asked["start"], asked["end"], 86400)
    ]

    whole = availability.starts(**asked)

    assert availability.starts(**(asked | {"busy": grouped})) == whole
    assert [s for day in days for s in availability.starts(**day)] == whole
    tz = asked["rules"].weekly[0].time_zone if asked["rules"].weekly else "UTC"
    one_zone = with_rules(
        asked,
        weekly=[replace(row, time_zone=tz) for row in asked["rules"].weekly],
        windows=[replace(row, time_zone=tz) for row in asked["rules"].windows],
    )
    counted: Counter[dt.date] = Counter()
    for start in availability.starts(**one_zone):
        counted[times.date_of_seconds(start.starts_at, tz)] += start.refusal is None
    assert availability.day_counts(**one_zone) == dict(counted)


@thorough(60)
@given(clinics(), st.integers(0, DAYS * 1440))
def test_offered_is_accepted_by_the_commit_path(asked: dict[str, Any], minute: int) -> None:
    """Property 4: the pre-check says of any instant what the list says."""
    listed = {s.starts_at: s for s in availability.starts(**asked)}
    posted = asked["start"] + minute * 60

    checked = availability.check_start(starts_at=posted, **without_span(asked))

    assert checked == listed.get(posted, checked)
    assert (checked.refusal == "closed") is (posted not in listed) or posted >= asked["end"]
    for start in list(listed.values())[:10]:
        again = availability.check_start(starts_at=start.starts_at, **without_span(asked))
        assert again == start


# --- Time ------------------------------------------------------------------------------------

zones = st.sampled_from([tz for tz, _ in PLACES] + ["Pacific/Chatham", "Asia/Kathmandu"])
days = st.dates(dt.date(2020, 1, 1), dt.date(2035, 12, 31))


@thorough(200)
@given(zones, st.integers(1_577_836_800, 2_082_758_400))
def test_inv_t1_instants_survive_the_local_round_trip(tz: str, moment: int) -> None:
    instant = times.from_seconds(moment)
    local = times.to_local(instant, tz)

    assert local.astimezone(dt.UTC) == instant
    once_more = times.to_instant(local.date(), local.time(), tz)
    assert once_more == instant or (times.is_ambiguous(local) and local.fold)


@thorough(60)
@given(clinics(), clocks, clocks)
def test_inv_t2_starts_of_an_occurrence_are_a_step_apart(
    asked: dict[str, Any], starts: dt.time, ends: dt.time
) -> None:
    tz = times.date_of_seconds(asked["start"], "UTC") and "Australia/Lord_Howe"
    window = DateWindow(
        practitioner_id=DOCTOR,
        site_id=SITE,
        time_zone=tz,
        date=times.date_of_seconds(asked["start"], tz) + times.ONE_DAY,
        kind="extra",
        starts=starts,
        ends=ends,
    )
    single = asked | {"rules": Rules(windows=[window]), "site_id": None}

    found = [s.starts_at for s in availability.starts(**single)]

    step = asked["parameters"].step_minutes * 60
    assert all(later - earlier == step for earlier, later in zip(found, found[1:], strict=False))


@thorough(200)
@given(zones, days, clocks, clocks)
def test_inv_t3_occurrence_is_its_wall_length_within_an_hour(
    tz: str, date: dt.date, starts: dt.time, ends: dt.time
) -> None:
    found = times.window_seconds(date, starts, ends, tz)
    end_date = date if ends > starts else date + times.ONE_DAY
    wall = dt.datetime.combine(end_date, ends) - dt.datetime.combine(date, starts)
    length = 0 if found is None else found[1] - found[0]

    assert abs(length - wall.total_seconds()) <= 3600


@thorough(200)
@given(zones, days, clocks)
def test_inv_t4_weekly_start_keeps_its_wall_time(tz: str, date: dt.date, starts: dt.time) -> None:
    weeks = [date + n * dt.timedelta(weeks=1) for n in range(60)]
    ends = dt.time((starts.hour + 4) % 24, starts.minute)

    for day in weeks:
        span = times.window_seconds(day, starts, ends, tz)
        assert span is not None
        shown = times.to_local(times.from_seconds(span[0]), tz)
        before_gap = times.to_local(shown.astimezone(dt.UTC) - dt.timedelta(hours=1), tz)
        moved = shown.utcoffset() != before_gap.utcoffset()
        assert (shown.date(), shown.time()) == (day, starts) or moved


@pytest.mark.parametrize("process_tz", ["America/New_York", "Australia/Lord_Howe"])
def test_inv_t5_process_and_django_zone_do_not_matter(
    process_tz: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D20."""
    asked: list[dict[str, Any]] = []

    @thorough(15)
    @given(clinics())
    def collect(one: dict[str, Any]) -> None:
        asked.append(one)

    collect()
    before = [repr(availability.starts(**one)) for one in asked]
    for cached in (times.date_of_seconds, times.day_seconds, times.window_seconds):
        cached.cache_clear()
    monkeypatch.setenv("TZ", process_tz)
    time.tzset()
    try:
        with timezone.override(process_tz):
            after = [repr(availability.starts(**one)) for one in asked]
    finally:
        monkeypatch.undo()
        time.tzset()

    assert after == before

"""What the engine offers, refuses and why: A1-A6, A12, T4-T6."""

import datetime as dt
from typing import Any
from uuid import UUID

import pytest

from clinic.scheduling import availability
from clinic.scheduling.availability import Busy, Refusal, Rules
from tests.clinic.scheduling.engine_cases import (
    BERLIN,
    BRANCH,
    CHECKUP,
    COLLEAGUE,
    DOCTOR,
    ROOM,
    SITE,
    SURGERY,
    VISIT,
    block,
    busy,
    dated,
    free,
    minutes,
    moment,
    question,
    refused,
    weekly,
    without_span,
)

MONDAY = "2026-11-23"
MORNING = weekly(MONDAY, "09:00", "11:00")


# --- Parameters (A4) -------------------------------------------------------------------------


def test_parameters_inherit_field_by_field() -> None:
    site = {"lead_minutes": 120, "duration_minutes": 30}
    visit_type = {"duration_minutes": 45, "lead_minutes": None, "name": "ignored"}
    doctor = {"online": False, "buffer_after_minutes": 0}

    found = availability.resolve_parameters(site, visit_type, doctor)

    assert (found.duration_minutes, found.lead_minutes, found.online) == (45, 120, False)
    assert found.horizon_days == availability.SYSTEM_PARAMETERS.horizon_days


def test_no_layers_give_the_parameters_of_the_system() -> None:
    assert availability.resolve_parameters() == availability.SYSTEM_PARAMETERS


def test_grid_steps_by_the_duration_unless_told() -> None:
    assert minutes(25).step_minutes == 25
    assert minutes(25, grid_minutes=10).step_minutes == 10


@pytest.mark.parametrize(
    "wrong", [{"duration_minutes": 0}, {"grid_minutes": 0}, {"buffer_before_minutes": -5}]
)
def test_impossible_lengths_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="minute|buffer"):
        availability.resolve_parameters(wrong)


# --- Windows (A1, A5, T5, T6) ----------------------------------------------------------------


def test_start_carries_end_place_and_room() -> None:
    asked = question(rules=[weekly(MONDAY, "09:00", "09:30", room_id=ROOM)], date=MONDAY)
    start_at = moment(MONDAY, "09:00")

    assert availability.starts(**asked) == [
        (start_at, start_at + 30 * 60, DOCTOR, SITE, ROOM, None, "")
    ]


def test_no_rules_offer_nothing() -> None:
    asked = question(date=MONDAY)

    assert availability.starts(**asked) == []
    assert availability.first_free(**asked) is None


def test_several_windows_a_day_keep_their_own_grids() -> None:
    """T5: the grid is anchored at each window's own start."""
    asked = question(rules=[MORNING, weekly(MONDAY, "14:10", "15:10")], date=MONDAY)

    assert free(asked) == ["09:00", "09:30", "10:00", "10:30", "14:10", "14:40"]


def test_visit_that_does_not_fit_the_window_is_no_start() -> None:
    asked = question(rules=[MORNING], date=MONDAY, parameters=minutes(50))

    assert free(asked) == ["09:00", "09:50"]


def test_visit_may_cross_windows_that_touch() -> None:
    """A5: the visit lies inside one merged window; either part keeps its grid."""
    rules = [MORNING, weekly(MONDAY, "11:00", "12:00")]

    asked = question(rules=rules, date=MONDAY, parameters=minutes(50))

    assert free(asked) == ["09:00", "09:50", "10:40", "11:00"]


@pytest.mark.parametrize("elsewhere", [{"site_id": BRANCH}, {"room_id": ROOM}])
def test_visit_may_not_cross_into_another_place(elsewhere: dict[str, UUID]) -> None:
    rules = [MORNING, weekly(MONDAY, "11:00", "12:00", **elsewhere)]

    asked = question(rules=rules, date=MONDAY, parameters=minutes(50))

    assert free(asked) == ["09:00", "09:50", "11:00"]


def test_visit_over_midnight_needs_the_window_of_the_next_day() -> None:
    rules = [weekly(MONDAY, "23:00", "00:00"), weekly("2026-11-24", "00:00", "01:00")]

    asked = question(rules=rules, date=MONDAY, parameters=minutes(50))

    assert free(asked) == ["23:00", "23:50"]


def test_windows_that_end_apart_stay_apart() -> None:
    rules = [MORNING, weekly(MONDAY, "11:10", "12:00"), weekly(MONDAY, "10:30", "11:00")]

    assert free(question(rules=rules, date=MONDAY, parameters=minutes(50))) == [
        "09:00",
        "09:50",
        "11:10",
    ]


def test_overlapping_windows_offer_an_instant_once() -> None:
    rules = [MORNING, weekly(MONDAY, "10:00", "11:30")]

    asked = question(rules=rules, date=MONDAY)

    assert free(asked) == ["09:00", "09:30", "10:00", "10:30", "11:00"]
    assert availability.day_counts(**asked) == {dt.date(2026, 11, 23): 5}


def test_shared_instant_is_the_free_one() -> None:
    """Two sites list the same time; one of them is closed."""
    rules = [
        MORNING,
        weekly(MONDAY, "09:00", "11:00", site_id=BRANCH),
        block(MONDAY, "09:00", "10:00", "closure", site_id=SITE),
    ]

    found = availability.starts(**question(rules=rules, date=MONDAY))

    assert [start.site_id for start in found] == [BRANCH, BRANCH, SITE, SITE]
    assert all(start.refusal is None for start in found)


def test_validity_includes_both_dates() -> None:
    first, last = dt.date(2026, 11, 23), dt.date(2026, 11, 30)
    rule = weekly(MONDAY, "09:00", "09:30", valid_from=first, valid_to=last)

    asked = question(rules=[rule], date="2026-11-16", days=28)

    assert free(asked, pattern="%d") == ["23", "30"]


def test_window_for_one_visit_type_serves_only_that_type() -> None:
    rules = [weekly(MONDAY, "09:00", "10:00", visit_type_id=SURGERY)]

    assert free(question(rules=rules, date=MONDAY, visit_type_id=CHECKUP)) == []
    assert free(question(rules=rules, date=MONDAY, visit_type_id=None)) == []
    assert free(question(rules=rules, date=MONDAY, visit_type_id=SURGERY)) == ["09:00", "09:30"]


@pytest.mark.parametrize(
    ("modality", "count"), [(None, 2), ("video", 2), ("phone", 2), ("in-person", 0)]
)
def test_window_for_some_modalities_serves_only_those(modality: str | None, count: int) -> None:
    rules = [weekly(MONDAY, "09:00", "10:00", modalities=("video", "phone"))]

    assert len(free(question(rules=rules, date=MONDAY, modality=modality))) == count


def test_question_for_one_site_leaves_out_the_others() -> None:
    rules = [MORNING, weekly(MONDAY, "14:00", "15:00", site_id=BRANCH)]

    assert free(question(rules=rules, date=MONDAY, site_id=BRANCH)) == ["14:00", "14:30"]


def test_rules_of_a_colleague_change_nothing() -> None:
    rules = [
        MORNING,
        weekly(MONDAY, "14:00", "15:00", practitioner_id=COLLEAGUE),
        dated(MONDAY, "replace", practitioner_id=COLLEAGUE),
        block(MONDAY, "09:00", "10:00", practitioner_id=COLLEAGUE),
    ]
    claimed = [busy(MONDAY, "09:00", "09:30", practitioner_id=COLLEAGUE)]

    asked = question(rules=rules, date=MONDAY, busy=claimed)

    assert free(asked) == ["09:00", "09:30", "10:00", "10:30"]


# --- Dates that differ (A1) --------------------------------------------------------------------


def test_replacement_takes_the_place_of_the_day() -> None:
    rules = [
        MORNING,
        dated(MONDAY, "replace", "14:00", "15:00"),
        dated(MONDAY, "replace", "16:00", "16:30"),
    ]

    assert free(question(rules=rules, date=MONDAY)) == ["14:00", "14:30", "16:00"]


def test_replacement_elsewhere_takes_the_whole_day() -> None:
    rules = [MORNING, dated(MONDAY, "replace", "14:00", "15:00", site_id=BRANCH)]

    assert free(question(rules=rules, date=MONDAY)) == ["14:00", "14:30"]
    assert free(question(rules=rules, date=MONDAY, site_id=SITE)) == []


@pytest.mark.parametrize(("site_id", "left"), [(None, []), (SITE, ["14:00"]), (BRANCH, ["09:00"])])
def test_closed_day_closes_its_site_or_every_site(site_id: UUID | None, left: list[str]) -> None:
    rules = [
        weekly(MONDAY, "09:00", "09:30"),
        weekly(MONDAY, "14:00", "14:30", site_id=BRANCH),
        dated(MONDAY, "replace", site_id=site_id),
    ]

    assert free(question(rules=rules, date=MONDAY)) == left


def test_replacement_leaves_other_days_and_last_night_alone() -> None:
    """T6: the hours after midnight belong to the day before."""
    nightly = weekly("2026-11-22", "23:00", "01:00", valid_to=None, weekday=7)
    rules = [nightly, weekly(MONDAY, "09:00", "10:00"), dated(MONDAY, "replace")]

    assert free(question(rules=rules, date=MONDAY)) == ["00:00", "00:30"]


def test_extra_opening_adds_to_the_day() -> None:
    rules = [MORNING, dated(MONDAY, "extra", "07:00", "08:00")]

    assert free(question(rules=rules, date=MONDAY))[:3] == ["07:00", "07:30", "09:00"]


def test_extra_opening_stands_beside_a_closed_day() -> None:
    rules = [MORNING, dated(MONDAY, "replace"), dated(MONDAY, "extra", "07:00", "07:30")]

    assert free(question(rules=rules, date=MONDAY)) == ["07:00"]


def test_extra_opening_of_another_date_or_type_adds_nothing() -> None:
    rules = [
        dated("2026-12-01", "extra", "07:00", "08:00"),
        dated(MONDAY, "extra", "07:00", "08:00", visit_type_id=SURGERY),
    ]

    assert free(question(rules=rules, date=MONDAY)) == []


# --- Blocks (A2, A11, A12) -------------------------------------------------------------------


def test_absence_refuses_with_its_public_reason() -> None:
    rules = [MORNING, block(MONDAY, "09:30", "10:00", practitioner_id=DOCTOR, reason="Training")]
    asked = question(rules=rules, date=MONDAY)

    assert refused(asked) == {"09:30": Refusal.ABSENCE}
    assert availability.starts(**asked)[1].reason == "Training"


def test_block_refuses_visits_that_would_run_into_it() -> None:
    rules = [MORNING, block(MONDAY, "09:20", "09:40", practitioner_id=DOCTOR)]

    assert list(refused(question(rules=rules, date=MONDAY))) == ["09:00", "09:30"]


def test_typed_block_refuses_only_its_type() -> None:
    rules = [MORNING, block(MONDAY, "09:00", "11:00", visit_type_id=SURGERY)]

    assert len(free(question(rules=rules, date=MONDAY, visit_type_id=CHECKUP))) == 4
    assert len(free(question(rules=rules, date=MONDAY, visit_type_id=None))) == 4
    assert free(question(rules=rules, date=MONDAY, visit_type_id=SURGERY)) == []


def test_closure_refuses_its_site_for_everybody() -> None:
    rules = [
        weekly(MONDAY, "09:00", "09:30"),
        weekly(MONDAY, "14:00", "14:30", site_id=BRANCH),
        block(MONDAY, "00:00", "23:00", "closure", site_id=SITE, reason="Holiday"),
    ]

    asked = question(rules=rules, date=MONDAY)

    assert refused(asked) == {"09:00": Refusal.CLOSURE}
    assert free(asked) == ["14:00"]


def test_closure_is_named_before_absence_and_booking() -> None:
    rules = [
        weekly(MONDAY, "09:00", "09:30"),
        block(MONDAY, "09:00", "10:00", practitioner_id=DOCTOR),
        block(MONDAY, "09:00", "10:00", "closure", site_id=SITE),
    ]

    asked = question(rules=rules, date=MONDAY, busy=[busy(MONDAY, "09:00", "09:30")])

    assert refused(asked) == {"09:00": Refusal.CLOSURE}


# --- Claims and buffers (A5, H4, C7) ---------------------------------------------------------


def test_booking_and_hold_are_told_apart() -> None:
    claimed = [
        busy(MONDAY, "09:00", "09:30"),
        busy(MONDAY, "10:00", "10:30", tentative=True),
    ]

    asked = question(rules=[MORNING], date=MONDAY, busy=claimed)

    assert refused(asked) == {"09:00": Refusal.TAKEN, "10:00": Refusal.HOLD}


def test_back_to_back_visits_do_not_conflict() -> None:
    """T6."""
    asked = question(rules=[MORNING], date=MONDAY, busy=[busy(MONDAY, "09:30", "10:00")])

    assert free(asked) == ["09:00", "10:00", "10:30"]


def test_rows_may_come_grouped_or_as_plain_tuples() -> None:
    row = busy(MONDAY, "09:30", "10:00")
    colleague = row._replace(practitioner_id=COLLEAGUE, starts_at=moment(MONDAY, "09:00"))
    expected = ["09:00", "10:00", "10:30"]

    for claimed in ([row, colleague], [tuple(row)], {DOCTOR: [row], COLLEAGUE: [colleague]}):
        assert free(question(rules=[MORNING], date=MONDAY, busy=claimed)) == expected
    assert len(free(question(rules=[MORNING], date=MONDAY, busy={}))) == 4


def test_own_visit_is_left_out_when_it_moves() -> None:
    mine = busy(MONDAY, "09:30", "10:00", appointment_id=VISIT)

    asked = question(rules=[MORNING], date=MONDAY, busy=[mine], ignore_appointment_id=VISIT)

    assert len(free(asked)) == 4


GRID = {"grid_minutes": 5, "duration_minutes": 20}


def buffered(before: int, after: int, row: Busy, **changes: Any) -> dict[str, str]:
    parameters = minutes(**GRID, buffer_before_minutes=before, buffer_after_minutes=after)  # type: ignore[arg-type]
    return refused(
        question(rules=[MORNING], date=MONDAY, busy=[row], parameters=parameters, **changes)
    )


def test_larger_of_two_buffers_applies() -> None:
    """A visit from 09:40 to 10:00 with 5 before and 10 after; ours are 15 and 0."""
    row = busy(MONDAY, "09:40", "10:00", buffer_before=300, buffer_after=600)

    found = buffered(15, 0, row)

    assert [at for at, why in found.items() if why == Refusal.BUFFER] == [
        "09:20",  # would end at 09:40, inside their five minutes before
        "10:00",
        "10:05",
        "10:10",  # ten minutes after are over, our fifteen before are not
    ]
    assert found["09:25"] == Refusal.TAKEN


def test_buffers_that_may_not_overlap_add_up() -> None:
    row = busy(MONDAY, "09:40", "10:00", buffer_before=300, buffer_after=600)

    found = buffered(15, 5, row, buffers_may_overlap=False)

    assert [at for at, why in found.items() if why == Refusal.BUFFER] == [
        "09:15",
        "09:20",
        "10:00",
        "10:05",
        "10:10",
        "10:15",
        "10:20",
    ]


def test_buffers_may_lie_in_closed_time() -> None:
    assert buffered(30, 30, busy("2026-11-24", "09:00", "09:30")) == {}


def test_buffers_must_lie_in_open_time_if_set_so() -> None:
    rules = [MORNING, block(MONDAY, "10:00", "10:05", practitioner_id=DOCTOR)]
    parameters = minutes(20, grid_minutes=10, buffer_before_minutes=10, buffer_after_minutes=5)
    asked = question(rules=rules, date=MONDAY, parameters=parameters, buffers_in_closed_time=False)

    assert free(asked) == ["09:10", "09:20", "09:30", "10:20", "10:30"]
    assert refused(asked) == {
        "09:00": Refusal.BUFFER,
        "09:40": Refusal.BUFFER,
        "09:50": Refusal.ABSENCE,
        "10:00": Refusal.ABSENCE,
        "10:10": Refusal.BUFFER,
        "10:40": Refusal.BUFFER,
    }
    assert availability.day_counts(**asked) == {dt.date(2026, 11, 23): 5}


def test_room_taken_by_a_colleague_is_a_resource() -> None:
    """C7, A5: free on every needed resource."""
    rules = [weekly(MONDAY, "09:00", "10:00", room_id=ROOM), weekly(MONDAY, "10:00", "10:30")]
    rooms = {ROOM: [busy(MONDAY, "09:30", "10:30", practitioner_id=COLLEAGUE)]}

    asked = question(rules=rules, date=MONDAY, resource_busy=rooms)

    assert refused(asked) == {"09:30": Refusal.RESOURCE}
    assert refused(asked | {"resource_busy": {}}) == {}


# --- Limits of patients (A6, T7, D24) --------------------------------------------------------


def as_patient(now: int, **changes: Any) -> dict[str, Any]:
    return question(
        rules=[weekly(MONDAY, "09:00", "11:00", valid_to=None)],
        date=MONDAY,
        now=now,
        for_patient=True,
        **changes,
    )


def test_lead_time_counts_elapsed_minutes_and_binds_patients() -> None:
    asked = as_patient(moment(MONDAY, "08:30"), parameters=minutes(lead_minutes=60))

    assert refused(asked) == {"09:00": Refusal.LEAD_TIME}
    assert refused(asked | {"for_patient": False}) == {}


def test_d24_lead_of_24_hours_is_elapsed_time() -> None:
    rule = weekly("2026-03-29", "08:00", "12:00")
    asked = question(
        rules=[rule],
        date="2026-03-29",
        now=moment("2026-03-28", "08:00"),
        for_patient=True,
        parameters=minutes(60, lead_minutes=24 * 60),
    )

    assert refused(asked) == {"08:00": Refusal.LEAD_TIME}


def test_horizon_counts_days_of_the_site() -> None:
    """A6, T7: at 23:30 UTC it is already Tuesday in Berlin."""
    now = moment(MONDAY, "23:30", "UTC")
    asked = as_patient(now, days=15, parameters=minutes(120, horizon_days=6))

    found = {
        start.starts_at: start.refusal
        for start in availability.starts(**(asked | {"end": asked["start"] + 15 * 86400}))
    }

    assert found == {
        moment(MONDAY, "09:00"): Refusal.LEAD_TIME,
        moment("2026-11-30", "09:00"): None,
        moment("2026-12-07", "09:00"): Refusal.HORIZON,
    }


def test_check_start_sees_the_horizon_that_begins_with_the_start() -> None:
    """A6: midnight is the first instant beyond the last bookable day."""
    asked = question(
        rules=[weekly("2026-11-24", "00:00", "02:00")],
        date="2026-11-24",
        now=moment(MONDAY, "09:00"),
        for_patient=True,
        parameters=minutes(lead_minutes=0, horizon_days=0),
    )

    midnight = moment("2026-11-24", "00:00")
    found = availability.check_start(starts_at=midnight, **without_span(asked))

    assert found.refusal == Refusal.HORIZON


def test_visit_type_that_is_not_online_is_refused_to_patients() -> None:
    asked = as_patient(0, parameters=minutes(online=False, horizon_days=36500))
    claimed = asked | {"busy": [busy(MONDAY, "09:00", "09:30")]}

    assert set(refused(asked).values()) == {Refusal.NOT_ONLINE}
    assert refused(claimed)["09:00"] == Refusal.TAKEN
    assert refused(claimed | {"for_patient": False}) == {"09:00": Refusal.TAKEN}


# --- The other three questions (C2, Inv-A2, Inv-A9) ------------------------------------------


def test_check_start_gives_the_start_as_it_is_offered() -> None:
    asked = question(rules=[MORNING], date=MONDAY, busy=[busy(MONDAY, "09:30", "10:00")])
    case = without_span(asked)

    for start in availability.starts(**asked):
        assert availability.check_start(starts_at=start.starts_at, **case) == start


@pytest.mark.parametrize(
    ("date", "at"), [(MONDAY, "09:10"), (MONDAY, "11:00"), ("2026-11-24", "09:00")]
)
def test_check_start_refuses_what_is_no_start_as_closed(date: str, at: str) -> None:
    """C2: a posted time is never trusted, though it lies in open hours."""
    case = without_span(question(rules=[MORNING], date=MONDAY))
    posted = moment(date, at)

    found = availability.check_start(starts_at=posted, **case)

    assert (found.refusal, found.site_id) == (Refusal.CLOSED, None)
    assert found.ends_at == posted + 30 * 60


def test_first_free_passes_over_what_is_refused() -> None:
    claimed = [busy(MONDAY, "09:00", "10:00")]
    asked = question(rules=[MORNING], date=MONDAY, busy=claimed)

    found = availability.first_free(**asked)

    assert found is not None
    assert found.starts_at == moment(MONDAY, "10:00")


def test_first_free_looks_into_every_overlapping_window() -> None:
    rules = [MORNING, weekly(MONDAY, "09:10", "12:10")]
    claimed = [busy(MONDAY, "09:00", "09:10")]

    found = availability.first_free(**question(rules=rules, date=MONDAY, busy=claimed))

    assert found is not None
    assert found.starts_at == moment(MONDAY, "09:10")


def test_first_free_of_a_full_day_is_nothing() -> None:
    asked = question(rules=[MORNING], date=MONDAY, busy=[busy(MONDAY, "09:00", "11:00")])

    assert availability.first_free(**asked) is None


def test_day_counts_tell_full_days_from_closed_ones() -> None:
    rules = [weekly(MONDAY, "22:00", "02:00"), weekly("2026-11-25", "09:00", "10:00")]
    claimed = [busy("2026-11-25", "09:00", "10:00")]

    found = availability.day_counts(**question(rules=rules, date=MONDAY, days=4, busy=claimed))

    assert found == {
        dt.date(2026, 11, 23): 4,
        dt.date(2026, 11, 24): 4,
        dt.date(2026, 11, 25): 0,
    }


def test_span_is_half_open() -> None:
    asked = question(rules=[MORNING], date=MONDAY) | {
        "start": moment(MONDAY, "09:30"),
        "end": moment(MONDAY, "10:30"),
    }

    assert free(asked) == ["09:30", "10:00"]


def test_rules_group_their_rows_by_doctor() -> None:
    rules = Rules(weekly=[MORNING], blocks=[block(MONDAY, "09:00", "10:00", "closure")])

    assert rules.weekly_of(DOCTOR) == [MORNING]
    assert rules.weekly_of(COLLEAGUE) == ()
    assert rules.windows_of(DOCTOR) == ()
    assert len(rules.blocks_of(COLLEAGUE)) == 1


def test_refusals_are_the_codes_of_a12() -> None:
    assert {refusal.value for refusal in Refusal} >= {
        "closed",
        "absence",
        "closure",
        "buffer",
        "lead-time",
        "horizon",
        "quota",
        "capacity",
        "resource",
        "hold",
        "taken",
        "not-online",
    }


def test_times_are_those_of_the_site() -> None:
    asked = question(
        rules=[weekly(MONDAY, "09:00", "10:00", "America/New_York")],
        date=MONDAY,
        tz="America/New_York",
    )

    assert free(asked, BERLIN) == ["15:00", "15:30"]

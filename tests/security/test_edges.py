"""Values that every field accepts by itself and that together would break a row (attack 65)."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from clinic.scheduling.models import Absence, Closure, DateWindow, WorkingHours
from tests.security.world import World


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
@pytest.mark.parametrize(
    "answers",
    [
        {"first_date": "2000-01-01"},
        {"first_date": "2199-12-31"},
        {"first_date": "2026-03-10", "last_date": "2199-12-31"},
        {"first_date": "2000-01-01", "last_date": "2199-12-31"},
        {"first_date": "2026-03-10", "ends": "00:00"},
        {"first_date": "2026-03-10", "starts": "23:59:59.999999"},
        {"first_date": "2026-03-29", "starts": "02:15", "ends": "02:45"},
        {"first_date": "2026-03-29", "starts": "02:00", "ends": "03:00"},
        {"first_date": "2026-10-25", "starts": "02:59", "ends": "03:00"},
    ],
    ids=str,
)
def test_odd_absence_or_closure_is_stored_or_refused(
    world: World, zone: str, answers: dict[str, str]
) -> None:
    type(world.site).objects.update(time_zone=zone)
    before = Absence.objects.count() + Closure.objects.count()
    statuses = []

    for who, path, prefix in (
        ("doctor", reverse("scheduling:absence_add", args=[world.practitioner.pk]), "absence-"),
        ("administrator", reverse("scheduling:closure_list"), ""),
    ):
        posted = {f"{prefix}{name}": value for name, value in answers.items()}
        posted |= {f"{prefix}site": str(world.site.pk), f"{prefix}public_reason": "Leave"}
        posted[f"visit-{world.appointment.pk}"] = "keep"
        statuses.append(world.browser(who).post(path, posted).status_code)

    assert set(statuses) <= {302, 409, 422}
    assert Absence.objects.count() + Closure.objects.count() - before == statuses.count(302)


@pytest.mark.parametrize(
    ("starts", "ends"),
    [("22:00", "02:00"), ("00:00", "00:00"), ("23:59", "00:00"), ("00:00", "23:59"), ("9", "10")],
)
def test_odd_hours_are_stored_or_refused(world: World, starts: str, ends: str) -> None:
    doctor = world.browser("doctor")
    week: dict[str, Any] = {"do": "publish", "valid_from": "2026-03-09"}
    week |= {"starts-1": starts, "ends-1": ends, "site-1": str(world.site.pk)}
    date = {"date-date": "2026-03-10", "date-kind": "replace", "date-site": str(world.site.pk)}
    date |= {"date-starts": starts, "date-ends": ends}

    answers = [
        doctor.post(reverse("scheduling:hours_edit", args=[world.practitioner.pk]), week),
        doctor.post(reverse("scheduling:date_set", args=[world.practitioner.pk]), date),
    ]

    assert {answer.status_code for answer in answers} <= {302, 409, 422}
    for model in (WorkingHours, DateWindow):
        assert all(row.starts is None or row.starts != row.ends for row in model.objects.all())


@pytest.mark.parametrize("valid_from", ["2026-03-02", "2199-12-31", "2000-01-01"])
def test_week_may_begin_on_any_day_that_is_stored(world: World, valid_from: str) -> None:
    path = reverse("scheduling:hours_edit", args=[world.practitioner.pk])
    week = {"do": "publish", "valid_from": valid_from, f"visit-{world.appointment.pk}": "cancel"}

    assert world.browser("doctor").post(path, week).status_code in {302, 422}


@pytest.mark.parametrize("day", ["2000-01-01", "2199-12-31"])
def test_boards_of_the_first_and_last_day_open(world: World, day: str) -> None:
    doctor = world.browser("doctor")

    for name in ("day_board", "week_board"):
        answer = doctor.get(reverse(f"scheduling:{name}", args=[world.practitioner.pk, day]))
        assert answer.status_code == 200

"""The main job, in real browsers: one books, the others watch it go (H1, H4, S1)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from clinic.people.models import Patient, Practitioner
from tests.browser.pages import OpenPage, check_accessible, check_fits
from tests.factories.scheduling import open_practice


@pytest.fixture
def day(practitioner: Practitioner) -> dt.date:
    """A working day far enough ahead for every lead time, on which the doctor is free."""
    open_practice(practitioner)
    date = timezone.localdate() + dt.timedelta(days=7)
    while date.isoweekday() > 5:
        date += dt.timedelta(days=1)
    return date


def open_times(page: Page, practitioner: Practitioner, day: dt.date) -> None:
    page.goto(f"/doctors/{practitioner.pk}/?day={day}")
    expect(page.locator("#live")).to_have_attribute("data-state", "live")


def at(page: Page, time: str) -> str:
    """Return the selector of the slot at a time."""
    return "#" + str(page.locator(".slot", has_text=time).first.get_attribute("id"))


def test_a_hold_is_seen_and_let_go_in_the_other_browser(
    new_page: OpenPage, patient: Patient, practitioner: Practitioner, day: dt.date
) -> None:
    mine, other = new_page(width=390, person=patient), new_page()
    open_times(mine, practitioner, day)
    open_times(other, practitioner, day)
    slot = at(mine, "09:20")

    mine.locator(slot).click()

    expect(mine.locator(slot)).to_have_attribute("data-state", "yours")
    expect(mine.locator("#hold")).to_contain_text("09:20")
    expect(other.locator(slot)).to_have_attribute("data-state", "held")
    check_accessible(mine)
    check_fits(mine)

    mine.get_by_role("button", name="Let it go").click()

    expect(mine.locator(slot)).to_have_attribute("data-state", "free")
    expect(other.locator(slot)).to_have_attribute("data-state", "freed")
    expect(other.locator(slot)).to_contain_text("Just opened")


def test_a_booking_takes_the_time_and_moves_the_board(
    new_page: OpenPage, patient: Patient, practitioner: Practitioner, day: dt.date
) -> None:
    mine, other = new_page(person=patient), new_page(width=390)
    board = new_page(person=practitioner)
    board.goto(f"/board/{practitioner.pk}/{day}/")
    expect(board.locator("#live")).to_have_attribute("data-state", "live")
    open_times(mine, practitioner, day)
    open_times(other, practitioner, day)
    slot = at(mine, "10:00")

    mine.locator(slot).click()
    mine.locator("#hold").get_by_role("link", name="Review and confirm").click()
    mine.get_by_label("What is the visit about?").fill("Knee pain")
    mine.get_by_role("button", name="Book").click()

    expect(mine.get_by_role("heading", level=1)).to_contain_text("booked")
    expect(other.locator(slot)).to_contain_text("Taken")
    expect(board.locator("#board-timeline")).to_contain_text("Amara Fenwick")
    assert "Amara" not in other.content()
    for page in (mine, other, board):
        check_accessible(page)
        check_fits(page)


def test_two_press_the_same_time_and_one_is_told_kindly(
    new_page: OpenPage,
    patient: Patient,
    other_patient: Patient,
    practitioner: Practitioner,
    day: dt.date,
) -> None:
    first, second = new_page(person=patient), new_page(width=390, person=other_patient)
    open_times(first, practitioner, day)
    second.route_web_socket("**/ws/live/**", lambda _socket: None)
    second.goto(f"/doctors/{practitioner.pk}/?day={day}")
    slot = at(first, "11:00")
    first.locator(slot).click()
    expect(first.locator(slot)).to_have_attribute("data-state", "yours")

    second.locator(slot).click()

    expect(second.locator("#sheet")).to_be_visible()
    expect(second.locator("#sheet")).to_contain_text("11:00")
    check_accessible(second)

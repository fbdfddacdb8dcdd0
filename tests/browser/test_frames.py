"""The frames around every page: everyone finds their pages, the account and the way out."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from clinic.people.models import Patient, Practitioner
from tests.browser.pages import OpenPage, check_accessible, check_fits


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_a_patient_finds_home_booking_visits_and_account(
    new_page: OpenPage, patient: Patient, width: int, scheme: str
) -> None:
    page = new_page(width=width, scheme=scheme, person=patient)
    page.goto("/account/")
    links = page.locator("nav[aria-label^=Main]:visible a")

    expect(links).to_have_text(["Home", "Book", "Visits", "Health", "Account"])

    page.locator("[popovertarget=account-menu]:visible").click()
    check_accessible(page)
    check_fits(page)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_doctor_finds_the_day_the_week_and_the_hours(
    new_page: OpenPage, practitioner: Practitioner, width: int
) -> None:
    page = new_page(width=width, person=practitioner)
    page.goto("/")

    links = page.locator("nav[aria-label^=Main]:visible a:not(.brand)")

    expect(links).to_have_text(["Today", "Week", "Hours", "Patients", "Urgent"])
    expect(page.locator("body")).to_have_class("staff")
    check_accessible(page)
    check_fits(page)


def test_signing_out_from_the_menu_ends_at_the_clinics_door(
    new_page: OpenPage, patient: Patient
) -> None:
    page = new_page(person=patient)
    page.goto("/account/")
    page.locator("[popovertarget=account-menu]:visible").click()

    page.locator("#account-menu").get_by_role("button", name="Sign out").click()

    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()


def test_the_skip_link_is_the_first_stop_of_the_keyboard(
    new_page: OpenPage, patient: Patient
) -> None:
    page = new_page(person=patient)
    page.goto("/account/")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("#main")).to_be_focused()


def test_single_keys_are_listed_and_can_be_switched_off(
    new_page: OpenPage, practitioner: Practitioner
) -> None:
    page = new_page(person=practitioner)
    page.goto("/")
    page.locator("#main").focus()

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    check_accessible(page)
    page.get_by_role("switch").uncheck()
    page.get_by_role("button", name="Close").click()
    page.reload()
    page.locator("#main").focus()
    page.keyboard.press("?")

    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    assert page.locator("html").get_attribute("data-keys") == "off"

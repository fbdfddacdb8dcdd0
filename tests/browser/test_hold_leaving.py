"""A held time stays with its reader and is given back when the reader leaves (H1, H3)."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from clinic.people.models import Patient, Practitioner
from tests.browser.pages import OpenPage
from tests.factories.scheduling import open_practice


@pytest.fixture
def monday(practitioner: Practitioner) -> dt.date:
    """A Monday far enough ahead for every lead time, on which the doctor is free."""
    open_practice(practitioner)
    today = timezone.localdate()
    return today + dt.timedelta(days=14 - today.weekday())


def hold_first(page: Page, practitioner: Practitioner, day: dt.date) -> str:
    """Hold the first free time and return its id."""
    page.goto(f"/doctors/{practitioner.pk}/?day={day}")
    expect(page.locator("#live")).to_have_attribute("data-state", "live")
    slot = page.locator(".slot[data-state=free]").first
    slot_id = str(slot.get_attribute("id"))
    slot.click()
    expect(page.locator("#hold")).to_contain_text("held for you until")
    return slot_id


def test_a_hold_survives_a_reload_and_a_look_at_another_day(
    new_page: OpenPage, patient: Patient, practitioner: Practitioner, monday: dt.date
) -> None:
    mine, other = new_page(person=patient), new_page()
    held = hold_first(mine, practitioner, monday)

    mine.reload()
    expect(mine.locator(f"#{held}")).to_have_attribute("data-state", "yours")
    mine.locator(".days li:not([aria-current]) a:not([data-free='0'])").first.click()
    expect(mine.locator("#hold")).to_contain_text("held for you until")

    other.goto(f"/doctors/{practitioner.pk}/?day={monday}")
    expect(other.locator(f"#{held}")).to_have_attribute("data-state", "held")


def test_leaving_the_page_gives_the_time_back(
    new_page: OpenPage, patient: Patient, practitioner: Practitioner, monday: dt.date
) -> None:
    mine, other = new_page(person=patient), new_page(width=390)
    held = hold_first(mine, practitioner, monday)
    other.goto(f"/doctors/{practitioner.pk}/?day={monday}")
    expect(other.locator("#live")).to_have_attribute("data-state", "live")
    expect(other.locator(f"#{held}")).to_have_attribute("data-state", "held")

    mine.get_by_role("link", name="Visits").first.click()

    expect(other.locator(f"#{held}")).to_have_attribute("data-state", "freed")


def test_a_visitor_keeps_the_time_on_the_way_to_signing_in(
    new_page: OpenPage, practitioner: Practitioner, monday: dt.date
) -> None:
    """H4"""
    visitor, other = new_page(), new_page()
    held = hold_first(visitor, practitioner, monday)

    visitor.get_by_role("link", name="Review and confirm").click()
    expect(visitor).to_have_url(re.compile("next=/book/"))

    other.goto(f"/doctors/{practitioner.pk}/?day={monday}")
    expect(other.locator(f"#{held}")).to_have_attribute("data-state", "held")

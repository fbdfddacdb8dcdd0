"""A record in two windows: what is written in one stands in the other, what is typed is kept."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from clinic.people.models import Patient, Practitioner
from tests.browser.pages import OpenPage, check_accessible, check_fits
from tests.factories.records import AllergyFactory, blood_pressure
from tests.factories.scheduling import AppointmentFactory, open_practice


@pytest.fixture
def record(patient: Patient, practitioner: Practitioner) -> Patient:
    open_practice(practitioner)
    soon = timezone.now().replace(microsecond=0) + dt.timedelta(days=1)
    AppointmentFactory(patient=patient, practitioner=practitioner, starts_at=soon)
    AllergyFactory(patient=patient)
    for days in (20, 10):
        blood_pressure(patient, 130, 84, effective_at=soon - dt.timedelta(days=days))
    return patient


def live(page: Page, path: str) -> Page:
    page.goto(path)
    expect(page.locator("#live")).to_have_attribute("data-state", "live", timeout=15_000)
    return page


def add_reading(page: Page, patient: Patient, upper: str, lower: str) -> None:
    page.goto(reverse("records:measurement_new", args=[patient.pk, "blood-pressure"]))
    page.get_by_label("Upper").fill(upper)
    page.get_by_label("Lower").fill(lower)
    page.get_by_role("button", name="Save the reading").click()
    page.wait_for_load_state()


def test_reading_of_the_patient_appears_at_the_doctors(
    new_page: OpenPage, record: Patient, practitioner: Practitioner
) -> None:
    doctor = live(new_page(person=practitioner), reverse("records:overview", args=[record.pk]))
    expect(doctor.locator("#record-body .vital b").first).to_contain_text("130/84")

    add_reading(new_page(width=390, person=record), record, "127", "81")

    expect(doctor.locator("#record-body .vital b").first).to_contain_text("127/81")


def test_words_being_typed_are_kept_when_the_record_changes(
    new_page: OpenPage, record: Patient, practitioner: Practitioner
) -> None:
    doctor = live(new_page(person=practitioner), reverse("records:timeline", args=[record.pk]))
    doctor.get_by_label("Search this record").fill("blood pre")

    add_reading(new_page(width=390, person=record), record, "127", "81")

    expect(doctor.locator("#record-changed")).to_be_visible()
    expect(doctor.get_by_label("Search this record")).to_have_value("blood pre")


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
@pytest.mark.parametrize("name", ["overview", "timeline"])
def test_pages_of_a_record_are_accessible(
    new_page: OpenPage,
    record: Patient,
    name: str,
    width: int,
    scheme: str,
) -> None:
    page = live(
        new_page(width=width, scheme=scheme, person=record),
        reverse(f"records:{name}", args=[record.pk]),
    )

    check_accessible(page)
    check_fits(page)

"""Journeys through whole pages: by keyboard alone, at the desk, and every page for everyone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from clinic.lib import times
from clinic.people.models import Patient, Practitioner
from clinic.scheduling.models import Appointment, VisitType
from tests.browser.pages import OpenPage, check_accessible, check_fits
from tests.factories.scheduling import open_practice

ZONE = "Europe/Berlin"
# A phone by day and a desk by night: with both, every color and every layout is seen.
SIZES = [(390, "light"), (1280, "dark")]


@pytest.fixture
def practice(transactional_db: None, practitioner: Practitioner) -> VisitType:
    """Every day of the week is open, so that the test may run on any."""
    from tests.factories.scheduling import WorkingHoursFactory

    visit_type = open_practice(practitioner)
    for weekday in (6, 7):
        WorkingHoursFactory(practitioner=practitioner, weekday=weekday)
    return visit_type


def tomorrow() -> dt.date:
    return times.today(ZONE, timezone.now()) + dt.timedelta(days=1)


def booking_page(practitioner: Practitioner) -> str:
    url = reverse("scheduling:slot_list", args=[practitioner.pk])
    return f"{url}?date={tomorrow().isoformat()}"


def slot(page: Page, clock: str) -> Any:
    return page.locator(".slot", has=page.locator(".slot__t", has_text=clock))


def is_live(page: Page) -> None:
    expect(page.locator("#live")).to_have_attribute("data-state", "live")


def test_a_visit_is_booked_with_the_keyboard_alone(
    new_page: OpenPage, practice: VisitType, practitioner: Practitioner, patient: Patient
) -> None:
    page = new_page(person=patient)
    page.goto(booking_page(practitioner))
    is_live(page)

    def tab_to(target: Any, most: int = 60) -> None:
        for _ in range(most):
            page.keyboard.press("Tab")
            if target.evaluate("node => node === document.activeElement"):
                return
        pytest.fail("the element cannot be reached with Tab")

    tab_to(slot(page, "09:00"))
    page.keyboard.press("ArrowRight")
    expect(slot(page, "09:20")).to_be_focused()
    page.keyboard.press("Enter")
    expect(slot(page, "09:20")).to_have_attribute("data-state", "yours")
    expect(slot(page, "09:20")).to_be_focused()

    tab_to(page.get_by_role("link", name="Review and confirm"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/book/")
    tab_to(page.get_by_label("What is the visit about"))
    page.keyboard.type("Knee pain")
    tab_to(page.get_by_role("button", name="Book "))
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_contain_text("booked")
    assert Appointment.objects.get(patient=patient).reason == "Knee pain"


def test_one_click_at_the_desk_moves_the_doctors_board(
    new_page: OpenPage,
    practice: VisitType,
    practitioner: Practitioner,
    patient: Patient,
    receptionist: Any,
) -> None:
    """Arrived at the desk, waiting at the doctor's; undo takes it back in both."""
    from tests.factories.scheduling import AppointmentFactory

    starts_at = timezone.now().replace(second=0, microsecond=0) + dt.timedelta(minutes=5)
    AppointmentFactory(
        practitioner=practitioner,
        patient=patient,
        visit_type=practice,
        starts_at=starts_at,
        claimed_at=starts_at - dt.timedelta(days=1),
    )
    today = times.local_date(starts_at, ZONE)
    url = reverse("scheduling:day_board", args=[practitioner.pk, today])
    desk, doctor = new_page(person=receptionist), new_page(person=practitioner)
    for page in (desk, doctor):
        page.goto(url)
        is_live(page)

    desk.get_by_role("button", name="Arrived: Amara Fenwick").click()

    expect(doctor.locator("#board-waiting")).to_contain_text("Amara Fenwick")
    expect(desk.locator("#board-waiting")).to_contain_text("Amara Fenwick")

    desk.get_by_role("button", name="Undo").click()

    expect(doctor.locator("#board-waiting")).not_to_contain_text("Amara Fenwick")
    expect(desk.locator("#board-coming")).to_contain_text("Amara Fenwick")


def test_a_filter_survives_live_updates(
    new_page: OpenPage, practice: VisitType, practitioner: Practitioner, patient: Patient
) -> None:
    from tests.factories.scheduling import AppointmentFactory

    starts_at = timezone.now().replace(second=0, microsecond=0) + dt.timedelta(minutes=5)
    visit = AppointmentFactory(
        practitioner=practitioner,
        patient=patient,
        visit_type=practice,
        starts_at=starts_at,
        claimed_at=starts_at - dt.timedelta(days=1),
    )
    page = new_page(person=practitioner)
    today = times.local_date(starts_at, ZONE)
    page.goto(reverse("scheduling:day_board", args=[practitioner.pk, today]))
    is_live(page)
    event = page.locator(f"#visit-{visit.pk}")
    expect(event).to_be_visible()

    page.get_by_label("Status").select_option("arrived")
    expect(event).to_be_hidden()
    page.get_by_label("Status").select_option("booked")
    expect(event).to_be_visible()
    page.get_by_role("button", name="Arrived: Amara Fenwick").click()

    expect(event).to_have_attribute("data-state", "here")
    expect(event).to_be_hidden()
    page.reload()
    expect(page.get_by_label("Status")).to_have_value("booked")
    expect(event).to_be_hidden()


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_patients_pages_are_accessible_and_fit(
    new_page: OpenPage,
    practice: VisitType,
    practitioner: Practitioner,
    patient: Patient,
    width: int,
    scheme: str,
) -> None:
    from tests.factories.scheduling import AppointmentFactory

    visit = AppointmentFactory(
        practitioner=practitioner,
        patient=patient,
        visit_type=practice,
        starts_at=times.to_instant(tomorrow() + dt.timedelta(days=2), dt.time(9), ZONE),
        claimed_at=timezone.now() - dt.timedelta(days=1),
    )
    page = new_page(width=width, scheme=scheme, person=patient)
    for url in (
        "/",
        reverse("scheduling:practitioner_list"),
        booking_page(practitioner),
        reverse("scheduling:appointment_list"),
        reverse("scheduling:appointment_detail", args=[visit.pk]),
        reverse("scheduling:appointment_cancel", args=[visit.pk]),
        reverse("scheduling:appointment_move", args=[visit.pk]),
    ):
        page.goto(url)
        check_accessible(page)
        check_fits(page)
    page.goto(booking_page(practitioner))
    is_live(page)
    slot(page, "09:20").click()
    expect(page.locator("#hold")).to_be_visible()
    check_accessible(page)
    page.get_by_role("link", name="Review and confirm").click()
    page.wait_for_url("**/book/")
    check_accessible(page)
    check_fits(page)


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_staff_pages_are_accessible_and_fit(
    new_page: OpenPage,
    practice: VisitType,
    practitioner: Practitioner,
    patient: Patient,
    administrator: Any,
    width: int,
    scheme: str,
) -> None:
    from tests.factories.scheduling import AppointmentFactory

    now = timezone.now().replace(second=0, microsecond=0)
    visit = AppointmentFactory(
        practitioner=practitioner,
        patient=patient,
        visit_type=practice,
        starts_at=now,
        claimed_at=now - dt.timedelta(days=1),
        reason="Migraine",
    )
    today = times.local_date(now, ZONE)
    board = reverse("scheduling:day_board", args=[practitioner.pk, today])
    own = [
        f"{board}?visit={visit.pk}",
        reverse("scheduling:week_board", args=[practitioner.pk, today]),
        reverse("scheduling:hours_edit", args=[practitioner.pk]),
    ]
    desk = [
        board,
        reverse("scheduling:desk"),
        f"{reverse('scheduling:patient_search')}?q=am",
        reverse("scheduling:patient_detail", args=[patient.pk]),
        reverse("scheduling:book_for_caller", args=[practitioner.pk]) + f"?patient={patient.pk}",
        reverse("scheduling:closure_list"),
        reverse("people:approval_list"),
        reverse("scheduling:setup"),
        reverse("scheduling:setup_site_new"),
        reverse("scheduling:setup_site", args=[visit.site_id]),
        reverse("scheduling:setup_visit_type", args=[practice.pk]),
        reverse("scheduling:setup_doctor", args=[practitioner.pk]),
        reverse("scheduling:setup_offering", args=[practitioner.pk, practice.pk]),
    ]
    for person, urls in ((practitioner, own), (administrator, desk)):
        page = new_page(width=width, scheme=scheme, person=person)
        for url in urls:
            page.goto(url)
            check_accessible(page)
            check_fits(page)

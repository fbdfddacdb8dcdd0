"""A doctor writes a note while the connection goes, the session ends and another tab writes too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Page, expect

from clinic.people.models import Practitioner
from clinic.records.models import ClinicalNote, NoteRevision
from tests.browser.pages import OpenPage, Watch, check_accessible, check_fits
from tests.factories.records import EncounterFactory, NoteFactory
from tests.factories.scheduling import AppointmentFactory, open_practice

STATE = "[data-autosave-state]"


@pytest.fixture
def note(transactional_db: None, practitioner: Practitioner) -> ClinicalNote:
    now = timezone.now()
    visit = AppointmentFactory(
        practitioner=practitioner,
        visit_type=open_practice(practitioner),
        starts_at=now,
        status="checked-in",
    )
    encounter = EncounterFactory(
        patient=visit.patient, practitioner=practitioner, appointment=visit, starts_at=now
    )
    saved_at = now - dt.timedelta(minutes=5)
    return NoteFactory(
        patient=visit.patient, author=practitioner, encounter=encounter, created_at=saved_at
    )


@pytest.fixture
def write(new_page: OpenPage, note: ClinicalNote) -> Callable[..., Page]:
    """Open the editor in a browser of the author."""

    def opened(width: int = 1280) -> Page:
        page = new_page(width=width, person=note.author)
        page.goto(f"/records/{note.patient_id}/notes/{note.pk}/edit/")
        return page

    return opened


def expect_state(page: Page, state: str) -> None:
    expect(page.locator(STATE)).to_have_attribute("data-autosave-state", state)


def sections(note: ClinicalNote) -> dict[str, str]:
    return ClinicalNote.objects.get(pk=note.pk).sections


def test_typing_goes_on_through_a_lost_connection(
    write: Callable[..., Page], note: ClinicalNote, watch: Watch
) -> None:
    watch.expect("ERR_INTERNET_DISCONNECTED")
    page = write()
    page.fill("#id_plan", "Rest")
    expect_state(page, "saved")

    page.context.set_offline(True)
    page.locator("#id_plan").press_sequentially(" and tea")
    expect_state(page, "retrying")
    page.locator("#id_assessment").press_sequentially("A cold")
    assert sections(note)["plan"] == "Rest"
    page.context.set_offline(False)

    expect_state(page, "saved")
    assert sections(note) == {
        "subjective": "Cough for a week",
        "assessment": "A cold",
        "plan": "Rest and tea",
    }
    kept = page.evaluate("[localStorage.length, sessionStorage.length]")
    assert kept == [0, 0]


def test_two_tabs_keep_both_texts(write: Callable[..., Page], note: ClinicalNote) -> None:
    first, second = write(), write()
    first.fill("#id_plan", "Rest")
    expect_state(first, "saved")

    second.fill("#id_plan", "Antibiotic")
    expect_state(second, "apart")
    assert sections(note)["plan"] == "Rest"
    assert NoteRevision.objects.get().sections["plan"] == "Antibiotic"
    second.get_by_role("link", name="Compare").click()
    check_accessible(second)
    second.get_by_role("button", name="Put together").click()

    expect(second.locator("#id_plan")).to_have_value("Rest\n\nAntibiotic")


def test_signing_in_again_in_another_tab_saves_what_was_typed(
    write: Callable[..., Page], note: ClinicalNote, sign_in: Callable[[Practitioner], object]
) -> None:
    page = write()
    Session.objects.all().delete()
    page.fill("#id_plan", "Rest")
    expect(page.get_by_role("dialog")).to_be_visible()

    cookie = sign_in(note.author).cookies["sid"].value  # type: ignore[attr-defined]
    site = page.url.partition("/records/")[0]
    page.context.add_cookies([{"name": "sid", "value": cookie, "url": site}])
    page.evaluate("dispatchEvent(new Event('focus'))")

    expect_state(page, "saved")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert sections(note)["plan"] == "Rest"


@pytest.mark.parametrize("width", [390, 1280])
def test_note_is_written_measured_and_signed_by_keyboard(
    write: Callable[..., Page], note: ClinicalNote, width: int
) -> None:
    page = write(width)
    check_accessible(page)
    check_fits(page)

    page.get_by_role("button", name="Treatment").press("Enter")
    page.keyboard.type("rest")
    page.get_by_label("Pulse").fill("71")
    page.get_by_label("Pulse").press("Enter")
    expect(page.get_by_role("list", name="Measured today")).to_contain_text("71")
    page.locator("#id_plan").press("Control+Enter")
    page.get_by_role("heading", name="Sign this note?").wait_for()
    check_accessible(page)
    page.keyboard.press("Control+Enter")
    page.get_by_text("Signed by").wait_for()

    assert sections(note)["plan"] == "Rest and tea\nTreatment: rest"

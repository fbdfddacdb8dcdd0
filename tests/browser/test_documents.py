"""Files go up one by one in a real browser: one that is refused costs no other."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from clinic.people.models import Patient
from clinic.records.models import DocumentReference
from tests.browser.pages import OpenPage, check_accessible, check_fits
from tests.factories import files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "letter.pdf").write_bytes(files.pdf(pages=2))
    (tmp_path / "rash.jpg").write_bytes(files.photo(size=(1600, 1200)))
    (tmp_path / "program.pdf").write_bytes(b"MZ" + b"0" * 5000)
    return tmp_path


def test_several_files_show_what_became_of_each(
    new_page: OpenPage, patient: Patient, folder: Path
) -> None:
    page = new_page(width=390, person=patient)
    page.goto(reverse("records:document_new", args=[patient.pk]))
    page.get_by_label("Files").set_input_files(
        [folder / name for name in ("letter.pdf", "program.pdf", "rash.jpg")]
    )
    page.get_by_role("button", name="Save the documents").click()

    rows = page.locator(".upload")
    expect(rows.nth(2)).to_have_attribute("data-state", "saved", timeout=30_000)
    expect(rows.nth(0)).to_have_attribute("data-state", "saved")
    expect(rows.nth(1)).to_contain_text("Only PDF, JPEG, PNG and HEIC files can be kept")
    assert DocumentReference.objects.filter(patient=patient).count() == 2
    check_accessible(page)
    check_fits(page)

    page.goto(reverse("records:document_list", args=[patient.pk]))
    page.get_by_role("link", name="letter").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "letter.pdf"
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")


def test_files_that_were_all_kept_lead_to_the_list(
    new_page: OpenPage, patient: Patient, folder: Path
) -> None:
    page = new_page(person=patient)
    page.goto(reverse("records:document_new", args=[patient.pk]))
    page.get_by_label("Files").set_input_files([folder / "rash.jpg"])
    page.get_by_role("button", name="Save the documents").click()

    page.wait_for_url("**/documents/", timeout=30_000)
    picture = page.locator("img.document-thumb")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalHeight)") == 720
    check_accessible(page)

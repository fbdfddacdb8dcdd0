"""A field that offers codes: chosen by keyboard, heard by a reader, left alone by free text."""

from __future__ import annotations

import pytest

from clinic.people.models import Patient
from clinic.terminology.choices import Kind, System
from clinic.terminology.loading import store
from clinic.terminology.loading.rows import Row
from tests.browser.pages import OpenPage, check_accessible, check_fits

PAGE = "/test/condition/"
CODES = [
    ("E11.9", "Type 2 diabetes mellitus without complications", ("type 2 diabetes",)),
    ("E10.9", "Type 1 diabetes mellitus without complications", ("type 1 diabetes",)),
    ("E23.2", "Diabetes insipidus", ()),
]


@pytest.fixture
def diabetes(transactional_db: None) -> None:
    rows = [
        Row(
            kind=Kind.CONDITION,
            system=System.ICD10CM,
            code=code,
            display=display,
            rank=place,
            names=names,
        )
        for place, (code, display, names) in enumerate(CODES)
    ]
    store.store_batch(rows=rows, into=store.Stored())


def test_a_code_is_chosen_by_keyboard(new_page: OpenPage, patient: Patient, diabetes: None) -> None:
    page = new_page(width=390, person=patient)
    page.goto(PAGE)
    field = page.get_by_label("Condition")

    field.press_sequentially("diab")
    options = page.get_by_role("option")
    options.nth(2).wait_for()
    field.press("ArrowDown")
    field.press("ArrowDown")

    assert field.get_attribute("aria-expanded") == "true"
    assert field.get_attribute("aria-activedescendant") == options.nth(1).get_attribute("id")
    check_accessible(page)
    check_fits(page)

    field.press("Enter")
    assert field.input_value() == "Type 1 diabetes"
    assert options.count() == 0
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Type 1 diabetes E10.9").wait_for()


def test_typing_on_after_a_choice_is_free_text_again(
    new_page: OpenPage, patient: Patient, diabetes: None
) -> None:
    page = new_page(person=patient)
    page.goto(PAGE)
    field = page.get_by_label("Condition")
    field.press_sequentially("diab")
    page.get_by_role("option", name="Type 2 diabetes").click()
    assert page.locator("[data-concept-code]").input_value() == "E11.9"

    field.press_sequentially(" since spring")
    field.press("Escape")
    page.get_by_role("button", name="Save").click()

    page.locator("#saved", has_text="Type 2 diabetes since spring").wait_for()
    assert page.locator("[data-concept-code]").input_value() == ""

"""Sign-in and what stands around it, in both themes and at both widths."""

from __future__ import annotations

import pytest

from tests.browser.pages import OpenPage, check_accessible, check_fits

LOOKS = [(390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")]
PAGES = ["/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/nowhere/"]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_page_is_accessible_and_fits(
    new_page: OpenPage, path: str, width: int, scheme: str
) -> None:
    page = new_page(width=width, scheme=scheme)

    page.goto(path)

    check_accessible(page)
    check_fits(page)


def test_a_refused_registration_keeps_what_was_typed(new_page: OpenPage) -> None:
    page = new_page(width=390)
    page.goto("/accounts/signup/")
    page.get_by_label("Given name").fill("Amara")
    page.get_by_label("E-mail address").fill("amara@example.org")
    page.get_by_label("Password", exact=True).fill("short")

    page.get_by_role("button", name="Create account").click()

    assert page.get_by_label("Given name").input_value() == "Amara"
    assert page.get_by_label("Password", exact=True).get_attribute("aria-invalid") == "true"
    check_accessible(page)


def test_the_chosen_theme_is_rendered_by_the_server(new_page: OpenPage) -> None:
    page = new_page(scheme="light")
    page.goto("/accounts/login/")

    page.get_by_role("button", name="Switch between light and dark").click()
    page.reload()

    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_a_password_can_be_read_while_it_is_typed(new_page: OpenPage) -> None:
    page = new_page()
    page.goto("/accounts/login/")
    page.get_by_label("Password", exact=True).fill("a few words in a row")

    page.get_by_role("button", name="Show").click()

    assert page.locator("#id_password").get_attribute("type") == "text"

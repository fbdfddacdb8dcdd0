"""One view serves the page and its fragment."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django_htmx.middleware import HtmxMiddleware

from clinic.lib.context import ui
from clinic.lib.htmx import render_page_or_partial

PAGE, PARTIAL = "404.html", "components/_theme_button.html"


def answered(*, status: int = 200, **headers: str) -> HttpResponse:
    def view(request: object) -> HttpResponse:
        return render_page_or_partial(request, PAGE, PARTIAL, {}, status=status)  # type: ignore[arg-type]

    request = RequestFactory().get("/", headers=headers)
    return HtmxMiddleware(view)(request)  # type: ignore[arg-type, return-value]


def test_a_browser_gets_the_page() -> None:
    assert b"<html" in answered().content


def test_htmx_gets_the_fragment() -> None:
    response = answered(**{"HX-Request": "true"})

    assert b"<html" not in response.content
    assert b"data-theme-toggle" in response.content


@pytest.mark.parametrize("header", ["HX-History-Restore-Request", "HX-Boosted"])
def test_a_restored_or_boosted_page_is_whole(header: str) -> None:
    assert b"<html" in answered(**{"HX-Request": "true", header: "true"}).content


def test_caches_are_told_that_the_address_has_two_bodies() -> None:
    response = answered(status=409, **{"HX-Request": "true"})

    assert response["Vary"] == "HX-Request"
    assert response.status_code == 409


@pytest.mark.parametrize(("cookie", "theme"), [("dark", "dark"), ("light", "light"), ('x"', "")])
def test_only_a_known_theme_reaches_the_page(cookie: str, theme: str) -> None:
    request = RequestFactory().get("/")
    request.COOKIES["theme"] = cookie

    assert ui(request)["theme"] == theme

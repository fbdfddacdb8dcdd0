"""A password typed a short while ago opens what a session alone does not (SECURITY 0.7)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from clinic.audit.models import AuditEvent
from clinic.people.models import User
from clinic.people.permissions import SIGNED_IN, access
from clinic.people.stepup import Factor, step_up
from tests.conftest import Clock
from tests.factories.people import PASSWORD, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("here")]

LATER = frozenset({"passkey"})


@access(SIGNED_IN)
@step_up()
def heavy(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"done {request.POST.get('words', '')}")


@access(SIGNED_IN)
@step_up(LATER)  # type: ignore[arg-type]
def heavier(request: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


urlpatterns = [
    path("heavy/", heavy),
    path("heavier/", heavier),
    path("", include("config.urls")),
]


@pytest.fixture
def here() -> object:
    with override_settings(ROOT_URLCONF=__name__):
        yield


@pytest.fixture
def browser(patient_client: Client, clock: Clock) -> Client:
    return patient_client


def confirm(browser: Client, password: str = PASSWORD, onwards: str = "/heavy/") -> HttpResponse:
    return browser.post(f"/account/confirm/?next={onwards}", {"password": password})


def test_page_leads_to_the_question_and_back(browser: Client) -> None:
    asked = browser.get("/heavy/?a=1")

    assert asked.status_code == 302
    assert asked["Location"] == "/account/confirm/?next=%2Fheavy%2F%3Fa%3D1"
    assert b"current-password" in browser.get(asked["Location"]).content
    assert confirm(browser)["Location"] == "/heavy/"
    assert browser.get("/heavy/").status_code == 200


def test_confirmation_lasts_five_minutes_to_the_second(browser: Client, clock: Clock) -> None:
    confirm(browser)

    clock.advance(seconds=299)
    assert browser.get("/heavy/").status_code == 200
    clock.advance(seconds=1)
    assert browser.get("/heavy/").status_code == 302


def test_clock_that_went_back_confirms_nothing(browser: Client, clock: Clock) -> None:
    confirm(browser)

    clock.move_to(clock.now - dt.timedelta(seconds=1))

    assert browser.get("/heavy/").status_code == 302


def test_sign_in_alone_is_no_confirmation(browser: Client) -> None:
    assert browser.get("/heavy/").status_code == 302


def test_form_that_comes_too_late_keeps_what_was_typed(browser: Client) -> None:
    late = browser.post("/heavy/", {"words": "long <b>text</b>"})

    assert late.status_code == 422
    assert 'name="words" value="long &lt;b&gt;text&lt;/b&gt;"' in late.content.decode()
    sent = {"words": "long text", "password": PASSWORD, "confirming_again": "1"}
    done = browser.post("/heavy/", sent)
    assert done.content == b"done long text"
    assert browser.get("/heavy/").status_code == 200


def test_password_is_never_carried_along(browser: Client) -> None:
    sent = {"words": "text", "password": "a wrong guess 7", "confirming_again": "1"}

    refused = browser.post("/heavy/", sent)

    page = refused.content.decode()
    assert refused.status_code == 422
    assert "a wrong guess 7" not in page
    assert 'value="text"' in page
    assert "That is not the password of this account." in page


def test_wrong_password_confirms_nothing_and_is_on_the_trail(browser: Client) -> None:
    assert confirm(browser, "a wrong guess 7").status_code == 422
    assert confirm(browser, "").status_code == 422

    assert browser.get("/heavy/").status_code == 302
    actions = AuditEvent.objects.filter(action__startswith="account.conf")
    assert list(actions.values_list("action", flat=True)) == ["account.confirmation_failed"]


def test_sixth_try_has_to_wait_even_if_it_is_right(browser: Client, clock: Clock) -> None:
    for _try in range(5):
        confirm(browser, "a wrong guess 7")

    assert "Wait five minutes" in confirm(browser).content.decode()
    clock.advance(minutes=5)
    assert confirm(browser).status_code == 302


def test_account_without_a_password_is_refused_not_waved_through(clock: Clock) -> None:
    user = UserFactory(email="nopass@example.org")
    User.objects.filter(pk=user.pk).update(password="!unusable")
    browser = Client()
    browser.force_login(User.objects.get(pk=user.pk))

    page = browser.get("/account/confirm/?next=/heavy/").content.decode()

    assert "no password to confirm with" in page
    assert confirm(browser, "").status_code == 422
    assert browser.get("/heavy/").status_code == 302


def test_confirmation_of_one_account_is_not_anothers(browser: Client, outsider) -> None:
    confirm(browser)

    session = browser.session
    said = session["confirmed_again"]
    browser.force_login(outsider.user)
    session = browser.session
    session["confirmed_again"] = said
    session.save()

    assert browser.get("/heavy/").status_code == 302


def test_view_may_ask_for_a_better_factor(browser: Client) -> None:
    confirm(browser)

    assert set(Factor) == {Factor.PASSWORD}
    assert browser.get("/heavier/").status_code == 302


@pytest.mark.parametrize("onwards", ["https://evil.example/", "//evil.example/", "javascript:x"])
def test_confirmation_leads_nowhere_else(browser: Client, onwards: str) -> None:
    assert confirm(browser, onwards=onwards)["Location"] == "/"

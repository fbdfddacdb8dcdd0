"""What a page does with its socket, whose other end the test plays: no server decides here."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from django.template import engines
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.pages import OpenPage, Watch

PAGE = """{% load clinic_ui %}<!doctype html>
<html lang="en-GB" data-viewer="x">
<head><title>Live</title>{% include "components/_head.html" %}</head>
<body hx-sync:inherited="drop" hx-headers:inherited='{"X-CSRFToken": "t"}'><main><h1>Live</h1>
{% include "components/_live.html" %}{% include "components/_live_bar.html" %}
<ul class="slots" id="slots"><li>{{ slot|safe }}</li></ul>
<div id="hold"></div><div id="queue"></div><ul id="mine" hidden></ul></main>
<dialog class="sheet" id="sheet" aria-labelledby="sheet-title" data-opens></dialog>
<dialog class="sheet" id="signed-out" aria-label="Signed out"><a href="/">Sign in</a></dialog>
<div id="toasts" role="status"></div><div id="announcer" role="status"></div>
{% include "components/_words.html" %}
<div id="live-socket" data-renew="/renew/" hx-ws:connect="/ws/live/ticket/"></div></body></html>"""


def partial(target: str, html: str) -> str:
    return f'<hx-partial hx-target="#{target}" hx-swap="outerMorph">{html}</hx-partial>'


def slot(state: str, caption: str = "") -> str:
    """A slot as the server renders it; what it says under the time is the caption."""
    note = f'<span class="slot__n">{caption}</span>' if caption else ""
    off = ' aria-disabled="true"' if state in ("held", "taken") else ""
    return (
        f'<button class="slot" id="slot-1" data-state="{state}" name="slot" value="1"{off}'
        ' hx-post="/hold/" hx-target="#hold" hx-swap="innerHTML">'
        f'<span class="slot__t">09:40</span>{note}</button>'
    )


class Server:
    """The other end of the socket."""

    def __init__(self) -> None:
        self.sockets: list[WebSocketRoute] = []
        self.answering = True

    def arrive(self, socket: WebSocketRoute) -> None:
        if self.answering:
            self.sockets.append(socket)
        else:
            socket.close(code=1013)

    def push(self, target: str, html: str) -> None:
        self.sockets[-1].send(partial(target, html))


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def page(new_page: OpenPage, server: Server) -> Iterator[Page]:
    opened = new_page(width=390)
    html = engines["django"].from_string(PAGE).render({"slot": slot("free"), "live_topics": True})
    opened.route("**/live-test/", lambda route: route.fulfill(body=html, content_type="text/html"))
    opened.route_web_socket("**/ws/live/**", server.arrive)
    opened.goto("/live-test/")
    expect(opened.locator("#live")).to_have_attribute("data-state", "live")
    yield opened


def test_a_slot_that_is_taken_says_just_taken_then_taken(page: Page, server: Server) -> None:
    server.push("slot-1", slot("held", "Being booked"))
    expect(page.locator("#slot-1")).to_have_attribute("data-state", "held")
    assert page.locator("#slot-1").get_attribute("data-fresh") is None

    server.push("slot-1", slot("taken", "Taken"))

    expect(page.locator("#slot-1 .slot__n")).to_have_text("Just taken")
    expect(page.locator("#slot-1")).to_have_attribute("data-fresh", "")
    expect(page.locator("#slot-1 .slot__n")).to_have_text("Taken")


def test_a_slot_that_is_free_again_says_just_opened(page: Page, server: Server) -> None:
    server.push("slot-1", slot("held", "Being booked"))
    server.push("slot-1", slot("free"))

    expect(page.locator("#slot-1")).to_have_attribute("data-state", "freed")
    expect(page.locator("#slot-1 .slot__n")).to_have_text("Just opened")


def test_what_is_mine_is_drawn_over_what_all_see(page: Page, server: Server) -> None:
    item = '<li data-mine-for="slot-1" data-state="yours">Held for you</li>'
    server.push("mine", f'<ul id="mine" hidden>{item}</ul>')
    server.push("slot-1", slot("held", "Being booked"))
    expect(page.locator("#slot-1 .slot__n")).to_have_text("Held for you")
    expect(page.locator("#slot-1")).to_have_attribute("data-state", "yours")

    server.push("mine", '<ul id="mine" hidden></ul>')

    expect(page.locator("#slot-1")).to_have_attribute("data-state", "held")
    expect(page.locator("#slot-1 .slot__n")).to_have_text("Being booked")


def test_a_push_keeps_the_focus(page: Page, server: Server) -> None:
    page.locator("#slot-1").focus()

    server.push("slot-1", slot("taken", "Taken"))

    expect(page.locator("#slot-1")).to_be_focused()
    expect(page.locator("#announcer")).to_have_text("09:40 was just taken")


def test_the_focus_goes_to_the_heading_when_its_element_leaves(page: Page, server: Server) -> None:
    row = '<li id="w1"><a id="w1-link" href="/">Hye-jin Baek</a></li>'
    title = '<h2 tabindex="-1">Waiting</h2>'
    server.push("queue", f'<div id="queue">{title}<ul>{row}</ul></div>')
    page.locator("#w1-link").focus()

    server.push("queue", f'<div id="queue">{title}<ul></ul></div>')

    expect(page.get_by_role("heading", name="Waiting")).to_be_focused()


def test_an_arrival_gets_the_wash(page: Page, server: Server) -> None:
    server.push("queue", '<div id="queue"><p id="w1" data-arrives>Hye-jin Baek</p></div>')

    expect(page.locator("#w1")).to_have_attribute("data-fresh", "")


def test_a_press_says_holding_and_a_lost_race_opens_the_sheet(page: Page) -> None:
    lost = partial("slot-1", slot("taken", "Taken")) + (
        '<hx-partial hx-target="#sheet" hx-swap="innerHTML">'
        '<h2 id="sheet-title" tabindex="-1">09:40 was just booked</h2></hx-partial>'
    )
    seen: list[str] = []

    def answer(route: object) -> None:
        seen.append(page.locator("#slot-1 .slot__n").inner_text())
        route.fulfill(status=409, body=lost, content_type="text/html")  # type: ignore[attr-defined]

    page.route("**/hold/", answer)

    page.locator("#slot-1").click()

    expect(page.locator("#sheet-title")).to_be_focused()
    assert seen == ["Holding"]
    expect(page.locator("#slot-1")).to_have_attribute("data-state", "taken")
    assert page.locator("#hold").inner_html() == ""


def test_a_server_error_leaves_the_page_and_says_so(page: Page, watch: Watch) -> None:
    watch.expect("status of 500")
    page.route("**/hold/", lambda route: route.fulfill(status=500, body="<h1>Broken</h1>"))

    page.locator("#slot-1").click()

    expect(page.locator("#toasts")).to_contain_text("Nothing was changed")
    expect(page.locator("#slot-1")).to_have_attribute("data-state", "free")
    assert page.locator("#hold").inner_html() == ""


def test_what_is_not_free_sends_nothing(page: Page, server: Server) -> None:
    server.push("slot-1", slot("held", "Being booked"))
    expect(page.locator("#slot-1")).to_have_attribute("aria-disabled", "true")
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url))

    page.locator("#slot-1").click(force=True)

    expect(page.locator("#announcer")).to_have_text("09:40 is not free")
    assert posts == []


def test_a_lost_socket_shows_its_age_and_comes_back(page: Page, server: Server) -> None:
    page.clock.install()
    server.answering = False
    server.sockets[-1].close(code=1012)

    page.clock.run_for(4_500)
    expect(page.locator("#live")).to_have_attribute("data-state", "wait")
    page.clock.run_for(11_500)
    expect(page.locator("#live-bar")).to_be_visible()
    expect(page.locator("#live-bar")).to_contain_text("may have changed")

    server.answering = True
    page.clock.run_for(60_000)
    expect(page.locator("#live")).to_have_attribute("data-state", "live")
    expect(page.locator("#live-bar")).to_be_hidden()


def test_an_old_ticket_is_renewed_without_a_reload(page: Page, server: Server) -> None:
    body = json.dumps({"url": "/ws/live/second/"})
    page.route("**/renew/", lambda route: route.fulfill(body=body))

    server.sockets[-1].close(code=4401)

    expect(page.locator("#live-socket")).to_have_attribute("hx-ws:connect", "/ws/live/second/")
    page.wait_for_function("document.querySelector('#live').dataset.state === 'live'")
    assert page.locator("#signed-out").is_hidden()


def test_the_end_of_the_session_covers_the_page(page: Page, server: Server) -> None:
    page.route("**/renew/", lambda route: route.fulfill(status=401, body="{}"))

    server.sockets[-1].close(code=4401)

    expect(page.locator("#signed-out")).to_be_visible()


@pytest.mark.parametrize("code", [4403, 4429])
def test_no_access_stops_trying(code: int, page: Page, server: Server) -> None:
    server.sockets[-1].close(code=code)

    expect(page.locator("#live")).to_have_attribute("data-state", "off")
    assert len(server.sockets) == 1

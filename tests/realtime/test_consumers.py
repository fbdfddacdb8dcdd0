"""A page's socket: let in or refused, sent what changed, told nothing about others, closed."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid

import pytest
from django.core import signing
from django.utils import timezone

from clinic.people.viewer import Viewer
from realtime import bus, tokens
from realtime.hubs import hub_of_this_loop
from tests.realtime.conftest import Connect, FakeTopic, closed_with

SESSION = "session-of-amara"


async def test_page_gets_only_the_piece_that_changed(topic: FakeTopic, connect: Connect) -> None:
    page = await connect("a")

    hub_of_this_loop().dirty("fake.a", topic.change("a", two="changed"))

    assert await page.receive_from(5) == (
        '<hx-partial hx-target="#two" hx-swap="outerMorph"><p id="two">changed</p></hx-partial>'
    )


async def test_page_gets_what_changed_between_rendering_and_connecting(
    topic: FakeTopic, connect: Connect
) -> None:
    topic.change("a", one="newer")

    page = await connect("a", version=1)

    assert "newer" in await page.receive_from(5)


async def test_page_that_is_up_to_date_gets_nothing_on_connecting(
    topic: FakeTopic, connect: Connect
) -> None:
    page = await connect("a")
    hub_of_this_loop().dirty("fake.a", topic.change("a", one="first message"))

    assert "first message" in await page.receive_from(5)


async def test_page_hears_nothing_of_other_topics(topic: FakeTopic, connect: Connect) -> None:
    page, other = await connect("a"), await connect("b")

    hub_of_this_loop().dirty("fake.b", topic.change("b", one="not for page a"))
    assert "not for page a" in await other.receive_from(5)
    hub_of_this_loop().dirty("fake.a", topic.change("a", one="for page a"))

    assert "not for page a" not in await page.receive_from(5)


async def test_container_is_sent_when_pieces_come_or_change_places(
    topic: FakeTopic, connect: Connect
) -> None:
    page = await connect("a")

    hub_of_this_loop().dirty("fake.a", topic.change("a", three="3"))

    text = await page.receive_from(5)
    assert text.startswith('<hx-partial hx-target="#all"')
    assert '<p id="three">3</p>' in text


async def test_socket_refuses_a_forged_token(connect: Connect) -> None:
    page = await connect(token=signing.dumps({"t": [["fake.a", 1]]}, salt="another"))

    assert await closed_with(page) == 4403


async def test_socket_refuses_an_expired_token(connect: Connect) -> None:
    page = await connect("a", now=timezone.now() - tokens.LIFETIME - dt.timedelta(seconds=1))

    assert await closed_with(page) == 4401


async def test_socket_refuses_the_token_of_another_session(connect: Connect) -> None:
    person = Viewer(user_id=uuid.uuid4())

    page = await connect("a", viewer=person, session_key=SESSION, cookie="session-of-bela")

    assert await closed_with(page) == 4401


async def test_socket_needs_no_session_for_what_is_anyones(
    topic: FakeTopic, connect: Connect
) -> None:
    page = await connect("a")
    hub_of_this_loop().dirty("fake.a", topic.change("a", one="public"))

    assert "public" in await page.receive_from(5)


async def test_sixth_socket_of_a_person_is_refused(connect: Connect) -> None:
    person = Viewer(user_id=uuid.uuid4())
    for _ in range(5):
        await connect("a", viewer=person, session_key=SESSION)

    sixth = await connect("a", viewer=person, session_key=SESSION)

    assert await closed_with(sixth) == 4429


async def test_signing_out_closes_the_sockets_of_that_session_only(
    topic: FakeTopic, connect: Connect
) -> None:
    person = Viewer(user_id=uuid.uuid4())
    here = await connect("a", viewer=person, session_key=SESSION)
    elsewhere = await connect("a", viewer=person, session_key="another device")

    assert person.user_id is not None
    hub_of_this_loop().end(person.user_id, tokens.session_mark(SESSION))

    assert await closed_with(here) == 4401
    hub_of_this_loop().dirty("fake.a", topic.change("a", one="still here"))
    assert "still here" in await elsewhere.receive_from(5)


async def test_token_of_an_ended_session_lets_nobody_in(connect: Connect) -> None:
    person = Viewer(user_id=uuid.uuid4())
    await connect("a", viewer=person, session_key=SESSION)
    assert person.user_id is not None
    hub_of_this_loop().end(person.user_id, tokens.session_mark(SESSION))

    page = await connect("a", viewer=person, session_key=SESSION)

    assert await closed_with(page) == 4401


async def test_change_of_access_closes_every_socket_through_the_bus(connect: Connect) -> None:
    person = Viewer(user_id=uuid.uuid4())
    page = await connect("a", viewer=person, session_key=SESSION)
    await _until_bus_is_heard(connect)

    assert person.user_id is not None
    await asyncio.to_thread(bus.announce_ended, user_id=person.user_id)

    assert await closed_with(page) == 4401


async def test_socket_closes_when_its_token_runs_out(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    almost = timezone.now() - tokens.LIFETIME + dt.timedelta(seconds=1.5)

    page = await connect("a", now=almost)

    assert await closed_with(page) == 4401


async def test_token_older_than_a_change_of_access_lets_nobody_in(
    topic: FakeTopic, connect: Connect
) -> None:
    person = Viewer(user_id=uuid.uuid4())
    assert person.user_id is not None
    older = timezone.now()
    hub_of_this_loop().end(person.user_id, None)

    refused = await connect("a", viewer=person, session_key=SESSION, now=older)
    assert await closed_with(refused) == 4401
    page = await connect("a", viewer=person, session_key=SESSION)
    hub_of_this_loop().dirty("fake.a", topic.change("a", one="allowed anew"))

    assert "allowed anew" in await page.receive_from(5)


async def test_page_that_connects_again_takes_the_place_of_its_old_socket(
    topic: FakeTopic, connect: Connect
) -> None:
    person = Viewer(user_id=uuid.uuid4())
    shown = [tokens.Shown("fake.a", topic.versions["a"])]
    token = tokens.issue(viewer=person, session_key=SESSION, topics=shown, now=timezone.now())
    pages = [await connect(token=token, cookie=SESSION) for _ in range(8)]

    assert [await closed_with(page) for page in pages[:-1]] == [1000] * 7
    hub_of_this_loop().dirty("fake.a", topic.change("a", one="the newest"))
    assert "the newest" in await pages[-1].receive_from(5)


async def test_flood_is_closed(connect: Connect) -> None:
    page = await connect("a")

    for _ in range(25):
        await page.send_to(text_data="{}")

    assert await closed_with(page) == 4429


@pytest.mark.parametrize(
    "text",
    ["not json", "[]", '"text"', "[" * 3000, '{"a":"' + "x" * 9000 + '"}', "NaN"],
    ids=["text", "array", "string", "deep", "long", "nan"],
)
async def test_unreadable_message_is_closed(connect: Connect, text: str) -> None:
    page = await connect("a")

    await page.send_to(text_data=text)

    assert await closed_with(page) == 4400


async def test_binary_message_is_closed(connect: Connect) -> None:
    page = await connect("a")

    await page.send_to(bytes_data=b"\x00")

    assert await closed_with(page) == 4400


async def test_ordinary_message_is_ignored(topic: FakeTopic, connect: Connect) -> None:
    page = await connect("a")

    await page.send_to(text_data='{"HEADERS": {}}')
    hub_of_this_loop().dirty("fake.a", topic.change("a", one="still open"))

    assert "still open" in await page.receive_from(5)


async def test_hub_forgets_pages_that_are_gone(connect: Connect) -> None:
    page = await connect("a")
    hub = hub_of_this_loop()
    assert "fake.a" in hub.feeds

    await page.disconnect()

    assert not hub.feeds
    assert not hub.sockets


async def _until_bus_is_heard(connect: Connect) -> None:
    """Wait until this process has joined the bus: a message is only heard after that."""
    topic = "fake.heard"
    heard = asyncio.Event()
    hub = hub_of_this_loop()
    dirty = hub.dirty
    hub.dirty = lambda name, version=None: heard.set() if name == topic else dirty(name, version)  # type: ignore[method-assign]
    while not heard.is_set():
        await asyncio.to_thread(bus.announce_dirty, [(topic, 1)])
        await asyncio.sleep(0.02)

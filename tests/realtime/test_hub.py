"""The hub: one reading for all, bursts put together, old readings dropped, mistakes repaired."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid

import pytest
from django.utils import timezone, translation
from django.utils.translation import get_language

from clinic.people.viewer import Viewer
from realtime import bus, keeper, registry
from realtime.hub import Hub
from realtime.hubs import hub_of_this_loop
from realtime.keeper import Keeper
from tests.realtime.conftest import Connect, FakeTopic, closed_with, settled


async def test_one_reading_serves_all_watchers(topic: FakeTopic, connect: Connect) -> None:
    pages = [await connect("a") for _ in range(4)]
    topic.reads.clear()

    hub_of_this_loop().dirty("fake.a", topic.change("a", one="for all"))
    for page in pages:
        assert "for all" in await page.receive_from(5)

    assert topic.reads == ["a"]


async def test_burst_of_announcements_costs_two_readings(
    topic: FakeTopic, connect: Connect
) -> None:
    page = await connect("a")
    hub = hub_of_this_loop()
    topic.reads.clear()
    topic.may_read.clear()

    for number in range(50):
        hub.dirty("fake.a", topic.change("a", one=f"number {number}"))
    topic.may_read.set()
    texts = [await page.receive_from(5)]
    while "number 49" not in texts[-1]:
        texts.append(await page.receive_from(5))
    await settled()

    assert len(topic.reads) <= 2


async def test_announcement_of_a_version_already_sent_is_not_read(
    topic: FakeTopic, connect: Connect
) -> None:
    page = await connect("a")
    hub = hub_of_this_loop()
    hub.dirty("fake.a", topic.change("a", one="two"))
    await page.receive_from(5)
    topic.reads.clear()

    hub.dirty("fake.a", 1)
    hub.dirty("fake.a", 2)
    await settled()

    assert topic.reads == []


async def test_older_reading_is_never_sent(topic: FakeTopic, connect: Connect) -> None:
    page = await connect("a")
    hub = hub_of_this_loop()
    hub.dirty("fake.a", topic.change("a", one="newest"))
    await page.receive_from(5)

    topic.versions["a"] = 1
    topic.pieces["a"]["one"] = '<p id="one">of yesterday</p>'
    hub.dirty("fake.a")
    await settled()
    topic.versions["a"] = 3
    topic.pieces["a"]["one"] = '<p id="one">of tomorrow</p>'
    hub.dirty("fake.a", 3)

    assert "of tomorrow" in await page.receive_from(5)


async def test_announcement_ahead_of_the_database_is_read_again_but_not_for_ever(
    topic: FakeTopic, connect: Connect
) -> None:
    page = await connect("a")
    hub = hub_of_this_loop()
    topic.reads.clear()

    hub.dirty("fake.a", 99)
    await settled()

    assert 2 <= len(topic.reads) <= 6
    hub.dirty("fake.a", topic.change("a", one="goes on"))
    assert "goes on" in await page.receive_from(5)


async def test_page_that_claims_a_version_ahead_of_the_database_is_put_right(
    topic: FakeTopic, connect: Connect
) -> None:
    page = await connect("a", version=99)

    assert '<div id="all">' in await page.receive_from(5)


async def test_lost_announcement_is_repaired_by_reconciling(
    topic: FakeTopic, connect: Connect
) -> None:
    page = await connect("a")
    topic.change("a", one="nobody was told")

    await Keeper(hub_of_this_loop()).reconcile()

    assert "nobody was told" in await page.receive_from(5)


async def test_reconciling_asks_once_for_all_topics(topic: FakeTopic, connect: Connect) -> None:
    await connect("a")
    await connect("b")
    topic.reads.clear()
    topic.version_reads = 0

    await Keeper(hub_of_this_loop()).reconcile()
    await settled()

    assert (topic.version_reads, topic.reads) == (1, [])


async def test_pages_follow_a_database_that_went_back(topic: FakeTopic, connect: Connect) -> None:
    topic.versions["a"] = 50
    page = await connect("a")

    topic.versions["a"] = 3
    topic.pieces["a"]["one"] = '<p id="one">restored</p>'
    await Keeper(hub_of_this_loop()).reconcile()

    assert "restored" in await page.receive_from(5)


async def test_topic_is_read_again_when_time_alone_changes_it(
    topic: FakeTopic, connect: Connect
) -> None:
    topic.wakes_at["a"] = timezone.now() + dt.timedelta(seconds=0.3)
    page = await connect("a")

    del topic.wakes_at["a"]
    topic.pieces["a"]["one"] = '<p id="one">the hold has ended</p>'

    assert "the hold has ended" in await page.receive_from(5)


async def test_page_rendered_before_the_hour_struck_gets_everything(
    topic: FakeTopic, connect: Connect
) -> None:
    watcher = await connect("a")
    shown = registry.load("fake.a", now=timezone.now())
    assert shown.wakes_at is None
    hub = hub_of_this_loop()
    feed = hub.all_feeds()[0]
    socket = next(iter(feed.watchers))
    struck = timezone.now().timestamp() - 60

    from realtime.feeds import Arrival

    assert feed.last is not None
    assert Arrival(socket, 1, struck - 5, float("inf")).shows(feed.last)
    assert not Arrival(socket, 1, struck - 5, struck).shows(feed.last)
    await watcher.disconnect()


async def test_topic_that_cannot_be_read_is_tried_again(
    topic: FakeTopic, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.hub.RETRY_SECONDS", 0.05)
    page = await connect("a")
    hub = hub_of_this_loop()

    topic.refused = {"broken"}
    hub.dirty("fake.a", topic.change("a", one="at last"))
    while len(topic.reads) < 3:
        await asyncio.sleep(0.01)
    topic.refused = set()

    assert "at last" in await page.receive_from(5)


async def test_page_is_told_in_the_language_it_was_rendered_in(
    topic: FakeTopic, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = topic.load
    monkeypatch.setattr(
        topic, "load", lambda key, now: (topic.change("a", one=get_language()), load(key, now))[1]
    )
    registry.unregister("fake")
    registry.register(registry.Kind("fake", str, topic.audience, topic.load, None))
    with translation.override("de"):
        german = await connect("a", version=0)
    english = await connect("a", version=0)

    assert '<p id="one">de</p>' in await german.receive_from(5)
    assert '<p id="one">en-gb</p>' in await english.receive_from(5)


async def test_star_names_every_watched_topic_that_begins_so(
    topic: FakeTopic, connect: Connect
) -> None:
    for key in ("doctor.monday", "doctor.tuesday", "other.monday"):
        topic.change(key, one="1")
        await connect(key)
    topic.reads.clear()

    hub_of_this_loop().dirty("fake.doctor.*")
    await settled()

    assert sorted(topic.reads) == ["doctor.monday", "doctor.tuesday"]


async def test_person_who_lost_access_is_closed_at_the_next_check(
    topic: FakeTopic, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, other = Viewer(user_id=uuid.uuid4()), Viewer(user_id=uuid.uuid4())
    viewers = {viewer.user_id: viewer for viewer in (person, other)}
    monkeypatch.setattr(keeper.people_selectors, "viewer_for", lambda *, user_id: viewers[user_id])
    page = await connect("a", viewer=person, session_key="one")
    kept = await connect("a", viewer=other, session_key="two")

    topic.refused = {person.user_id}
    await Keeper(hub_of_this_loop()).recheck()

    assert await closed_with(page) == 4401
    hub_of_this_loop().dirty("fake.a", topic.change("a", one="kept"))
    assert "kept" in await kept.receive_from(5)


async def test_hub_that_stops_tells_every_page_to_come_back(
    topic: FakeTopic, connect: Connect
) -> None:
    page = await connect("a")

    await hub_of_this_loop().stop()

    assert await closed_with(page) == 1012


async def test_announcement_reaches_the_page_over_the_bus(
    topic: FakeTopic, connect: Connect
) -> None:
    page = await connect("a")
    received = asyncio.create_task(page.receive_from(5))

    version = topic.change("a", one="over the bus")
    # Heard once this process has joined the bus; until then it is told again.
    while not received.done():
        await asyncio.to_thread(bus.announce_dirty, [("fake.a", version)])
        await asyncio.sleep(0.02)

    assert "over the bus" in received.result()


async def test_gap_of_the_bus_is_followed_by_reconciling(
    topic: FakeTopic, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Joining the bus is a gap too: what was announced before was not heard."""
    hub = Hub()
    page = await connect("a")
    topic.change("a", one="announced before anyone listened")
    monkeypatch.setattr(bus, "events", lambda: _events(bus.Gap()))
    Keeper(hub_of_this_loop()).start()

    assert "announced before anyone listened" in await page.receive_from(5)
    await hub.stop()


async def _events(*events: bus.Event):  # type: ignore[no-untyped-def]
    for event in events:
        yield event
    await asyncio.Event().wait()

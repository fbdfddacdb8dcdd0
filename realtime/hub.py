"""The hub: one per process. It reads a changed topic once and sends the changes to all watchers.

Level-triggered: an announcement says only that something changed, so a lost one can delay and never
mislead. Everything here runs on the event loop; reading and rendering happen in `rendering`,
listening and timekeeping in `keeper`.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import logging
import uuid
from collections import defaultdict
from collections.abc import Callable, Coroutine
from typing import Any

from django.utils import timezone

from realtime import registry, rendering
from realtime.feeds import NEVER, Arrival, Feed, Reading
from realtime.sockets import GOING_AWAY, REPLACED, SESSION_OVER, Socket
from realtime.tokens import LIFETIME, Grant, Shown

logger = logging.getLogger(__name__)

# Announcements of one topic within this time cost one reading. The first is read at once.
COALESCE_SECONDS = 0.015
RETRY_SECONDS = 1.0
# How often a reading older than what was announced is repeated before the database is believed.
MOST_SHORT_READINGS = 3
SOCKETS_PER_PERSON = 5
# A reading that is to be repeated at an instant is repeated just after it, and not in a tight loop.
AFTER_THE_INSTANT_SECONDS = 0.01
SHORTEST_SLEEP_SECONDS = 0.25
STOP_ATTEMPTS = 4


class TooManySockets(Exception):
    """This person (or this visitor's page) has enough sockets open."""


class Hub:
    """Watched topics and connected sockets of this process; made while its loop runs."""

    def __init__(self, *, clock: Callable[[], dt.datetime] = timezone.now) -> None:
        self.clock = clock
        self.loop = asyncio.get_running_loop()
        self.renderer = rendering.Renderer()
        # By topic, then by language: a page is told in the words it was rendered in.
        self.feeds: dict[str, dict[str, Feed]] = defaultdict(dict)
        self.sockets: dict[object, set[Socket]] = defaultdict(set)
        # Topics by their first two parts, for announcements that name many at once.
        self._stems: dict[str, set[str]] = defaultdict(set)
        self._ended: dict[tuple[uuid.UUID, str | None], dt.datetime] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopped = False

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something for as long as the hub lives."""
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Close every socket as "come back at once" and end all work."""
        self._stopped = True
        for socket in [socket for group in self.sockets.values() for socket in group]:
            socket.close(GOING_AWAY)
        # More than once: a client library that is just connecting may swallow a cancellation.
        for _ in range(STOP_ATTEMPTS):
            for task in self._tasks:
                task.cancel()
            if self._tasks:
                await asyncio.wait(list(self._tasks), timeout=0.5)
        self.renderer.stop()

    # Sockets

    def enter(self, socket: Socket) -> None:
        """Let a page in: it gets what differs from what it shows, then every change.

        Raises TooManySockets.
        """
        grant = socket.grant
        if self._has_ended(grant):
            socket.close(SESSION_OVER)
            return
        others = [other for other in self.sockets.get(socket.owner, ()) if not other.closed]
        for other in others:
            if other.grant.nonce == grant.nonce:
                # The same page again: its network went away, the old socket has not noticed.
                other.close(REPLACED)
                others.remove(other)
                break
        if len(others) >= SOCKETS_PER_PERSON:
            raise TooManySockets
        self.sockets[socket.owner].add(socket)
        left = (grant.expires_at - self.clock()).total_seconds()
        socket.timer = self.loop.call_later(max(left, 0), socket.close, SESSION_OVER)
        for shown in grant.topics:
            self._join(socket, shown)

    def leave(self, socket: Socket) -> None:
        """Forget a page that is gone."""
        socket.closed = True
        if socket.timer is not None:
            socket.timer.cancel()
        group = self.sockets.get(socket.owner, set())
        group.discard(socket)
        if not group:
            self.sockets.pop(socket.owner, None)
        language = socket.grant.language
        for topic in socket.topics:
            feed = self.feeds.get(topic, {}).get(language)
            if feed is not None:
                feed.leave(socket)
                if feed.abandoned:
                    self._close(feed)

    def end(self, user_id: uuid.UUID, session: str | None) -> None:
        """Close the sockets of a session, or of a person, and let their tokens in no more."""
        now = self.clock()
        self._ended = {mark: at for mark, at in self._ended.items() if at > now - LIFETIME}
        self._ended[user_id, session] = now
        for socket in list(self.sockets.get(user_id, ())):
            if session is None or socket.grant.session == session:
                socket.close(SESSION_OVER)

    def _has_ended(self, grant: Grant) -> bool:
        """Say whether the session is over, or the token older than a change of access."""
        if grant.user_id is None:
            return False
        changed_at = self._ended.get((grant.user_id, None))
        session_over = (grant.user_id, grant.session) in self._ended
        return session_over or (changed_at is not None and grant.issued_at <= changed_at)

    def _join(self, socket: Socket, shown: Shown) -> None:
        topic = shown.topic
        try:
            registry.resolve(topic)
        except registry.UnknownTopic:
            # A token of the release before; the page is drawn anew at its next visit.
            logger.warning("token names a topic that is no longer declared")
            return
        language = socket.grant.language
        feed = self.feeds.get(topic, {}).get(language) or self._open(topic, language)
        socket.topics.append(topic)
        rendered_at, wakes_at = socket.grant.rendered_at.timestamp(), shown.wakes_at or NEVER
        feed.arrivals.append(Arrival(socket, shown.version, rendered_at, wakes_at))
        feed.wanted = max(feed.wanted, shown.version)
        self._settle(feed)

    def all_feeds(self) -> list[Feed]:
        return [feed for languages in self.feeds.values() for feed in languages.values()]

    def _open(self, topic: str, language: str) -> Feed:
        feed = self.feeds[topic][language] = Feed(topic, language)
        self._stems[_stem(topic)].add(topic)
        return feed

    def _close(self, feed: Feed) -> None:
        if feed.alarm is not None:
            feed.alarm.cancel()
        del self.feeds[feed.topic][feed.language]
        if self.feeds[feed.topic]:
            return
        del self.feeds[feed.topic]
        stem = _stem(feed.topic)
        self._stems[stem].discard(feed.topic)
        if not self._stems[stem]:
            del self._stems[stem]

    # Changes

    def dirty(self, topic: str, version: int | None = None) -> None:
        """Take note that a topic changed. `slots.<practitioner>.*` names every watched day."""
        if topic.endswith("*"):
            names = self._stems.get(_stem(topic), ())
            for name in [name for name in names if name.startswith(topic[:-1])]:
                self.dirty(name, version)
            return
        for feed in self.feeds.get(topic, {}).values():
            if version is None or version > feed.version:
                feed.wanted = max(feed.wanted, version or 0)
                self.ask(feed)

    def ask(self, feed: Feed) -> None:
        """See to it that a topic is read once from now on, not sooner than its pause allows."""
        if feed.reading:
            feed.again = True
        elif not feed.waiting:
            feed.waiting = True
            pause = feed.not_before - self.loop.time()
            if pause <= 0:
                self._read(feed)
            else:
                self.loop.call_later(pause, self._read, feed)

    def _read(self, feed: Feed) -> None:
        feed.waiting = False
        if self._stopped or feed.abandoned:
            return
        feed.reading, feed.again = True, False
        feed.not_before = self.loop.time() + COALESCE_SECONDS
        self.spawn(self._refresh(feed))

    async def _refresh(self, feed: Feed) -> None:
        job = functools.partial(
            rendering.read,
            feed,
            old=feed.last,
            arrivals=tuple(feed.arrivals),
            now=self.clock(),
        )
        try:
            reading = await self.renderer.run(job)
        except registry.Gone:
            # Pages keep what they show; pressing it is refused. They are told when it is back.
            feed.reading = False
            feed.start_over()
            if feed.again:
                self.ask(feed)
            return
        except Exception:
            logger.exception("a %s topic could not be read", feed.topic.partition(".")[0])
            feed.reading = False
            feed.not_before = self.loop.time() + RETRY_SECONDS
            self.ask(feed)
            return
        feed.reading = False
        before = feed.version
        if reading is not None:
            feed.accept(reading)
            self._set_alarm(feed, reading)
        if feed.version >= feed.wanted:
            feed.short_of = 0
        elif feed.version == before and feed.short_of >= MOST_SHORT_READINGS:
            feed.short_of = 0
            feed.believe()
        else:
            feed.short_of += 1
            feed.again = True
        self._settle(feed)

    def _set_alarm(self, feed: Feed, reading: Reading) -> None:
        """Read again when time alone changes what is shown."""
        if feed.alarm is not None:
            feed.alarm.cancel()
            feed.alarm = None
        if reading.wakes_at < NEVER:
            left = reading.wakes_at - self.clock().timestamp() + AFTER_THE_INSTANT_SECONDS
            feed.alarm = self.loop.call_later(max(left, SHORTEST_SLEEP_SECONDS), self.ask, feed)

    def _settle(self, feed: Feed) -> None:
        """Greet newcomers as far as possible; read again where that is needed."""
        if not feed.reading:
            feed.greet()
        if feed.arrivals or feed.again:
            self.ask(feed)


def _stem(topic: str) -> str:
    return ".".join(topic.split(".", 2)[:2])

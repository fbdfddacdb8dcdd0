"""What a hub does without being asked by a browser: hear the bus, and doubt it.

Every 30 s, and whenever the bus may have missed something, the versions of all watched topics are
compared with the database, so nothing stays stale silently. Once a minute access is asked again.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import logging
import uuid
from collections.abc import Collection

from django.utils import timezone

from clinic.people import carers
from clinic.people import selectors as people_selectors
from clinic.people.viewer import Viewer
from realtime import bus, registry
from realtime.hub import RETRY_SECONDS, Hub
from realtime.sockets import SESSION_OVER, Socket

logger = logging.getLogger(__name__)

RECONCILE_SECONDS = 30
RECHECK_SECONDS = 60


class Keeper:
    """Keeps one hub true to the database."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self._comparing = False
        self._compare_again = False

    def start(self) -> None:
        for work in (
            self._listen,
            self._reconcile_often,
            self._recheck_often,
        ):
            self.hub.spawn(work())

    async def _listen(self) -> None:
        async for event in bus.events():
            match event:
                case bus.Dirty(topic, version):
                    self.hub.dirty(topic, version)
                case bus.Ended(user_id, session):
                    self.hub.end(user_id, session)
                case bus.Gap():
                    self.hub.spawn(self.reconcile())

    async def _reconcile_often(self) -> None:
        while True:
            await asyncio.sleep(RECONCILE_SECONDS)
            await self.reconcile()

    async def reconcile(self) -> None:
        """Compare all watched topics with the database and read what differs."""
        self._compare_again = True
        if self._comparing:
            return
        self._comparing = True
        try:
            while self._compare_again:
                self._compare_again = False
                await self._compare()
        except Exception:
            logger.exception("versions could not be read")
            self.hub.loop.call_later(RETRY_SECONDS, lambda: self.hub.spawn(self.reconcile()))
        finally:
            self._comparing = False

    async def _compare(self) -> None:
        before = {feed: feed.version for feed in self.hub.all_feeds()}
        if not before:
            return
        topics = {feed.topic for feed in before}
        found = await self.hub.renderer.run(lambda: registry.versions(topics))
        for feed, known in before.items():
            version = found[feed.topic]
            if feed.abandoned or version == feed.version:
                continue
            if version is not None and version < known:
                feed.start_over()  # a restored copy: the pages must go back as well
            feed.wanted = max(feed.wanted, version or 0)
            self.hub.ask(feed)

    async def _recheck_often(self) -> None:
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            try:
                await self.recheck()
            except Exception:
                logger.exception("access could not be checked")

    async def recheck(self) -> None:
        """Close the sockets of people who may no longer watch one of their topics."""
        for owner in [owner for owner in self.hub.sockets if isinstance(owner, uuid.UUID)]:
            by_grant: dict[uuid.UUID | None, list[Socket]] = {}
            for socket in self.hub.sockets.get(owner, ()):
                by_grant.setdefault(socket.grant.acting, []).append(socket)
            for acting, sockets in by_grant.items():
                topics = {topic for socket in sockets for topic in socket.topics}
                ask = functools.partial(refused_to, owner, topics, acting, now=timezone.now())
                refused = await self.hub.renderer.run(ask)
                for socket in sockets:
                    if not refused.isdisjoint(socket.topics):
                        socket.close(SESSION_OVER)


def refused_to(
    user_id: uuid.UUID,
    topics: Collection[str],
    acting: uuid.UUID | None = None,
    *,
    now: dt.datetime,
) -> set[str]:
    """Return those of the topics that this person may not watch as things are now.

    `acting` is the grant by which the page was rendered in somebody else's place.
    """
    viewer: Viewer | None = people_selectors.viewer_for(user_id=user_id)
    if viewer is not None and acting is not None:
        viewer = carers.acting_viewer(viewer=viewer, grant_id=acting, now=now)
    if viewer is None or viewer.user_id is None:
        return set(topics)
    return {topic for topic in topics if not registry.may_watch(viewer, topic)}

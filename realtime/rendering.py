"""Reading and rendering for the hub, in threads of its own.

Channels gives all consumers one thread for database work; a slow page would hold every socket up.
These few threads return their connection to the pool after every job, so an idle hub holds none.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

from django.conf import settings
from django.db import close_old_connections, connections
from django.utils import translation

from realtime import registry
from realtime.feeds import Arrival, Feed, Reading, changes_between, whole_of

THREADS = 2

T = TypeVar("T")


class Renderer:
    """A small thread pool that runs jobs with a database connection."""

    def __init__(self, threads: int = THREADS) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="live")

    async def run(self, job: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, _with_connection, job)

    def stop(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def _with_connection(job: Callable[[], T]) -> T:
    close_old_connections()
    try:
        return job()
    finally:
        connections.close_all()


def read(
    feed: Feed, *, old: Reading | None, arrivals: Sequence[Arrival], now: dt.datetime
) -> Reading | None:
    """Read a topic and compare it with what was sent; None if it is older than that.

    The whole is rendered only where a newcomer's page does not show this already. Runs in a thread:
    of the feed only what never changes is used.
    """
    with translation.override(feed.language or settings.LANGUAGE_CODE):
        return _read(feed.topic, old, arrivals, now)


def _read(
    topic: str, old: Reading | None, arrivals: Sequence[Arrival], now: dt.datetime
) -> Reading | None:
    fragment = registry.load(topic, now=now)
    if old is not None and fragment.version < old.fragment.version:
        return None
    changes = changes_between(old.fragment, fragment) if old else None
    reading = Reading(fragment, now.timestamp(), changes)
    if changes is not None and changes.whole:
        return replace(reading, whole=changes)
    if all(arrival.shows(reading) for arrival in arrivals):
        return reading
    return replace(reading, whole=whole_of(fragment))

"""What a live part of a page consists of, rendered without a request and the same for every
watcher.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fragment:
    """One topic's state as HTML pieces by DOM id, in page order.

    `version` was read before the rows, so a label is never ahead of its content. `container`
    renders the element that holds all pieces, sent when the set or order of pieces changes. At
    `wakes_at`
    the passing of time alone changes the content (a hold ends, a start comes too near).
    """

    version: int
    pieces: Mapping[str, str]
    container_id: str | None = None
    container: Callable[[], str] | None = None
    wakes_at: dt.datetime | None = None

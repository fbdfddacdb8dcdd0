"""The kinds of topics: how one is declared, and how a topic is resolved, watched and loaded.


The kinds themselves are declared in `topics`; a kind that is not declared there does not exist.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from clinic.lib.fragments import Fragment
from clinic.people.viewer import Viewer

NAME = re.compile(r"[a-z]{1,16}\.[A-Za-z0-9._-]{1,82}\Z")


class UnknownTopic(LookupError):
    """No such kind is declared, or the key does not have the kind's format."""


Versions = Callable[[Collection[Any]], Mapping[Any, int]]


class Gone(LookupError):
    """What the topic shows is there no more: no longer offered, or no longer to be seen."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of topic is: its key, who may watch it, how it is read."""

    name: str
    parse: Callable[[str], Any]
    audience: Callable[[Viewer, Any], bool]
    load: Callable[[Any, dt.datetime], Fragment]
    # One query for many keys; without it the topic is simply read again.
    versions: Versions | None = None


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Declare a kind of topic."""
    if kind.name in _kinds:
        raise ValueError(f"topic kind {kind.name} is declared twice")
    _kinds[kind.name] = kind
    return kind


def unregister(name: str) -> None:
    """Take a kind back (a test's own kind)."""
    _kinds.pop(name, None)


def kinds() -> tuple[Kind, ...]:
    """Return every declared kind."""
    return tuple(_kinds.values())


def resolve(topic: str) -> tuple[Kind, Any]:
    """Return the kind and the parsed key of a topic; raise UnknownTopic."""
    if not NAME.match(topic):
        raise UnknownTopic(topic)
    name, _, key = topic.partition(".")
    kind = _kinds.get(name)
    if kind is None:
        raise UnknownTopic(topic)
    try:
        return kind, kind.parse(key)
    except ValueError as error:
        raise UnknownTopic(topic) from error


def may_watch(viewer: Viewer, topic: str) -> bool:
    """Say whether this person may receive this topic; an unknown topic is for nobody."""
    try:
        kind, key = resolve(topic)
    except UnknownTopic:
        return False
    return kind.audience(viewer, key)


def load(topic: str, *, now: dt.datetime) -> Fragment:
    """Read and render a topic."""
    kind, key = resolve(topic)
    return kind.load(key, now)


def versions(topics: Iterable[str]) -> dict[str, int | None]:
    """Return the database's version of each topic, one query a source; None where there is none."""
    found: dict[str, int | None] = {}
    asked: dict[Versions, dict[str, Any]] = {}
    for topic in topics:
        kind, key = resolve(topic)
        found[topic] = None
        if kind.versions is not None:
            asked.setdefault(kind.versions, {})[topic] = key
    for source, keys in asked.items():
        answers = source(frozenset(keys.values()))
        found.update({topic: answers.get(key, 0) for topic, key in keys.items()})
    return found

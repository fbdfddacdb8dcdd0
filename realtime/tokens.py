"""The stream token: which topics one page may watch, signed for one session and for a short time.

The page that is rendered carries it; the socket believes it without asking the database. It holds
ids and versions, and a hash of the session key, never the key.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.core import signing
from django.utils.translation import get_language

from clinic.people.viewer import Viewer
from realtime import registry
from realtime.sockets import NO_ACCESS, SESSION_OVER

SALT = "realtime.stream"
LIFETIME = dt.timedelta(minutes=15)
# How long after its rendering a page may still ask for a new token (the longest session).
RENEWABLE = dt.timedelta(hours=12)
# Two machines' clocks: one issues, the other reads.
CLOCKS_DIFFER = dt.timedelta(seconds=30)
MOST_TOPICS = 60


class Refused(Exception):
    """The token is not good for this socket; `code` is the close code that says why."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class TopicRefused(Exception):
    """A page asked for a topic that its reader may not watch."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows of a topic: the version, and when time alone would change it (epoch s)."""

    topic: str
    version: int
    wakes_at: float | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token says: the topics with the version the page shows, for whom, since when.

    `rendered_at` and `language` are the page's own; renewing moves `issued_at` alone.
    """

    topics: tuple[Shown, ...]
    user_id: uuid.UUID | None
    session: str
    language: str
    nonce: str
    issued_at: dt.datetime
    rendered_at: dt.datetime
    # By which grant the reader acted for somebody else, if they did.
    acting: uuid.UUID | None = None

    @property
    def expires_at(self) -> dt.datetime:
        return self.issued_at + LIFETIME


def session_mark(session_key: str | None) -> str:
    """Return what a token remembers of a session: a hash that leads nowhere."""
    if not session_key:
        return ""
    return hashlib.sha256(b"realtime.session" + session_key.encode()).hexdigest()[:32]


def issue(
    *,
    viewer: Viewer,
    session_key: str | None,
    topics: Iterable[Shown],
    now: dt.datetime,
) -> str:
    """Return a token for these topics; raise TopicRefused if one of them is not for this viewer.

    A visitor's token for topics that are anyone's is not tied to a session: there need be none.
    """
    nonce = secrets.token_urlsafe(9)
    return _sign(
        tuple(topics),
        viewer,
        session_key,
        nonce,
        issued_at=now,
        rendered_at=now,
        acting=_acting(viewer),
    )


def renew(grant: Grant, *, viewer: Viewer, session_key: str | None, now: dt.datetime) -> str:
    """Return a new token for a page, if its reader may still watch it; raise TopicRefused.

    A page that was rendered while acting for somebody does not outlive that.
    """
    if grant.acting is not None and grant.acting != _acting(viewer):
        raise TopicRefused("rendered while acting for somebody else")
    return _sign(
        grant.topics,
        viewer,
        session_key,
        grant.nonce,
        issued_at=now,
        rendered_at=grant.rendered_at,
        acting=grant.acting,
    )


def _acting(viewer: Viewer) -> uuid.UUID | None:
    return viewer.proxy.grant_id if viewer.proxy else None


def _sign(
    topics: tuple[Shown, ...],
    viewer: Viewer,
    session_key: str | None,
    nonce: str,
    *,
    issued_at: dt.datetime,
    rendered_at: dt.datetime,
    acting: uuid.UUID | None,
) -> str:
    if len(topics) > MOST_TOPICS:
        raise TopicRefused(f"{len(topics)} topics on one page")
    for shown in topics:
        if not registry.may_watch(viewer, shown.topic):
            raise TopicRefused(shown.topic)
    return signing.dumps(
        {
            "t": [[shown.topic, shown.version, shown.wakes_at] for shown in topics],
            "u": viewer.user_id.hex if viewer.user_id else "",
            "s": session_mark(session_key) if viewer.user_id else "",
            "l": get_language() or "",
            "n": nonce,
            "i": issued_at.timestamp(),
            "r": rendered_at.timestamp(),
            "p": acting.hex if acting else "",
        },
        salt=SALT,
        compress=True,
    )


def read(
    token: str, *, session_key: str | None, now: dt.datetime, lifetime: dt.timedelta = LIFETIME
) -> Grant:
    """Return what the token grants to this session; raise Refused. Asks no database."""
    grant = _unpack(token)
    if now >= grant.issued_at + lifetime or now < grant.issued_at - CLOCKS_DIFFER:
        raise Refused(SESSION_OVER)
    if grant.session and not secrets.compare_digest(grant.session, session_mark(session_key)):
        raise Refused(SESSION_OVER)
    return grant


def _unpack(token: str) -> Grant:
    try:
        data = signing.loads(token, salt=SALT)
        return Grant(
            topics=tuple(Shown(*shown) for shown in data["t"]),
            user_id=uuid.UUID(hex=data["u"]) if data["u"] else None,
            session=data["s"],
            language=data["l"],
            nonce=data["n"],
            issued_at=dt.datetime.fromtimestamp(data["i"], dt.UTC),
            rendered_at=dt.datetime.fromtimestamp(data["r"], dt.UTC),
            acting=uuid.UUID(hex=data["p"]) if data["p"] else None,
        )
    except (signing.BadSignature, KeyError, ValueError, TypeError):
        raise Refused(NO_ACCESS) from None

"""What stands before the applications (SECURITY: Daphne-Root-Path, cross-site sockets)."""

import asyncio
from typing import Any

import pytest
from asgiref.typing import Scope
from channels.testing import ApplicationCommunicator, WebsocketCommunicator
from pytest_django.fixtures import Settings

from config.gates import in_turn, origin_gate, without_root_path


async def test_root_path_of_the_client_is_dropped() -> None:
    seen: list[Scope] = []

    async def application(scope: Scope, receive: Any, send: Any) -> None:
        seen.append(scope)

    scope = {"type": "http", "path": "/pub/accounts/login/", "root_path": "/pub"}
    await ApplicationCommunicator(without_root_path(application), scope).wait()

    assert seen[0]["root_path"] == ""  # type: ignore[typeddict-item]
    assert seen[0]["path"] == "/pub/accounts/login/"  # type: ignore[typeddict-item]


async def accept(scope: Scope, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await receive()


async def is_accepted(origin: str | None, *, host: str = "portal.betony.test") -> bool:
    headers = [(b"host", host.encode())]
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    communicator = WebsocketCommunicator(origin_gate(accept), "/ws/", headers=headers)
    connected, _ = await communicator.connect()
    await communicator.disconnect()
    return connected


@pytest.mark.parametrize(
    ("origin", "accepted"),
    [
        ("https://portal.betony.test", True),
        ("https://portal.betony.test:443", True),
        ("http://portal.betony.test", False),
        ("https://portal.betony.test:8443", False),
        ("https://evil.example", False),
        ("https://portal.betony.test.evil.example", False),
        ("null", False),
        (None, False),
    ],
)
async def test_only_the_site_itself_opens_sockets(
    settings: Settings, origin: str | None, accepted: bool
) -> None:
    settings.SITE_URL = "https://portal.betony.test"
    settings.DEBUG = False

    assert await is_accepted(origin) is accepted


@pytest.mark.parametrize(
    ("host", "accepted"),
    [("localhost:8000", True), ("[::1]:8000", True), ("rebound.example:8000", False)],
)
async def test_debug_adds_the_host_the_page_was_asked_for(
    settings: Settings, host: str, accepted: bool
) -> None:
    settings.DEBUG = True
    settings.ALLOWED_HOSTS = ["localhost", "[::1]"]

    assert await is_accepted(f"http://{host}", host=host) is accepted


async def test_a_crowd_is_served_in_turn() -> None:
    """A request has a thread and a connection; more at once than there are would be refused."""
    working, most, served = 0, 0, []

    async def application(scope: Scope, receive: Any, send: Any) -> None:
        nonlocal working, most
        working += 1
        most = max(most, working)
        await asyncio.sleep(0)
        working -= 1
        served.append(scope)

    gate = in_turn(application, most=3)
    await asyncio.gather(*(gate(number, None, None) for number in range(20)))

    assert served == list(range(20))
    assert most == 3

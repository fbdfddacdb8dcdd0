"""What stands before the applications: nothing of the request's own headers moves these gates."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import OriginValidator
from django.conf import settings
from django.http.request import validate_host

Scope = MutableMapping[str, Any]
Application = Callable[..., Awaitable[Any]]


def without_root_path(application: Application) -> Application:
    """Return `application` with `root_path` always empty.

    Daphne fills it from the client's Daphne-Root-Path header, which would shift every URL the
    product resolves away from the one that the proxy's rules saw.
    """

    async def gate(scope: Scope, receive: Any, send: Any) -> Any:
        return await application({**scope, "root_path": ""}, receive, send)

    return gate


def in_turn(application: Application, *, most: int) -> Application:
    """Return `application` with at most so many requests at work; the others wait in order.

    Each request at work has a thread and a connection to the database. When a crowd presses one
    button, more of them would only take turns at the interpreter, and whoever waits for a
    connection of the pool is turned away after its time limit.
    """
    turns = asyncio.Semaphore(most)

    async def gate(scope: Scope, receive: Any, send: Any) -> Any:
        async with turns:
            return await application(scope, receive, send)

    return gate


def origin_gate(application: Application) -> Application:
    """Return `application` for WebSockets opened by a page of SITE_URL only.

    Scheme, host and port must be equal: AllowedHostsOriginValidator would take any port and plain
    HTTP. In DEBUG the host that the page was asked for counts as well, if ALLOWED_HOSTS has it.
    """

    async def gate(scope: Scope, receive: Any, send: Any) -> Any:
        origins = [settings.SITE_URL]
        if settings.DEBUG and (own := _requested_origin(scope)):
            origins.append(own)
        return await OriginValidator(application, origins)(scope, receive, send)

    return gate


def _requested_origin(scope: Scope) -> str | None:
    host = next(
        (value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), ""
    )
    name = urlsplit(f"//{host}").hostname or ""
    if ":" in name:
        name = f"[{name}]"
    return f"http://{host}" if validate_host(name, settings.ALLOWED_HOSTS) else None

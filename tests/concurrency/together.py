"""Doing things at the same moment: in threads with a connection each, or over HTTP."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import connection, connections

from tests.factories.crowd import Member

SECRET = "csrfsecretofthecrowdcsrfsecretof"  # noqa: S105
SECONDS = 60


def together(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Begin every call at one moment, each with its own connection; return answers or errors."""
    start = threading.Barrier(len(calls), timeout=SECONDS)

    def run(call: Callable[[], Any]) -> Any:
        try:
            # Connected before the start, so that none is late for want of a connection.
            connection.ensure_connection()
            start.wait()
            return call()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def only(kind: type, outcomes: Sequence[Any]) -> list[Any]:
    return [outcome for outcome in outcomes if isinstance(outcome, kind)]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: str


def post_together(
    port: int, path: str, forms: Sequence[tuple[Member, Mapping[str, Any]]]
) -> list[Answer]:
    """Post every form at one moment: all connections are open before the first byte is sent."""
    return asyncio.run(_post_together(port, path, forms))


async def _post_together(
    port: int, path: str, forms: Sequence[tuple[Member, Mapping[str, Any]]]
) -> list[Answer]:
    opened = await asyncio.gather(
        *(asyncio.open_connection("127.0.0.1", port, limit=2**20) for _ in forms)
    )
    for (_, writer), (member, form) in zip(opened, forms, strict=True):
        writer.write(_request(path, member, form))
    return list(await asyncio.gather(*(_answer(*streams) for streams in opened)))


def _request(path: str, member: Member, form: Mapping[str, Any]) -> bytes:
    body = urlencode(form)
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Cookie: sid={member.session}; csrf={SECRET}\r\nX-CSRFToken: {SECRET}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        f"\r\n{body}"
    ).encode()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Answer:
    async with asyncio.timeout(SECONDS):
        whole = (await reader.read()).decode()
        while chunk := await reader.read():
            whole += chunk.decode()
    writer.close()
    head, _, body = whole.partition("\r\n\r\n")
    return Answer(int(head.split(" ", 2)[1]), body)

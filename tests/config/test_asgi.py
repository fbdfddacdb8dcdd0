"""Requests through the whole ASGI application, as the server hands them over."""

from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator

from config.asgi import application


async def ask(path: str, *, method: str = "GET", root_path: str = "") -> dict[str, Any]:
    communicator = ApplicationCommunicator(
        application,
        {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "path": path,
            "root_path": root_path,
            "query_string": b"",
            "headers": [(b"host", b"testserver")],
        },
    )
    await communicator.send_input({"type": "http.request", "body": b""})
    start: dict[str, Any] = await communicator.receive_output(timeout=30)
    body = await communicator.receive_output(timeout=30)
    await communicator.wait()
    return {"status": start["status"], "headers": dict(start["headers"]), "body": body["body"]}


async def test_a_request_passes_the_whole_chain() -> None:
    answer = await ask("/healthz")

    assert answer["status"] == 200
    assert answer["body"] == b'{"status": "ok"}'
    assert b"default-src 'none'" in answer["headers"][b"Content-Security-Policy"]


async def test_a_post_without_a_token_is_refused() -> None:
    assert (await ask("/healthz", method="POST"))["status"] == 403


@pytest.mark.django_db(transaction=True)
async def test_a_root_path_of_the_client_moves_no_address() -> None:
    """SECURITY finding 3: it would walk around every path rule of the proxy."""
    assert (await ask("/pub/healthz", root_path="/pub"))["status"] == 404
    assert (await ask("/healthz", root_path="/pub"))["status"] == 200

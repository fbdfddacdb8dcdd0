"""A slow reader: only the newest of each piece waits, and it is sent in an order that is right."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from realtime.frames import Frame
from realtime.sockets import AsgiSink, Socket
from realtime.tokens import Grant


class SlowSink:
    """Takes one frame, then none until it is emptied."""

    def __init__(self) -> None:
        self.on_drain: Callable[[], None] | None = None
        self.taken: list[Frame] = []
        self.keeps_up = False
        self.code: int | None = None

    def offer(self, frame: Frame) -> bool:
        self.taken.append(frame)
        return self.keeps_up

    def close(self, code: int) -> None:
        self.code = code

    def empty(self) -> None:
        assert self.on_drain is not None
        self.on_drain()


def slow_socket() -> tuple[Socket, SlowSink]:
    sink = SlowSink()
    grant: Any = Grant((), None, "", "", "nonce", None, None)  # type: ignore[arg-type]
    return Socket(sink, grant), sink


def test_slow_reader_gets_only_the_newest_of_each_piece() -> None:
    socket, sink = slow_socket()
    socket.send("t", Frame({"a": "0"}))
    for version in range(1, 1000):
        socket.send("t", Frame({"a": str(version), "b": "b"}))

    assert socket.backlog == {"t": {"a": "999", "b": "b"}}
    sink.empty()

    assert [dict(frame.pieces) for frame in sink.taken] == [{"a": "0"}, {"a": "999", "b": "b"}]


def test_container_replaces_the_pieces_that_wait() -> None:
    socket, sink = slow_socket()
    socket.send("t", Frame({"a": "0"}))
    socket.send("t", Frame({"a": "1"}))
    socket.send("t", Frame({"all": "<div>2</div>"}, whole=True))
    socket.send("t", Frame({"a": "3"}))

    sink.empty()

    assert list(sink.taken[-1].pieces.items()) == [("all", "<div>2</div>"), ("a", "3")]


def test_topics_wait_beside_each_other() -> None:
    socket, sink = slow_socket()
    socket.send("t", Frame({"a": "0"}))
    socket.send("t", Frame({"a": "1"}))
    socket.send("u", Frame({"all": "u"}, whole=True))

    sink.empty()

    assert dict(sink.taken[-1].pieces) == {"a": "1", "all": "u"}


def test_reader_that_keeps_up_again_is_written_to_at_once() -> None:
    socket, sink = slow_socket()
    socket.send("t", Frame({"a": "0"}))
    sink.keeps_up = True
    sink.empty()

    socket.send("t", Frame({"a": "1"}))

    assert [dict(frame.pieces) for frame in sink.taken] == [{"a": "0"}, {"a": "1"}]


def test_closed_socket_is_not_written_to_and_closed_once() -> None:
    socket, sink = slow_socket()
    socket.send("t", Frame({"a": "0"}))
    socket.send("t", Frame({"a": "1"}))
    socket.close(4401)
    socket.close(4403)

    sink.empty()

    assert sink.code == 4401
    assert len(sink.taken) == 1


async def test_any_asgi_server_costs_no_task_while_it_does_not_wait() -> None:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    before = len(asyncio.all_tasks())

    assert AsgiSink(send).offer(Frame({"a": "1"}))
    assert len(asyncio.all_tasks()) == before
    assert sent[0]["type"] == "websocket.send"


async def test_asgi_server_that_waits_is_offered_no_more_until_drained() -> None:
    sent: list[dict[str, Any]] = []
    writable = asyncio.Event()

    async def send(message: dict[str, Any]) -> None:
        await writable.wait()
        sent.append(message)

    grant: Any = Grant((), None, "", "", "nonce", None, None)  # type: ignore[arg-type]
    socket = Socket(AsgiSink(send), grant)
    for version in range(5):
        socket.send("t", Frame({"a": str(version)}))

    writable.set()
    while len(sent) < 2:
        await asyncio.sleep(0)

    assert [">0<" in sent[0]["text"], ">4<" in sent[1]["text"]] == [True, True]


async def test_peer_that_is_gone_does_not_disturb_the_others() -> None:
    async def send(message: dict[str, Any]) -> None:
        raise OSError("gone")

    async def send_later(message: dict[str, Any]) -> None:
        await asyncio.sleep(0)
        raise OSError("gone")

    assert AsgiSink(send).offer(Frame({"a": "1"}))
    sink = AsgiSink(send_later)
    assert not sink.offer(Frame({"a": "1"}))
    with contextlib.suppress(OSError):
        assert sink._waiting is not None
        await sink._waiting

"""Load generator of the fan-out benchmark: N sockets, M events, one JSON object on stdout.

Reads its order as JSON from stdin: {"paths": [...], "port", "events", "rate", "pid", "storm"}. An
event is a number sent to /pub; a frame counts for the event whose number it carries. Times are in
ms.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import re
import statistics
import sys
import time
from typing import Any

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

SEQ = re.compile(rb'data-seq="(\d+)"')
WARM_UP = 3
EVENT_SECONDS = 20
AT_ONCE = 100


def cpu_ns(pid: int) -> int:
    """Return the CPU time of another process from the kernel's own clock (no 10 ms ticks)."""
    return time.clock_gettime_ns((~pid << 3) | 2)


def memory_kb(pid: int) -> int:
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1])  # type: ignore[index]


class Board:
    """Where every received frame is noted."""

    def __init__(self) -> None:
        self.expected = 0
        self.seq = -1
        self.count = 0
        self.last = 0
        self.complete: asyncio.Event = asyncio.Event()

    def open(self, seq: int) -> None:
        self.seq, self.count = seq, 0
        self.complete.clear()

    def note(self, seq: int) -> None:
        if seq == self.seq:
            self.count += 1
            if self.count == self.expected:
                self.last = time.perf_counter_ns()
                self.complete.set()


class Watcher(WSListener):
    def __init__(self, board: Board) -> None:
        super().__init__()
        self.board = board

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.PING:
            transport.send_pong(frame.get_payload_as_bytes())
        elif frame.msg_type == WSMsgType.CLOSE:
            transport.disconnect()
        elif found := SEQ.search(frame.get_payload_as_bytes(), 0, 300):
            self.board.note(int(found[1]))


class Quiet(WSListener):
    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        pass


async def connect(order: dict[str, Any], board: Board) -> tuple[list[WSTransport], float]:
    """Open every socket, a hundred at a time or (a storm) all at once."""
    waiting = iter(order["paths"])
    opened: list[WSTransport] = []

    async def worker() -> None:
        for path in waiting:
            for _ in range(3):
                with contextlib.suppress(Exception):
                    transport, listener = await ws_connect(
                        lambda: Watcher(board),
                        f"ws://127.0.0.1:{order['port']}{path}",
                        websocket_handshake_timeout=60,
                        logger_name=None,
                    )
                    if listener is not None:
                        opened.append(transport)
                        break

    begin = time.perf_counter()
    at_once = len(order["paths"]) if order.get("storm") else AT_ONCE
    await asyncio.gather(*(worker() for _ in range(at_once)))
    return opened, time.perf_counter() - begin


async def main() -> None:
    order = json.loads(sys.stdin.read())
    board, pid = Board(), order["pid"]
    memory = memory_kb(pid)
    opened, connect_s = await connect(order, board)
    board.expected = len(opened)
    await asyncio.sleep(0.5)
    memory = memory_kb(pid) - memory
    publisher, _ = await ws_connect(Quiet, f"ws://127.0.0.1:{order['port']}/pub")
    gc.collect()
    gc.freeze()
    gc.disable()
    base, missed = order.get("first", 0), 0
    taken: list[float] = []
    used = 0
    for event in range(WARM_UP + order["events"]):
        seq = base + event + 1
        if event == WARM_UP:
            used = cpu_ns(pid)
            taken.clear()
        board.open(seq)
        begin = time.perf_counter_ns()
        message = f'{{"seq": {seq}, "mark": "data-seq=\\"{seq}\\""}}'
        if order.get("raw"):
            message = f'<div id="piece" data-seq="{seq}">'
        publisher.send(WSMsgType.TEXT, message.encode())
        try:
            await asyncio.wait_for(board.complete.wait(), EVENT_SECONDS)
            taken.append((board.last - begin) / 1e6)
        except TimeoutError:
            missed += board.expected - board.count
        await asyncio.sleep(max(0.0, 1 / order["rate"] - (time.perf_counter_ns() - begin) / 1e9))
    used = cpu_ns(pid) - used
    deliveries = max(1, len(taken) * board.expected)
    result = {
        "connected": len(opened),
        "connect_s": connect_s,
        "last_ms": statistics.median(taken) if taken else float("nan"),
        "last_p99_ms": sorted(taken)[int(len(taken) * 0.99)] if taken else float("nan"),
        "cpu_us": used / 1e3 / deliveries,
        "memory_kb": memory / max(1, len(opened)),
        "missed": missed,
    }
    print(json.dumps(result))  # noqa: T201
    for transport in opened:
        transport.disconnect()


if __name__ == "__main__":
    uvloop.run(main())

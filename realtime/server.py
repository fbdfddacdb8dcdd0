"""The server: daphne with the WebSocket protocol of `protocol`, so that the hub writes directly.

`python -m realtime.server --host 127.0.0.1 --port 8000`. Stock daphne serves the same application;
there the hub writes through ASGI's `send`, which costs several times the CPU and lets the buffer of
a reader that has stopped grow. Besides the protocol, only the way to stop is ours: every page is
told to come back (1012), and connections without an application no longer break it.
"""

from __future__ import annotations

# First, because it installs Twisted's asyncio reactor.
from daphne.server import Server  # isort:skip

import argparse
import asyncio
import gc
import os
import sys
from collections.abc import Callable
from typing import Any

from daphne.endpoints import build_endpoint_description_strings
from daphne.utils import import_by_path
from daphne.ws_protocol import WebSocketFactory
from twisted.internet import defer

from realtime.protocol import LiveProtocol
from realtime.sockets import DIRECT, GOING_AWAY

LARGEST_MESSAGE = 16 * 1024
HANDSHAKE_SECONDS = 60
LONGEST_SOCKET_SECONDS = 12 * 60 * 60
HTTP_SECONDS = 60
FAREWELL_SECONDS = 0.5
BACKLOG = 4096


class LiveServer(Server):  # type: ignore[misc]
    """daphne's server with the protocol above and an end that tells every page to come back."""

    @property
    def ws_factory(self) -> WebSocketFactory:
        return self._ws_factory

    @ws_factory.setter
    def ws_factory(self, factory: WebSocketFactory) -> None:
        # daphne makes the factory in the middle of `run`; only what it builds is exchanged.
        factory.protocol = LiveProtocol
        self._ws_factory = factory

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        if isinstance(protocol, LiveProtocol):
            scope["extensions"] = {DIRECT: protocol}
        return super().create_application(protocol, scope)

    def kill_all_applications(self) -> defer.Deferred[None]:
        """Called before the reactor stops; it waits for the answer."""
        return defer.Deferred.fromFuture(asyncio.ensure_future(self.farewell()))

    async def farewell(self) -> None:
        # Not at the top: the hub needs Django set up, which loading the application does.
        from realtime.hubs import stop_hub

        await stop_hub()
        for protocol in list(self.connections):
            if isinstance(protocol, LiveProtocol):
                protocol.close(GOING_AWAY)
        await asyncio.sleep(FAREWELL_SECONDS)
        running = [
            details["application_instance"]
            for details in self.connections.values()
            if "application_instance" in details
        ]
        for application in running:
            application.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def quiet_the_collector() -> None:
    """Keep what was loaded out of every collection: each would cost 100 ms."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def serve(application: Any, endpoints: list[str], *, ready: Callable[[], object]) -> None:
    """Serve until SIGTERM or SIGINT."""
    quiet_the_collector()
    LiveServer(
        application=application,
        endpoints=endpoints,
        http_timeout=HTTP_SECONDS,
        websocket_timeout=LONGEST_SOCKET_SECONDS,
        websocket_connect_timeout=HANDSHAKE_SECONDS,
        websocket_handshake_timeout=HANDSHAKE_SECONDS,
        websocket_max_message_size=LARGEST_MESSAGE,
        websocket_max_frame_size=LARGEST_MESSAGE,
        server_name="",
        ready_callable=ready,
    ).run()


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m realtime.server", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--unix-socket", help="listen on this path instead of host and port")
    parser.add_argument("--application", default="config.asgi:application")
    options = parser.parse_args(arguments)
    sys.path.insert(0, os.getcwd())
    application = import_by_path(options.application)
    endpoints = build_endpoint_description_strings(
        host=None if options.unix_socket else options.host,
        port=None if options.unix_socket else options.port,
        unix_socket=options.unix_socket,
    )
    # Twisted listens with a backlog of 50; a clinic's pages come back all at once after a restart.
    endpoints = [
        f"{endpoint}:backlog={BACKLOG}" if endpoint.startswith("tcp:") else endpoint
        for endpoint in endpoints
    ]
    where = options.unix_socket or f"http://{options.host}:{options.port}"
    serve(application, endpoints, ready=lambda: sys.stdout.write(f"serving on {where}\n"))


if __name__ == "__main__":
    main()

"""The hub of the running event loop, made and started when the first page connects."""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary

from realtime.hub import Hub
from realtime.keeper import Keeper

_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub_of_this_loop() -> Hub:
    """Return this loop's hub, started."""
    loop = asyncio.get_running_loop()
    hub = _hubs.get(loop)
    if hub is None:
        hub = _hubs[loop] = Hub()
        Keeper(hub).start()
    return hub


async def stop_hub() -> None:
    """Stop this loop's hub, if there is one: every page is told to come back."""
    hub = _hubs.pop(asyncio.get_running_loop(), None)
    if hub is not None:
        await hub.stop()

"""A server process with topics whose truth is a file: what `tests/realtime/servers.py` starts.

`file.<name>` shows the pieces p0 to p4, each with the version at which it last changed; `size` pads
them. Writing the file is the commit; announcing it is the test's business.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Collection
from pathlib import Path
from typing import Any

import django

django.setup()

from channels.routing import URLRouter  # noqa: E402

from clinic.lib.fragments import Fragment  # noqa: E402
from realtime import keeper, registry  # noqa: E402
from realtime.routing import websocket_urlpatterns  # noqa: E402

TRUTH = Path(os.environ["TRUTH_FILE"])

# What is repaired here, is repaired because the gap was noticed.
keeper.RECONCILE_SECONDS = 3600


def read() -> dict[str, Any]:
    return dict(json.loads(TRUTH.read_text()))


def load(key: str, now: dt.datetime) -> Fragment:
    truth = read()
    padding = "x" * truth.get("size", 0)
    pieces = {
        name: f'<p id="{name}" data-version="{version}">{padding}</p>'
        for name, version in truth["pieces"].items()
    }
    return Fragment(
        truth["version"],
        pieces,
        container_id="all",
        container=lambda: f'<div id="all">{"".join(pieces.values())}</div>',
    )


def versions(keys: Collection[str]) -> dict[str, int]:
    return dict.fromkeys(keys, read()["version"])


registry.register(registry.Kind("file", str, lambda viewer, key: True, load, versions))
application = URLRouter(websocket_urlpatterns)

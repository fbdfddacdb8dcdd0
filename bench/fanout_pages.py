"""Print the socket paths of N visitors' pages as JSON, each with a token of its own."""

from __future__ import annotations

import json
import sys

from django.utils import timezone

from bench import fanout_hub_app
from clinic.people.viewer import VISITOR
from realtime import tokens
from realtime.routing import socket_path


def main() -> None:
    shown = [tokens.Shown(fanout_hub_app.TOPIC, 0)]
    now = timezone.now()
    pages = [
        socket_path(tokens.issue(viewer=VISITOR, session_key=None, topics=shown, now=now))
        for _ in range(int(sys.argv[1]))
    ]
    sys.stdout.write(json.dumps(pages))


if __name__ == "__main__":
    main()

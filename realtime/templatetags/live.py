"""`{% live_address live %}`: where a page's socket connects, and for which topics."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils import timezone

from clinic.lib.fragments import Fragment
from realtime import tokens
from realtime.routing import socket_path

register = template.Library()


@register.simple_tag(takes_context=True)
def live_address(context: dict[str, Any], live: Iterable[tuple[str, Fragment]]) -> str:
    """Return the socket's path for `(topic, fragment shown)` pairs, signed for this session."""
    request = context["request"]
    token = tokens.issue(
        viewer=request.viewer,
        session_key=request.session.session_key,
        topics=[shown(topic, fragment) for topic, fragment in live],
        now=timezone.now(),
    )
    return socket_path(token)


def shown(topic: str, fragment: Fragment) -> tokens.Shown:
    wakes_at = fragment.wakes_at
    return tokens.Shown(topic, fragment.version, wakes_at.timestamp() if wakes_at else None)

"""`{% live_address topics %}`: where a page's socket connects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils import timezone

from realtime import tokens
from realtime.routing import socket_path

register = template.Library()


@register.simple_tag(takes_context=True)
def live_address(context: dict[str, Any], topics: Iterable[tuple[str, int]]) -> str:
    """Return the socket's path for `(topic, version shown)` pairs, signed for this session."""
    request = context["request"]
    token = tokens.issue(
        viewer=request.viewer,
        session_key=request.session.session_key,
        topics=topics,
        now=timezone.now(),
    )
    return socket_path(token)

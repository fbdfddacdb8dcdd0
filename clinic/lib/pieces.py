"""Render a piece of a page that is also pushed: on one line, since it travels to every watcher."""

import re
from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string

_BETWEEN_TAGS = re.compile(r">\s+<")
_SPACE = re.compile(r"\s+")


def render_piece(template: str, context: Mapping[str, Any]) -> str:
    """Return the template's output without white space between tags, and with single spaces.

    A piece holds nothing in which white space counts: no `pre`, no `textarea`, no two words that
    only a line break parts.
    """
    html = _BETWEEN_TAGS.sub("><", render_to_string(template, dict(context)))
    return _SPACE.sub(" ", html).strip()

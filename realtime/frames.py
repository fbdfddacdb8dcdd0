"""What travels to a browser: changed pieces as `<hx-partial>` elements in one prepared frame.


A frame is built once for all watchers of a topic. Nothing here knows sockets, topics or versions.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

# A dom id ends up in `hx-target="#id"`, so it must be a plain CSS identifier.
DOM_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,127}\Z")

FINAL_TEXT = 0x81  # RFC 6455 5.2: FIN set, opcode 1
SHORT, MEDIUM = 126, 65536


class UnfitPiece(ValueError):
    """No target for such an id: the browser would replace the connecting element instead."""


def partial(dom_id: str, html: str) -> str:
    """Return the element that morphs `html` over the element with this id."""
    if not DOM_ID.match(dom_id):
        raise UnfitPiece(dom_id)
    return f'<hx-partial hx-target="#{dom_id}" hx-swap="outerMorph">{html}</hx-partial>'


def header(length: int) -> bytes:
    """Return the header of an unmasked, unfragmented text frame."""
    if length < SHORT:
        return struct.pack("!BB", FINAL_TEXT, length)
    if length < MEDIUM:
        return struct.pack("!BBH", FINAL_TEXT, SHORT, length)
    return struct.pack("!BBQ", FINAL_TEXT, SHORT + 1, length)


def text_frame(payload: bytes) -> bytes:
    """Return a complete text frame around UTF-8 text."""
    return header(len(payload)) + payload


@dataclass(frozen=True, slots=True)
class Prepared:
    """Bytes as they go over the wire."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Frame:
    """One message to the browser, ready for the wire (`data`) and for an ASGI server (`text`)."""

    pieces: Mapping[str, str]
    # A whole frame carries a topic's container and so replaces every earlier piece of that topic.
    whole: bool = False
    text: str = field(init=False, repr=False)
    data: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        text = "".join(partial(dom_id, html) for dom_id, html in self.pieces.items())
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "data", text_frame(text.encode()))

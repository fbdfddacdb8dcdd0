"""Send content piece by piece.

Under ASGI Django collects a plain iterator whole before it sends the first byte; an asynchronous
one is sent as it comes. Pieces are drawn in a thread, because they read files and the database.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse


class DownloadResponse(StreamingHttpResponse):
    """A file to be kept: never shown by the browser, never stored on the way."""

    def __init__(
        self, request: HttpRequest, pieces: Iterator[bytes], *, file_name: str, content_type: str
    ) -> None:
        is_async = isinstance(request, ASGIRequest)
        super().__init__(in_pieces(pieces) if is_async else pieces, content_type=content_type)
        self["Content-Disposition"] = f'attachment; filename="{file_name}"'
        self["X-Content-Type-Options"] = "nosniff"
        self["Cache-Control"] = "no-store"


async def in_pieces(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Draw each piece in a thread; close the source when the reader goes away."""
    draw = sync_to_async(lambda: next(pieces, None))
    try:
        while (piece := await draw()) is not None:
            yield piece
    finally:
        await sync_to_async(_close)(pieces)


def _close(pieces: Any) -> None:
    with suppress(AttributeError):
        pieces.close()

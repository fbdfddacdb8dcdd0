"""A download comes piece by piece under both kinds of servers, and its source is closed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import aclosing

import pytest
from django.test import AsyncRequestFactory, RequestFactory

from clinic.lib.streaming import DownloadResponse, in_pieces


class Source:
    """Gives three pieces and notes what happens to it."""

    def __init__(self) -> None:
        self.given = 0
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self.given == 3:
            raise StopIteration
        self.given += 1
        return b"%d" % self.given

    def close(self) -> None:
        self.closed = True


def response_to(request, source):
    return DownloadResponse(request, source, file_name="a.zip", content_type="application/zip")


async def test_pieces_are_drawn_one_by_one_under_asgi():
    source = Source()
    response = response_to(AsyncRequestFactory().get("/"), source)

    async with aclosing(response._iterator) as pieces:
        first = await anext(pieces)

    assert response.is_async
    assert (first, source.given) == (b"1", 1)


async def test_source_is_closed_at_the_end_and_when_the_reader_leaves():
    whole, left = Source(), Source()

    got = [piece async for piece in in_pieces(whole)]
    pieces = in_pieces(left)
    await anext(pieces)
    await pieces.aclose()

    assert got == [b"1", b"2", b"3"]
    assert (whole.closed, left.closed) == (True, True)


async def test_source_that_cannot_be_closed_is_left_alone():
    assert [piece async for piece in in_pieces(iter([b"a"]))] == [b"a"]


@pytest.mark.parametrize("header", ["Cache-Control", "X-Content-Type-Options"])
def test_response_is_to_be_kept_by_nobody_on_the_way(header):
    response = response_to(RequestFactory().get("/"), Source())

    assert response[header] in ("no-store", "nosniff")
    assert response["Content-Disposition"] == 'attachment; filename="a.zip"'
    assert b"".join(response.streaming_content) == b"123"

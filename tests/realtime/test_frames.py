"""What is sent: pieces with a target, in one well-formed WebSocket frame."""

from __future__ import annotations

import pytest
from websockets.frames import Frame as Parsed
from websockets.frames import Opcode
from websockets.streams import StreamReader

from realtime.frames import Frame, UnfitPiece, text_frame


def parse(data: bytes) -> Parsed:
    """Read a frame as a browser does."""
    stream = StreamReader()
    stream.feed_data(data)
    parser = Parsed.parse(stream.read_exact, mask=False)
    try:
        next(parser)
    except StopIteration as done:
        assert isinstance(done.value, Parsed)
        return done.value
    raise AssertionError("the frame is not complete")


@pytest.mark.parametrize("length", [0, 125, 126, 65_535, 65_536, 200_000])
def test_frame_is_read_back_at_every_length(length: int) -> None:
    found = parse(text_frame(b"x" * length))

    assert found.opcode is Opcode.TEXT
    assert found.fin
    assert len(found.data) == length


def test_frame_targets_each_piece_by_its_id() -> None:
    frame = Frame({"slot-1": "<li>ä</li>", "slot-2": "<li>2</li>"})

    assert bytes(parse(frame.data).data).decode() == frame.text
    assert frame.text == (
        '<hx-partial hx-target="#slot-1" hx-swap="outerMorph"><li>ä</li></hx-partial>'
        '<hx-partial hx-target="#slot-2" hx-swap="outerMorph"><li>2</li></hx-partial>'
    )


@pytest.mark.parametrize("dom_id", ["", "1st", "a b", 'a"', "a.b", "a\n"])
def test_piece_that_cannot_be_targeted_is_refused(dom_id: str) -> None:
    with pytest.raises(UnfitPiece):
        Frame({dom_id: "<p></p>"})

"""The process that parses foreign files: what it may use, what it answers, how it fails."""

from __future__ import annotations

import io
import sys
import zlib
from typing import Any

import pikepdf
import pytest
from PIL import Image

from clinic.records.uploads import checking, child
from clinic.records.uploads.checking import checked
from clinic.records.uploads.refusals import UploadRefused
from tests.factories import files


def refusal(content):
    with pytest.raises(UploadRefused) as refused:
        checked(content=content)
    return refused.value.refusal


@pytest.fixture
def limits(settings):
    settings.RECORD_LIMITS = dict(settings.RECORD_LIMITS)
    return settings.RECORD_LIMITS


def test_a_document_comes_back_written_anew_with_its_pages():
    found = checked(content=files.pdf(pages=2))

    assert (found.content_type, found.pages, found.preview) == ("application/pdf", 2, b"")
    assert found.content.startswith(b"%PDF-")


def test_a_photo_of_a_telephone_comes_back_as_jpeg_with_a_preview():
    found = checked(content=files.heic())

    assert (found.content_type, found.pages) == ("image/jpeg", None)
    assert Image.open(io.BytesIO(found.content)).size == (640, 480)
    assert found.preview.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"<html><script>alert(1)</script>", "type"),
        (b"MZ\x90", "type"),
        (files.archive(), "type"),
        (b"x" * 20 + files.pdf(), "type"),
        (b"GIF89a/*" + files.pdf(), "type"),
        (b"%PDF-1.7<script>alert(1)</script>", "broken"),
        (files.acting_pdf("launch"), "active"),
        (files.image()[:900], "broken"),
    ],
)
def test_what_is_no_document_is_refused(content, why):
    assert refusal(content) == why


@pytest.mark.parametrize(
    ("limit", "content", "why"),
    [
        ({"DOCUMENT_BYTES": 100}, files.pdf(), "too-large"),
        ({"DOCUMENT_PAGES": 1}, files.pdf(pages=2), "pages"),
        ({"IMAGE_PIXELS": 1000}, files.image(), "pixels"),
    ],
)
def test_limits_are_those_of_the_settings(limits, limit, content, why):
    limits.update(limit)

    assert refusal(content) == why


def bomb() -> bytes:
    """Return a small PDF whose one object stream unpacks to 300 MB."""
    packed = zlib.compressobj(9)
    megabyte = b" " * 1024 * 1024
    data = b"".join([*(packed.compress(megabyte) for _n in range(300)), packed.flush()])
    head = f"1 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length {len(data)} >>"
    body = b"%PDF-1.5\n" + head.encode() + b"\nstream\n" + data + b"\nendstream\nendobj\n"
    return body + b"trailer << /Root 2 0 R >>\nstartxref\n0\n%%EOF"


def test_a_bomb_ends_in_the_child(limits):
    limits["CHECK_BYTES"] = 400 * 1024 * 1024

    assert refusal(bomb()) in {"too-costly", "broken"}


def test_too_little_memory_is_a_refusal_not_an_error(limits):
    limits["CHECK_BYTES"] = 90 * 1024 * 1024

    assert refusal(files.image("PNG", size=(6000, 6000))) == "too-costly"


def test_too_little_time_is_a_refusal_not_an_error(monkeypatch):
    def slow(*args: Any, **options: Any) -> None:
        raise checking.subprocess.TimeoutExpired(args[0], options["timeout"])

    monkeypatch.setattr(checking.subprocess, "run", slow)

    assert refusal(files.pdf()) == "too-costly"


def test_the_child_gets_no_secret_of_the_product(monkeypatch):
    asked = {}
    run = checking.subprocess.run

    def watched(*args: Any, **options: Any) -> Any:
        asked.update(options)
        return run(*args, **options)

    monkeypatch.setenv("FIELD_ENCRYPTION_KEY", "canary")
    monkeypatch.setattr(checking.subprocess, "run", watched)
    checked(content=files.pdf())

    assert set(asked["env"]) == {"PYTHONDONTWRITEBYTECODE"}
    assert asked["input"] == files.pdf(), "by a pipe, never by a file"


def test_the_child_limits_itself_before_it_reads(monkeypatch):
    order = []

    class Input(io.BytesIO):
        buffer = property(lambda self: self)

        def read(self, *size: int) -> bytes:
            order.append("read")
            return super().read(*size)

    out = io.BytesIO()
    monkeypatch.setattr(child.resource, "setrlimit", lambda what, most: order.append(what))
    monkeypatch.setattr(sys, "stdin", Input(files.pdf()))
    monkeypatch.setattr(sys, "stdout", type("Out", (), {"buffer": out}))

    child.main(["1000", "5", "10", "1000"])

    resource = child.resource
    limited = [
        *(resource.RLIMIT_AS, resource.RLIMIT_CPU),
        *(resource.RLIMIT_FSIZE, resource.RLIMIT_CORE),
    ]
    assert order == [*limited, "read"]
    head, [content, preview] = checking._read(out.getvalue())
    assert (head["pages"], preview) == (1, b"")
    with pikepdf.open(io.BytesIO(content)) as document:
        assert len(document.pages) == 1


@pytest.mark.parametrize(
    ("content", "head"),
    [
        (b"MZ", {"refusal": "type"}),
        (files.acting_pdf("xfa"), {"refusal": "active"}),
        (files.image(), {"type": "image/jpeg"}),
    ],
)
def test_the_child_answers_with_codes(content, head):
    answer, _parts = child._answer(content, pages=10, pixels=10**7)

    assert answer == head


def test_no_memory_left_is_an_answer(monkeypatch):
    from clinic.records.uploads import pdf

    def hungry(**_options: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(pdf, "rewritten", hungry)

    assert child._answer(files.pdf(), pages=1, pixels=1) == ({"refusal": "too-costly"}, [])

"""PDFs are written anew, and what acts by itself is not kept (attacks 76 to 79)."""

from __future__ import annotations

import io

import pikepdf
import pytest

from clinic.records.uploads.pdf import rewritten
from clinic.records.uploads.refusals import UploadRefused
from tests.factories import files


def refusal(content, most_pages=200):
    with pytest.raises(UploadRefused) as refused:
        rewritten(content=content, most_pages=most_pages)
    return refused.value.refusal


def test_a_document_keeps_its_pages_and_its_words():
    content, pages = rewritten(content=files.pdf(pages=3), most_pages=200)

    with pikepdf.open(io.BytesIO(content)) as written:
        assert len(written.pages) == pages == 3
        assert files.WORDS.encode() in written.pages[0].Contents.read_bytes()


@pytest.mark.parametrize("act", files.ACTS)
def test_what_acts_by_itself_is_refused(act):
    assert refusal(files.acting_pdf(act)) == "active"


def test_an_act_with_an_escaped_name_is_refused():
    content = files.acting_pdf("launch").replace(b"/Launch", b"/L#61unch")

    assert refusal(content) == "active"


def test_an_act_inside_a_compressed_object_is_refused():
    with pikepdf.open(io.BytesIO(files.acting_pdf("javascript"))) as document:
        packed = files.saved(
            document, object_stream_mode=pikepdf.ObjectStreamMode.generate, compress_streams=True
        )

    assert b"JavaScript" not in packed
    assert refusal(packed) == "active"


def test_a_document_that_needs_a_password_is_refused():
    locked = files.pdf(encryption=pikepdf.Encryption(owner="o", user="u"))

    assert refusal(locked) == "password"


def test_a_document_that_only_forbids_changes_is_kept_open():
    content, _pages = rewritten(
        content=files.pdf(encryption=pikepdf.Encryption(owner="o", user="")), most_pages=9
    )

    with pikepdf.open(io.BytesIO(content)) as written:
        assert not written.is_encrypted


def test_too_many_pages_are_refused():
    assert refusal(files.pdf(pages=6), most_pages=5) == "pages"


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7<script>alert(1)</script>", b"%PDF-1.7", b"%PDF-" + b"9" * 5000]
)
def test_what_only_begins_like_one_is_refused(content):
    assert refusal(content) == "broken"


def test_a_document_without_pages_is_refused():
    with pikepdf.new() as document:
        empty = files.saved(document)

    assert refusal(empty) == "broken"


def test_what_hangs_behind_the_end_is_gone():
    content, _pages = rewritten(content=files.pdf() + files.archive(), most_pages=9)

    assert b"run.exe" not in content
    assert b"PK\x03\x04" not in content

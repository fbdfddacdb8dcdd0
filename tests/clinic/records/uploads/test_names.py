"""Names that came with files are shown, and lead nowhere (attack 80)."""

from __future__ import annotations

import pytest

from clinic.records.uploads.magic import FileKind, kind_of
from clinic.records.uploads.names import LONGEST, clean_name, download_name, title_from
from tests.factories import files


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("letter.pdf", "letter.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("C:\\scans\\Röntgen Knie.JPG", "Röntgen Knie.JPG"),
        ("a\0b\u202egpj.exe", "abgpj.exe"),
        ('q"u<o>te|.pdf', "q u o te.pdf"),
        ("..", ""),
        ("", ""),
        (".htaccess", "htaccess"),
        ("two\r\nlines.pdf", "twolines.pdf"),
        ("化验单 2026.png", "化验单 2026.png"),
    ],
)
def test_a_name_is_cleaned(name, cleaned):
    assert clean_name(name=name) == cleaned


def test_a_long_name_keeps_its_ending():
    cleaned = clean_name(name="x" * 400 + ".pdf")

    assert len(cleaned) == LONGEST
    assert cleaned.endswith(".pdf")


@pytest.mark.parametrize(
    ("name", "title"),
    [("MRI_knee_2026.pdf", "MRI knee 2026"), ("scan", "scan"), ("..", "")],
)
def test_a_title_is_the_name_without_its_ending(name, title):
    assert title_from(name=name) == title


@pytest.mark.parametrize(
    ("name", "content_type", "saved"),
    [
        ("IMG_1.HEIC", "image/jpeg", "IMG_1.jpg"),
        ("IMG_1.jpeg", "image/jpeg", "IMG_1.jpeg"),
        ("run.exe", "application/pdf", "run.pdf"),
        ("", "image/png", "document.png"),
        ("scan", "application/pdf", "scan.pdf"),
    ],
)
def test_a_file_is_saved_under_the_ending_of_what_it_is(name, content_type, saved):
    assert download_name(name=name, content_type=content_type) == saved


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (files.pdf(), FileKind.PDF),
        (files.image("JPEG"), FileKind.JPEG),
        (files.image("PNG"), FileKind.PNG),
        (files.heic(), FileKind.HEIC),
        (b"junk before it: %PDF-1.7", None),
        (files.archive(), None),
        (b"MZ\x90\0", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"<html>%PDF-1.7", None),
        (b"GIF89a/*", None),
        (b"\0\0\0\x18ftypmp42", None),
        (b"", None),
    ],
)
def test_the_first_look_knows_four_kinds(content, kind):
    assert kind_of(head=content[:16]) is kind

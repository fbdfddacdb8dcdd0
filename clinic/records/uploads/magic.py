"""The first look: what the first bytes say a file is. Never the decision, only which parser is
asked.
"""

from __future__ import annotations

from enum import StrEnum


class FileKind(StrEnum):
    """What may be kept, by the content type under which it is served."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"
    HEIC = "image/heic"


LONGEST_HEAD = 16
# ISO base media brands of HEIF stills as telephones write them (ISO/IEC 23008-12, annex B).
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})


def kind_of(*, head: bytes) -> FileKind | None:
    """Return what a file claims to be by its first bytes; None for everything else.

    A PDF begins at the very first byte: readers that search for its mark further in also open
    files that are something else to others.
    """
    if head.startswith(b"%PDF-"):
        return FileKind.PDF
    if head.startswith(b"\xff\xd8\xff"):
        return FileKind.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileKind.PNG
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return FileKind.HEIC
    return None

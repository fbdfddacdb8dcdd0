"""Names that came with files: shown, offered again at download, never used as a path."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 120
_UNSAFE = re.compile(r'[<>:"|?*%;]+')


def clean_name(*, name: str) -> str:
    """Return the name without folders, hidden characters and what a file system dislikes.

    Empty when nothing is left of it.
    """
    last = re.split(r"[\\/]", name)[-1]
    visible = "".join(c for c in last if unicodedata.category(c)[0] != "C")
    plain = unicodedata.normalize("NFC", _UNSAFE.sub(" ", visible))
    words = " ".join(plain.split()).strip(". ")
    stem, dot, ending = words.rpartition(".")
    if dot and len(ending) <= 8:
        return f"{stem[: LONGEST - len(ending) - 1].strip()}.{ending}" if stem else ending
    return words[:LONGEST].strip()


def title_from(*, name: str) -> str:
    """Return a cleaned name without its ending, with spaces for underscores."""
    stem = clean_name(name=name).rpartition(".")[0] or clean_name(name=name)
    return " ".join(stem.replace("_", " ").split())


ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


def download_name(*, name: str, content_type: str) -> str:
    """Return the name under which a file is saved: its own, with the ending of what it is."""
    ending = ENDINGS[content_type]
    stem, dot, given = name.rpartition(".")
    if not dot:
        return f"{name or 'document'}.{ending}"
    same = given.lower() == ending or (ending == "jpg" and given.lower() == "jpeg")
    return name if same else f"{stem}.{ending}"

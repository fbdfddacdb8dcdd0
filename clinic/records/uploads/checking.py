"""Have a file checked and written anew by the child process."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from clinic.records.uploads.child import HEAD_LENGTH
from clinic.records.uploads.magic import LONGEST_HEAD, kind_of
from clinic.records.uploads.refusals import Refusal, UploadRefused

CHILD = "clinic.records.uploads.child"
# A large picture takes half a gigabyte for a second; the others wait.
_TURNS = threading.BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class Checked:
    """What may be kept: written by us, not by whoever sent it."""

    content: bytes
    content_type: str
    pages: int | None
    preview: bytes


def checked(*, content: bytes) -> Checked:
    """Return the file as it may be kept; raises UploadRefused.

    Takes up to `RECORD_LIMITS["CHECK_SECONDS"]`: call it before a transaction is open.
    """
    limits = settings.RECORD_LIMITS
    if not content:
        raise UploadRefused(Refusal.EMPTY)
    if len(content) > limits["DOCUMENT_BYTES"]:
        raise UploadRefused(Refusal.TOO_LARGE)
    if kind_of(head=content[:LONGEST_HEAD]) is None:
        raise UploadRefused(Refusal.TYPE)
    with _TURNS:
        head, parts = _asked(content, limits)
    if "refusal" in head:
        raise UploadRefused(Refusal(head["refusal"]))
    # What grows beyond the limit when it is written anew was packed to do so.
    if len(parts[0]) > 2 * limits["DOCUMENT_BYTES"]:
        raise UploadRefused(Refusal.TOO_COSTLY)
    return Checked(parts[0], head["type"], head.get("pages"), parts[1])


def _asked(content: bytes, limits: dict[str, int]) -> tuple[dict[str, Any], list[bytes]]:
    seconds = limits["CHECK_SECONDS"]
    numbers = (limits["CHECK_BYTES"], seconds, limits["DOCUMENT_PAGES"], limits["IMAGE_PIXELS"])
    try:
        answer = subprocess.run(  # noqa: S603 - our own program, no word of the sender's
            [sys.executable, "-m", CHILD, *map(str, numbers)],
            input=content,
            capture_output=True,
            timeout=seconds + 5,
            # No key, no password, no address of a database: the parser needs none of them.
            env={"PYTHONDONTWRITEBYTECODE": "1"},
            cwd=settings.BASE_DIR,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UploadRefused(Refusal.TOO_COSTLY) from None
    if answer.returncode:
        # Killed by one of its limits, or a parser that fell over.
        raise UploadRefused(Refusal.TOO_COSTLY)
    return _read(answer.stdout)


def _read(answer: bytes) -> tuple[dict[str, Any], list[bytes]]:
    [length] = HEAD_LENGTH.unpack_from(answer)
    at = HEAD_LENGTH.size + length
    head = json.loads(answer[HEAD_LENGTH.size : at])
    parts = []
    for size in head["lengths"]:
        parts.append(answer[at : at + size])
        at += size
    return head, parts

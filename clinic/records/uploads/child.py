"""The process in which foreign files are parsed: `python -m clinic.records.uploads.child`.

It reads one file from its input and writes one answer: the length of a JSON head (4 bytes), the
head, the content, the preview. It limits itself before it looks at the first byte, is started
without the product's environment (no key, no password) and cannot write a file.
"""

from __future__ import annotations

import json
import resource
import struct
import sys
from typing import Any, BinaryIO

HEAD_LENGTH = struct.Struct(">I")


def main(arguments: list[str]) -> None:
    """Answer one file. Arguments: memory in bytes, seconds, most pages, most pixels."""
    memory, seconds, pages, pixels = map(int, arguments)
    _limit(resource.RLIMIT_AS, memory)
    _limit(resource.RLIMIT_CPU, seconds)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    head, parts = _answer(sys.stdin.buffer.read(), pages=pages, pixels=pixels)
    _write(sys.stdout.buffer, head, parts)


def _limit(what: int, most: int) -> None:
    resource.setrlimit(what, (most, most))


def _answer(content: bytes, *, pages: int, pixels: int) -> tuple[dict[str, Any], list[bytes]]:
    # Imported here, under the limits.
    from clinic.records.uploads.magic import LONGEST_HEAD, FileKind, kind_of
    from clinic.records.uploads.refusals import Refusal, UploadRefused

    try:
        kind = kind_of(head=content[:LONGEST_HEAD])
        if kind is None:
            raise UploadRefused(Refusal.TYPE)
        if kind is FileKind.PDF:
            from clinic.records.uploads import pdf

            written, count = pdf.rewritten(content=content, most_pages=pages)
            return {"type": kind, "pages": count}, [written, b""]
        from clinic.records.uploads import pictures

        picture = pictures.rewritten(content=content, kind=kind, most_pixels=pixels)
        return {"type": picture.kind}, [picture.content, picture.preview]
    except UploadRefused as refused:
        return {"refusal": refused.refusal}, []
    except MemoryError:
        return {"refusal": Refusal.TOO_COSTLY}, []


def _write(target: BinaryIO, head: dict[str, Any], parts: list[bytes]) -> None:
    text = json.dumps(head | {"lengths": [len(part) for part in parts]}).encode()
    target.write(HEAD_LENGTH.pack(len(text)) + text)
    for part in parts:
        target.write(part)
    target.flush()


if __name__ == "__main__":
    main(sys.argv[1:])

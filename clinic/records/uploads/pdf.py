"""PDFs: open, walk every object, refuse what acts by itself, write anew. Runs in the child."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pikepdf

from clinic.records.uploads.refusals import Refusal, UploadRefused

# What runs, starts, sends or carries something (ISO 32000-1, 12.6.4 and 7.11.4; XFA: 12.7.8).
ACTIVE_KEYS = frozenset(
    {"/JS", "/JavaScript", "/XFA", "/EmbeddedFiles", "/EF", "/RichMediaContent"}
)
ACTIVE_NAMES = frozenset(
    {
        *("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE"),
        *("/EmbeddedFile", "/RichMedia", "/RichMediaExecute", "/Movie", "/Sound", "/Rendition"),
        *("/3D", "/Screen", "/FileAttachment", "/Filespec"),
    }
)
NAMING_KEYS = ("/S", "/Subtype", "/Type")
DEEPEST = 60
MOST_OBJECTS = 200_000


def rewritten(*, content: bytes, most_pages: int) -> tuple[bytes, int]:
    """Return the document as pikepdf writes it anew, and its number of pages.

    Nothing but its objects is left: bytes behind the end or between them are gone. Raises
    UploadRefused.
    """
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            _refuse_active(pdf)
            pages = len(pdf.pages)
            if not pages:
                raise UploadRefused(Refusal.BROKEN)
            if pages > most_pages:
                raise UploadRefused(Refusal.PAGES)
            out = io.BytesIO()
            pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    except pikepdf.PasswordError:
        raise UploadRefused(Refusal.PASSWORD) from None
    except (pikepdf.PdfError, ValueError, RecursionError):
        raise UploadRefused(Refusal.BROKEN) from None
    return out.getvalue(), pages


def _refuse_active(pdf: pikepdf.Pdf) -> None:
    for number, thing in enumerate(pdf.objects):
        if number > MOST_OBJECTS:
            raise UploadRefused(Refusal.TOO_COSTLY)
        for holder in _dictionaries(thing, 0):
            if _is_active(holder):
                raise UploadRefused(Refusal.ACTIVE)


def _dictionaries(thing: Any, depth: int) -> Iterator[Any]:
    """Give a dictionary and those written directly inside of it; references are walked anyway."""
    if depth > DEEPEST:
        raise UploadRefused(Refusal.TOO_COSTLY)
    if isinstance(thing, pikepdf.Array):
        parts = list(thing)
    elif isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        holder = thing.stream_dict if isinstance(thing, pikepdf.Stream) else thing
        yield holder
        parts = [holder[key] for key in holder.keys()]  # noqa: SIM118 - no iterator of its own
    else:
        return
    for part in parts:
        if isinstance(part, pikepdf.Object) and not part.is_indirect:
            yield from _dictionaries(part, depth + 1)


def _is_active(holder: Any) -> bool:
    if not ACTIVE_KEYS.isdisjoint(holder.keys()):
        return True
    return any(
        isinstance(name := holder.get(key), pikepdf.Name) and str(name) in ACTIVE_NAMES
        for key in NAMING_KEYS
    )

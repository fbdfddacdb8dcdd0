"""The files of a record and their names inside the copy."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

from clinic.fhir.exporting.elements import Element, instant, known, link, tags, words
from clinic.records.choices import DocumentCategory
from clinic.records.models import DocumentReference

FOLDER = "documents"
# What Windows, macOS and a shell take amiss.
_UNSAFE = re.compile(r"[^\w.() -]+")
LONGEST_STEM = 80
SUFFIXES = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/heic": ".heic",
}


def document(row: DocumentReference) -> Element:
    """Return a DocumentReference; its file lies beside the bundle."""
    kind = row.category
    label = str(DocumentCategory(kind).label) if kind in DocumentCategory.values else kind
    attachment = known(
        contentType=row.content_type,
        url=file_path(row),
        size=row.size_bytes,
        title=row.title or row.file_name,
        creation=instant(row.uploaded_at),
    )
    return known(
        resourceType="DocumentReference",
        id=str(row.pk),
        meta=tags(source=row.source),
        status="current",
        category=[words(label)] if label else [],
        subject=link(row.patient_id),
        date=instant(row.uploaded_at),
        description=row.note,
        content=[{"attachment": attachment}],
        context=known(encounter=[link(row.encounter_id)] if row.encounter_id else []),
    )


def file_path(row: DocumentReference) -> str:
    """Return where a file lies in the copy: its own name, made harmless, and never twice.

    Its ending follows from its content, not from what somebody called it.
    """
    stem = unicodedata.normalize("NFC", PurePosixPath(row.file_name or row.title).stem)
    stem = _UNSAFE.sub("-", stem).strip(" .-")[:LONGEST_STEM] or "document"
    suffix = SUFFIXES.get(row.content_type, ".bin")
    day = row.uploaded_at.date().isoformat()
    return f"{FOLDER}/{day} {stem} {row.pk.hex[-6:]}{suffix}"

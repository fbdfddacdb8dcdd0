"""Keep documents: add a checked file, change what is said about it, remove it, open it.

The bytes lie sealed in the file store under the row's id. A file that could not be scanned yet is
in quarantine: nobody opens it.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.conf import settings
from django.db import transaction

from clinic.crypto import storage
from clinic.crypto.fileformat import FilePlace
from clinic.people.viewer import SYSTEM, Viewer
from clinic.records.choices import DocumentCategory, DocumentStatus, Source
from clinic.records.models import DocumentReference, Encounter
from clinic.records.permissions import NotAllowed, RecordAccess, check_may_open
from clinic.records.selectors import documents as selectors
from clinic.records.services.reading import record_look
from clinic.records.services.writing import RecordChange, record_change
from clinic.records.uploads import clamd
from clinic.records.uploads.checking import Checked
from clinic.records.uploads.names import clean_name
from clinic.records.uploads.refusals import Refusal, UploadRefused
from clinic.scheduling.models import Appointment

TABLE = "records_documentreference"


class Verdict(Enum):
    """What the scanner says. `WAITS`: it did not answer."""

    CLEAN = "clean"
    FOUND = "found"
    WAITS = "waits"


class NotReady(Exception):
    """The document is still in quarantine."""


@dataclass(frozen=True, slots=True)
class About:
    """What is said about a document."""

    title: str
    category: DocumentCategory
    note: str = ""
    appointment_id: uuid.UUID | None = None


def place_of(*, document_id: uuid.UUID, patient_id: uuid.UUID) -> FilePlace:
    """Return where the file of a document is sealed for."""
    return FilePlace(table=TABLE, row=document_id, scope="patient", owner=patient_id)


def preview_place_of(*, document_id: uuid.UUID, patient_id: uuid.UUID) -> FilePlace:
    """Return where the small picture of a document is sealed for: a file of its own."""
    row = uuid.uuid5(document_id, "preview")
    return FilePlace(table=f"{TABLE}.preview", row=row, scope="patient", owner=patient_id)


def add_document(
    *,
    by: Viewer,
    patient_id: uuid.UUID,
    file: Checked,
    file_name: str,
    about: About,
    now: dt.datetime,
) -> DocumentReference:
    """Keep a checked file. Without a scanner it is ready at once; with one that does not answer it
    stays in quarantine.

    Scan and sealing happen inside: up to seconds. Raises UploadRefused, NotAllowed.
    """
    verdict = _scan([file.content])
    if verdict is Verdict.FOUND:
        raise UploadRefused(Refusal.VIRUS)
    document_id = DocumentReference().pk
    try:
        with record_change(by=by, patient_id=patient_id, what="document.added", now=now) as change:
            row = _new_row(change, document_id, file, file_name, about, verdict)
            row.save(force_insert=True)
            _seal(row, file)
            change.wrote(row, "document.added")
    except BaseException:
        forget_files(document_id=document_id)
        raise
    return row


def change_document(
    *, by: Viewer, patient_id: uuid.UUID, document_id: uuid.UUID, about: About, now: dt.datetime
) -> DocumentReference:
    """Change what is said about a document. Raises NotAllowed."""
    with record_change(by=by, patient_id=patient_id, what="document.changed", now=now) as change:
        row = selectors.document(access=change.access, document_id=document_id)
        if not can_change(access=change.access, row=row):
            raise NotAllowed("document of somebody else")
        new: dict[str, Any] = {
            "title": about.title,
            "category": about.category,
            "note": about.note,
        } | _visit(change, about.appointment_id)
        fields = [name for name, value in new.items() if getattr(row, name) != value]
        for name in fields:
            setattr(row, name, new[name])
        if fields:
            row.save(update_fields=[name.removesuffix("_id") for name in fields])
            change.wrote(row, "document.changed", fields=fields)
    return row


def remove_document(
    *, by: Viewer, patient_id: uuid.UUID, document_id: uuid.UUID, now: dt.datetime
) -> None:
    """Take a document out of the record's lists. Its file stays sealed until the record is erased.
    Raises NotAllowed.
    """
    with record_change(by=by, patient_id=patient_id, what="document.removed", now=now) as change:
        row = selectors.document(access=change.access, document_id=document_id)
        if not can_change(access=change.access, row=row):
            raise NotAllowed("document of somebody else")
        row.status, row.removed_at = DocumentStatus.ENTERED_IN_ERROR, now
        row.save(update_fields=["status", "removed_at"])
        change.wrote(row, "document.removed")


def can_change(*, access: RecordAccess, row: DocumentReference) -> bool:
    """A doctor changes and removes any document, the patient's side what came from it."""
    if not access.may_write:
        return False
    return access.is_clinical or row.source in (Source.PATIENT, Source.PROXY)


@dataclass(frozen=True, slots=True)
class OpenedDocument:
    """A document and its content, whole and proved to be so, to be read once."""

    row: DocumentReference
    content: storage.Content


def open_document(
    *,
    viewer: Viewer,
    patient_id: uuid.UUID,
    document_id: uuid.UUID,
    now: dt.datetime,
    preview: bool = False,
) -> OpenedDocument:
    """Open a document, or its small picture, and write into the trail who did.

    Every chunk is opened once before the first byte is given out: what was altered is refused
    whole. Raises NotAllowed, NotReady, FileNotFoundError, OpenRefused, KeyShredded.
    """
    with transaction.atomic():
        access = check_may_open(viewer=viewer, patient_id=patient_id, now=now)
        row = selectors.document(access=access, document_id=document_id)
        if row.status != DocumentStatus.CURRENT:
            raise NotReady
        if preview and not row.has_preview:
            raise NotAllowed("preview of a document without one")
        where = preview_place_of if preview else place_of
        place = where(document_id=document_id, patient_id=patient_id)
        for _chunk in storage.Content(place):
            pass
        record_look(
            access=access,
            what="documents",
            now=now,
            object_type="documentreference",
            object_id=row.pk,
            action="document.previewed" if preview else "document.downloaded",
        )
    return OpenedDocument(row, storage.Content(place))


def scan_document(*, document_id: uuid.UUID, now: dt.datetime) -> bool:
    """Let a document out of quarantine, or refuse it; say whether the scanner answered.

    Where a scanner is no longer set, it is let out.
    """
    row = DocumentReference.objects.get(pk=document_id)
    place = place_of(document_id=row.pk, patient_id=row.patient_id)
    with closing(storage.Content(place)) as content:
        verdict = _scan(content)
    if verdict is Verdict.WAITS:
        return False
    clean = verdict is Verdict.CLEAN
    what = "document.checked" if clean else "document.refused"
    with record_change(by=SYSTEM, patient_id=row.patient_id, what=what, now=now) as change:
        row.refresh_from_db(fields=["status"])
        if row.status == DocumentStatus.QUARANTINED:
            row.status = DocumentStatus.CURRENT if clean else DocumentStatus.REFUSED
            row.refusal = "" if clean else Refusal.VIRUS
            row.checked_at = now
            row.save(update_fields=["status", "refusal", "checked_at"])
            change.wrote(row, what)
    if not clean:
        forget_files(document_id=document_id)
    return True


def forget_files(*, document_id: uuid.UUID) -> None:
    """Remove a document's file and its preview from the store."""
    storage.remove(document_id)
    storage.remove(uuid.uuid5(document_id, "preview"))


def _scan(chunks: Iterable[bytes]) -> Verdict:
    if not settings.CLAMD_URL:
        return Verdict.CLEAN
    try:
        clean = clamd.is_clean(url=settings.CLAMD_URL, chunks=chunks)
    except clamd.ScannerUnavailable:
        return Verdict.WAITS
    return Verdict.CLEAN if clean else Verdict.FOUND


def _new_row(
    change: RecordChange,
    document_id: uuid.UUID,
    file: Checked,
    file_name: str,
    about: About,
    verdict: Verdict,
) -> DocumentReference:
    kept = selectors.bytes_kept(access=change.access)
    if kept + len(file.content) > settings.RECORD_LIMITS["DOCUMENTS_BYTES"]:
        raise UploadRefused(Refusal.QUOTA)
    is_ready = verdict is Verdict.CLEAN
    return DocumentReference(
        id=document_id,
        patient_id=change.patient_id,
        title=about.title,
        file_name=clean_name(name=file_name),
        category=about.category,
        note=about.note,
        status=DocumentStatus.CURRENT if is_ready else DocumentStatus.QUARANTINED,
        content_type=file.content_type,
        size_bytes=len(file.content),
        pages=file.pages,
        has_preview=bool(file.preview),
        source=change.access.source,
        uploaded_at=change.now,
        uploaded_by_id=change.by.user_id,
        checked_at=change.now if is_ready else None,
        **_visit(change, about.appointment_id),
    )


def _visit(change: RecordChange, appointment_id: uuid.UUID | None) -> dict[str, uuid.UUID | None]:
    """Return the visit a document is attached to; raises NotAllowed for one of another patient."""
    if appointment_id is None:
        return {"appointment_id": None, "encounter_id": None}
    own = Appointment.objects.filter(pk=appointment_id, patient_id=change.patient_id)
    if not own.exists():
        raise NotAllowed("visit of another patient")
    encounters = Encounter.objects.filter(appointment_id=appointment_id)
    encounter_id = encounters.values_list("pk", flat=True).first()
    return {"appointment_id": appointment_id, "encounter_id": encounter_id}


def _seal(row: DocumentReference, file: Checked) -> None:
    ids = {"document_id": row.pk, "patient_id": row.patient_id}
    storage.write(source=[file.content], place=place_of(**ids))
    if file.preview:
        storage.write(source=[file.preview], place=preview_place_of(**ids))

"""Documents ready for the page."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.template.defaultfilters import filesizeformat
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.lib import times
from clinic.records.choices import DocumentCategory, DocumentStatus, Source
from clinic.records.models import DocumentReference
from clinic.records.permissions import RecordAccess
from clinic.records.presenters.observations import SOURCE_WORDS
from clinic.records.services.documents import can_change
from clinic.scheduling.models import Appointment

ICONS = {
    DocumentCategory.LETTER: "mail",
    DocumentCategory.LABORATORY: "flask-conical",
    DocumentCategory.IMAGING: "image",
    DocumentCategory.PRESCRIPTION: "pill",
    DocumentCategory.VACCINATION: "syringe",
    DocumentCategory.INSURANCE: "shield-check",
    DocumentCategory.PHOTO: "camera",
    DocumentCategory.OTHER: "file-text",
}


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One document in a list and on its own page."""

    document_id: uuid.UUID
    title: str
    category: str
    icon: str
    about: str
    source: str
    note: str
    file_name: str
    is_ready: bool
    has_preview: bool
    visit: str
    visit_id: uuid.UUID | None
    can_change: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One category above the list, with how many documents it has."""

    value: str
    label: str
    count: int
    current: bool


def document_row(*, row: DocumentReference, access: RecordAccess, tz: str) -> DocumentRow:
    """Return one document; its visit is named where it was read with it."""
    category = DocumentCategory(row.category or DocumentCategory.OTHER)
    visit = row.appointment if DocumentReference.appointment.is_cached(row) else None
    return DocumentRow(
        document_id=row.pk,
        title=row.title or row.file_name or _("Document"),
        category=str(category.label),
        icon=ICONS[category],
        about=about_text(row, tz),
        source=_source_text(row, access),
        note=row.note,
        file_name=row.file_name,
        is_ready=row.status == DocumentStatus.CURRENT,
        has_preview=row.has_preview and row.status == DocumentStatus.CURRENT,
        visit=visit_text(visit) if visit else "",
        visit_id=row.appointment_id,
        can_change=can_change(access=access, row=row),
    )


def about_text(row: DocumentReference, tz: str) -> str:
    """Return "3 pages, 210 KB, 22 Nov 2026"."""
    day = formats.date_format(times.local_date(row.uploaded_at, tz), "DATE_FORMAT")
    parts = [filesizeformat(row.size_bytes), day]
    if row.pages:
        pages = ngettext("%(number)s page", "%(number)s pages", row.pages)
        parts.insert(0, pages % {"number": row.pages})
    return ", ".join(parts)


def _source_text(row: DocumentReference, access: RecordAccess) -> str:
    if row.source == Source.PATIENT:
        return _("From you") if access.is_patient_side else _("From the patient")
    return str(SOURCE_WORDS[row.source])


def visit_text(visit: Appointment) -> str:
    """Return "Follow-up with Dr Llorente, 3 Mar 2026"."""
    day = formats.date_format(times.local_date(visit.starts_at, visit.time_zone), "DATE_FORMAT")
    return _("%(what)s with %(who)s, %(day)s") % {
        "what": visit.visit_type.name,
        "who": visit.practitioner.short_name,
        "day": day,
    }


def visit_choices(visits: Sequence[Appointment]) -> list[tuple[str, str]]:
    """Return the visits one may attach a document to."""
    return [(str(visit.pk), visit_text(visit)) for visit in visits]


def category_choices(rows: Sequence[DocumentReference], chosen: str) -> list[Choice]:
    """Return the categories that have documents; all of them first."""
    counts = Counter(row.category for row in rows)
    known = [
        Choice(category.value, str(category.label), counts[category], category.value == chosen)
        for category in DocumentCategory
        if counts[category]
    ]
    return [Choice("", _("All"), len(rows), not chosen), *known]

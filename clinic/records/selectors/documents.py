"""Reads of documents. Removed ones and refused ones are in no list."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db.models import Q, QuerySet, Sum

from clinic.people.choices import ProxyScope
from clinic.records.choices import DocumentCategory, DocumentStatus
from clinic.records.models import DocumentReference
from clinic.records.permissions import NotAllowed, RecordAccess
from clinic.scheduling.choices import AppointmentStatus
from clinic.scheduling.models import Appointment

SHOWN = (DocumentStatus.QUARANTINED, DocumentStatus.CURRENT)
# Visits one may attach a document to.
VISITS_BACK, VISITS_AHEAD, MOST_VISITS = dt.timedelta(days=730), dt.timedelta(days=366), 30
_NO_VISITS = (
    AppointmentStatus.PROPOSED,
    AppointmentStatus.CANCELLED,
    AppointmentStatus.ENTERED_IN_ERROR,
    AppointmentStatus.WAITLIST,
)


def documents(
    *, access: RecordAccess, category: DocumentCategory | None = None
) -> list[DocumentReference]:
    """Return the documents, the newest first. One query; the category is sealed, so it is compared
    here.
    """
    rows = list(_shown(access).order_by("-uploaded_at", "-pk"))
    return rows if category is None else [row for row in rows if row.category == category]


def open_documents(*, access: RecordAccess, limit: int) -> list[DocumentReference]:
    """Return the newest documents that can be opened. One query."""
    rows = _shown(access).filter(status=DocumentStatus.CURRENT)
    return list(rows.order_by("-uploaded_at", "-pk")[:limit])


def documents_of_visit(
    *, access: RecordAccess, appointment_id: uuid.UUID
) -> list[DocumentReference]:
    """Return what is attached to one visit, the newest first. One query."""
    visit = Q(appointment_id=appointment_id) | Q(encounter__appointment_id=appointment_id)
    return list(_shown(access).filter(visit).order_by("-uploaded_at", "-pk"))


def document(*, access: RecordAccess, document_id: uuid.UUID) -> DocumentReference:
    """Return one document with its visit; raises NotAllowed where there is none."""
    rows = _shown(access).select_related("appointment__visit_type", "appointment__practitioner")
    row = rows.filter(pk=document_id).first()
    if row is None:
        raise NotAllowed("document of another record")
    return row


def visits_to_attach(*, access: RecordAccess, now: dt.datetime) -> list[Appointment]:
    """Return the visits of the last two years and those to come, the newest first. One query.

    What is planned is not shown to a carer whose grant leaves the visits out.
    """
    proxy = access.viewer.proxy
    sees_plans = proxy is None or proxy.may(ProxyScope.VISITS)
    rows = Appointment.objects.filter(
        patient_id=access.patient_id,
        starts_at__gte=now - VISITS_BACK,
        starts_at__lt=now + VISITS_AHEAD if sees_plans else now,
    ).exclude(status__in=_NO_VISITS)
    return list(
        rows.select_related("visit_type", "practitioner").order_by("-starts_at")[:MOST_VISITS]
    )


def bytes_kept(*, access: RecordAccess) -> int:
    """Return how much the documents of one patient take, removed ones included: they stay."""
    rows = DocumentReference.objects.filter(patient_id=access.patient_id)
    kept = rows.exclude(status=DocumentStatus.REFUSED).aggregate(total=Sum("size_bytes"))
    return kept["total"] or 0


def unscanned(*, limit: int) -> list[uuid.UUID]:
    """Return the ids of documents that wait for the scanner, the oldest first."""
    rows = DocumentReference.objects.filter(status=DocumentStatus.QUARANTINED)
    return list(rows.order_by("uploaded_at").values_list("pk", flat=True)[:limit])


def _shown(access: RecordAccess) -> QuerySet[DocumentReference]:
    return DocumentReference.objects.filter(patient_id=access.patient_id, status__in=SHOWN)

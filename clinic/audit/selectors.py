"""Read the audit trail: of one patient, or of one account. Read only by the trail page.

Who may read it is asked by that page's own package; this one knows no people.
"""

from __future__ import annotations

import datetime as dt
import uuid

from django.db.models import QuerySet

from clinic.audit.models import AuditEvent


def trail_of_patient(
    *, patient_id: uuid.UUID, since: dt.datetime | None = None
) -> QuerySet[AuditEvent]:
    """Return what was done or read about one patient, newest first."""
    return _since(AuditEvent.objects.filter(patient=patient_id), since)


def trail_of_actor(
    *, actor_id: uuid.UUID, since: dt.datetime | None = None
) -> QuerySet[AuditEvent]:
    """Return what one account did or read, newest first."""
    return _since(AuditEvent.objects.filter(actor=actor_id), since)


def _since(events: QuerySet[AuditEvent], since: dt.datetime | None) -> QuerySet[AuditEvent]:
    if since is not None:
        events = events.filter(at__gte=since)
    return events.order_by("-at", "-pk")

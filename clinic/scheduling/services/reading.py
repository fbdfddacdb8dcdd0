"""Opening what concerns one patient. Reading leaves a trace, so it is a service."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction

from clinic.audit import services as audit
from clinic.people.viewer import Viewer
from clinic.scheduling.models import Appointment
from clinic.scheduling.selectors.board import visit_for_staff


def open_visit(*, appointment_id: uuid.UUID, by: Viewer, now: dt.datetime) -> Appointment:
    """Return the visit for staff and write who has opened it. Raises NotAllowed."""
    with transaction.atomic():
        visit = visit_for_staff(appointment_id=appointment_id, viewer=by)
        audit.record(
            actor_id=by.user_id,
            actor_roles=by.roles,
            patient_id=visit.patient_id,
            action="appointment.opened",
            object_type="appointment",
            object_id=visit.pk,
            now=now,
        )
    return visit

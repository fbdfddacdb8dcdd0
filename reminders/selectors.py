"""Reads of the reminders: the ledger for staff, and the visit behind a signed link."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from clinic.people.choices import Role
from clinic.people.viewer import Viewer
from clinic.scheduling import permissions
from clinic.scheduling.choices import VISIT_STATUSES
from clinic.scheduling.models import Appointment
from reminders import links
from reminders.models import Reminder


class LinkOutdated(Exception):
    """The link is genuine, but the visit was moved or cancelled since."""


def ledger_for(
    *, appointment_id: uuid.UUID, viewer: Viewer
) -> tuple[Appointment, Sequence[Reminder]]:
    """Return the visit and all its messages, newest version first; staff of that doctor only.

    Raises NotAllowed.
    """
    appointment = Appointment.objects.filter(
        permissions.visible_appointments(viewer), pk=appointment_id
    ).first()
    if appointment is None:
        raise permissions.NotAllowed
    permissions.check_is_staff_for(viewer, appointment.practitioner_id)
    rows = Reminder.objects.filter(appointment_id=appointment_id)
    return appointment, list(rows.order_by("-appointment_version", "due_at", "pk"))


def visit_behind_link(*, token: str, now: dt.datetime) -> tuple[Appointment, Viewer]:
    """Return the visit of a genuine link and the viewer that its holder acts as: that patient.

    Raises LinkNotValid, LinkExpired or LinkOutdated. Whoever holds the link can do what the
    patient of this one visit could, and reads nothing that the message did not say already.
    """
    link = links.read_token(token=token, now=now)
    appointment = (
        Appointment.objects.filter(pk=link.appointment_id, patient__isnull=False)
        .select_related("practitioner", "site", "room", "patient__user")
        .defer("reason", "notes")
        .first()
    )
    if appointment is None:
        raise links.LinkNotValid
    if appointment.version != link.version or appointment.status not in VISIT_STATUSES:
        raise LinkOutdated
    viewer = Viewer(patient_id=appointment.patient_id, roles=frozenset({Role.PATIENT}))
    return appointment, viewer

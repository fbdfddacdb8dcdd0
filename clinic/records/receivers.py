"""What the record hears from scheduling, after the commit."""

from __future__ import annotations

import uuid

from django.utils import timezone

from clinic.records.services import encounters, follow_ups

# Changes of a visit that say nothing about whether and when it takes place.
WITHOUT_EFFECT = frozenset({"confirmed", "late", "imported"})


def follow_appointment(
    sender: type,
    *,
    appointment_id: uuid.UUID,
    patient_id: uuid.UUID | None,
    change: str,
    **_: object,
) -> None:
    """Keep the record's visit and the follow-ups to be booked in step with an appointment."""
    if patient_id is None or change in WITHOUT_EFFECT:
        return
    now = timezone.now()
    encounters.follow_appointment(appointment_id=appointment_id, now=now)
    follow_ups.follow_appointment(appointment_id=appointment_id, patient_id=patient_id, now=now)

"""Which doctor and which patient have to do with each other, judged by their visits."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db.models import QuerySet

from clinic.people.choices import ApprovalStatus
from clinic.scheduling.choices import AppointmentStatus as S
from clinic.scheduling.models import Appointment

# A visit that was cancelled, never confirmed or entered by mistake makes nobody a patient.
COUNTED = (S.BOOKED, S.ARRIVED, S.CHECKED_IN, S.FULFILLED, S.NOSHOW)


def visits_of_care(*, practitioner_id: uuid.UUID, now: dt.datetime) -> QuerySet[Appointment]:
    """Return the visits that give a doctor a care relationship now (settings RECORDS)."""
    window = settings.RECORDS
    return Appointment.objects.filter(
        practitioner_id=practitioner_id,
        practitioner__approval=ApprovalStatus.APPROVED,
        patient__isnull=False,
        status__in=COUNTED,
        starts_at__gte=now - window["CARE_BEFORE"],
        starts_at__lte=now + window["CARE_AHEAD"],
    )


def has_care_relationship(
    *, practitioner_id: uuid.UUID, patient_id: uuid.UUID, now: dt.datetime
) -> bool:
    """Say whether the doctor cares for the patient at `now`."""
    visits = visits_of_care(practitioner_id=practitioner_id, now=now)
    return visits.filter(patient_id=patient_id).exists()

"""Visits that a doctor wants a patient to book, and their being booked."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from clinic.lib import times
from clinic.people.viewer import SYSTEM, Viewer
from clinic.records.choices import FollowUpStatus
from clinic.records.models import FollowUp
from clinic.records.permissions import NotAllowed, access_to, check_is_clinical
from clinic.records.rules.notes import follow_up_window
from clinic.records.selectors.notes import active_follow_ups
from clinic.records.services.encounters import encounter_for_writing
from clinic.records.services.reading import opened_record
from clinic.records.services.writing import record_change
from clinic.scheduling.choices import VISIT_STATUSES, AppointmentStatus
from clinic.scheduling.models import Appointment, Offering
from clinic.scheduling.selectors.board import time_zone_of

# A visit that was missed has to be booked again.
ANSWERS = VISIT_STATUSES - {AppointmentStatus.NOSHOW}


@dataclass(frozen=True, slots=True)
class FollowUpWish:
    """What is to be booked: a kind of visit, in so many weeks, and a word to the patient."""

    visit_type_id: uuid.UUID
    weeks: int
    note: str = ""


class NotOfferedByDoctor(Exception):
    """The doctor of the visit does not offer this kind of visit."""


def ask_for_follow_up(
    *,
    by: Viewer,
    patient_id: uuid.UUID,
    encounter_id: uuid.UUID,
    wish: FollowUpWish,
    now: dt.datetime,
) -> FollowUp:
    """Ask the patient to book a visit with the doctor of this one. Raises NotOfferedByDoctor."""
    with record_change(by=by, patient_id=patient_id, what="followup.asked", now=now) as change:
        encounter = encounter_for_writing(change=change, encounter_id=encounter_id)
        practitioner_id = encounter.practitioner_id or by.practitioner_id
        if practitioner_id is None or not _offers(practitioner_id, wish.visit_type_id):
            raise NotOfferedByDoctor
        today = times.today(time_zone_of(practitioner_id), now)
        due_from, due_until = follow_up_window(today=today, weeks=wish.weeks)
        follow_up = FollowUp(
            patient_id=patient_id,
            encounter_id=encounter.pk,
            practitioner_id=practitioner_id,
            visit_type_id=wish.visit_type_id,
            due_from=due_from,
            due_until=due_until,
            note=wish.note,
            created_at=now,
            created_by_id=by.user_id,
        )
        follow_up.save(force_insert=True)
        change.wrote(follow_up, "followup.asked")
    return follow_up


def _offers(practitioner_id: uuid.UUID, visit_type_id: uuid.UUID) -> bool:
    offerings = Offering.objects.filter(practitioner_id=practitioner_id)
    return offerings.filter(visit_type_id=visit_type_id, visit_type__active=True).exists()


def withdraw_follow_up(
    *, by: Viewer, patient_id: uuid.UUID, follow_up_id: uuid.UUID, now: dt.datetime
) -> FollowUp:
    """Take back what is no longer needed; one that was booked stays booked."""
    with record_change(by=by, patient_id=patient_id, what="followup.withdrawn", now=now) as change:
        check_is_clinical(change.access)
        follow_up = FollowUp.objects.filter(
            pk=follow_up_id, patient_id=patient_id, status=FollowUpStatus.ACTIVE
        ).first()
        if follow_up is None:
            raise NotAllowed("follow-up")
        follow_up.status = FollowUpStatus.REVOKED
        follow_up.save(update_fields=("status",))
        change.wrote(follow_up, "followup.withdrawn")
    return follow_up


def follow_ups_to_book(*, viewer: Viewer, now: dt.datetime) -> list[FollowUp]:
    """Return what a patient (or who acts for one) has to book; none where there is no access."""
    patient_id = viewer.patient_id
    if patient_id is None or not _has_to_book(patient_id):
        return []
    if access_to(viewer=viewer, patient_id=patient_id, now=now) is None:
        return []
    with opened_record(viewer=viewer, patient_id=patient_id, what="follow-ups", now=now) as opened:
        return active_follow_ups(access=opened)


def _has_to_book(patient_id: uuid.UUID) -> bool:
    """The home page asks this each time: the record is opened, and the look noted, only if so."""
    return FollowUp.objects.filter(patient_id=patient_id, status=FollowUpStatus.ACTIVE).exists()


def follow_appointment(
    *, appointment_id: uuid.UUID, patient_id: uuid.UUID, now: dt.datetime
) -> None:
    """Complete the follow-up that a booking answers; open it again when the booking is lost.

    A booking answers one: the first due of its doctor and kind whose window has begun by then. One
    that comes late is still the visit that was asked for.
    """
    asked = FollowUp.objects.filter(patient_id=patient_id)
    if not asked.exclude(status=FollowUpStatus.REVOKED).exists():
        return
    visit = Appointment.objects.filter(pk=appointment_id, patient_id=patient_id).first()
    if visit is None or _concerned(visit, patient_id) is None:
        return
    with record_change(
        by=SYSTEM, patient_id=patient_id, what="followup.settled", now=now
    ) as change:
        follow_up = _concerned(visit, patient_id)
        if follow_up is None:
            return
        booked = follow_up.status == FollowUpStatus.ACTIVE
        follow_up.status = FollowUpStatus.COMPLETED if booked else FollowUpStatus.ACTIVE
        follow_up.appointment_id = visit.pk if booked else None
        follow_up.save(update_fields=("status", "appointment"))
        change.wrote(follow_up, "followup.booked" if booked else "followup.reopened")


def _concerned(visit: Appointment, patient_id: uuid.UUID) -> FollowUp | None:
    """Return the follow-up that has to change because of this visit."""
    answered = FollowUp.objects.filter(
        appointment_id=visit.pk, status=FollowUpStatus.COMPLETED
    ).first()
    if visit.status not in ANSWERS:
        return answered
    if answered is not None:
        return None
    asked = FollowUp.objects.filter(
        patient_id=patient_id,
        status=FollowUpStatus.ACTIVE,
        practitioner_id=visit.practitioner_id,
        visit_type_id=visit.visit_type_id,
        due_from__lte=visit.local_date,
    )
    return asked.order_by("due_from", "pk").first()

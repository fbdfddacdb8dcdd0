"""Visits of the record: opened by a doctor who writes, kept in step with the appointment."""

from __future__ import annotations

import datetime as dt
import uuid

from clinic.people.viewer import SYSTEM, Viewer
from clinic.records.choices import EncounterStatus as E
from clinic.records.choices import Source
from clinic.records.models import Encounter
from clinic.records.permissions import NotAllowed, check_is_clinical, check_may_write
from clinic.records.services.writing import RecordChange, record_change
from clinic.scheduling.choices import AppointmentStatus as S
from clinic.scheduling.models import Appointment
from clinic.terminology.coded import Coded

# How a visit of the schedule stands in the record.
STATUS = {
    S.PENDING: E.PLANNED,
    S.BOOKED: E.PLANNED,
    S.ARRIVED: E.PLANNED,
    S.CHECKED_IN: E.IN_PROGRESS,
    S.FULFILLED: E.FINISHED,
    S.CANCELLED: E.CANCELLED,
    S.NOSHOW: E.CANCELLED,
    S.ENTERED_IN_ERROR: E.ENTERED_IN_ERROR,
}
# Only of these can there be something to write down.
WRITABLE = frozenset({S.BOOKED, S.ARRIVED, S.CHECKED_IN, S.FULFILLED})


class NothingToWrite(Exception):
    """The visit was cancelled, missed or never confirmed: it has no place in the record."""


def open_encounter(*, by: Viewer, appointment_id: uuid.UUID, now: dt.datetime) -> Encounter:
    """Return the record's visit for an appointment, made at the first call.

    For doctors with access to the record. Raises NotAllowed, NothingToWrite.
    """
    visit = _visit(appointment_id)
    if visit is None or visit.patient_id is None:
        raise NotAllowed("visit")
    check_is_clinical(check_may_write(viewer=by, patient_id=visit.patient_id, now=now))
    known = Encounter.objects.filter(appointment_id=appointment_id).first()
    if known is not None:
        return known
    if visit.status not in WRITABLE:
        raise NothingToWrite
    return _open(visit, visit.patient_id, by=by, now=now)


def patient_of_visit(*, appointment_id: uuid.UUID) -> uuid.UUID:
    """Return whose record a visit belongs to; raise NotAllowed for a hold or an unknown one."""
    visit = _visit(appointment_id)
    if visit is None or visit.patient_id is None:
        raise NotAllowed("visit")
    return visit.patient_id


def can_write(*, appointment_id: uuid.UUID) -> bool:
    """Say whether there can be something to write down about a visit."""
    visit = _visit(appointment_id)
    return visit is not None and visit.status in WRITABLE


def follow_appointment(*, appointment_id: uuid.UUID, now: dt.datetime) -> None:
    """Bring the record's visit to where the appointment stands; a finished one is always kept.

    One query where nothing is to be done: it is asked after every change of every appointment.
    """
    visit = _visit(appointment_id)
    if visit is None or visit.patient_id is None or visit.status not in STATUS:
        return
    known: Encounter | None = getattr(visit, "encounter", None)
    if known is None:
        if visit.status == S.FULFILLED:
            _open(visit, visit.patient_id, by=SYSTEM, now=now)
    elif (known.status, known.starts_at) != (STATUS[S(visit.status)], visit.starts_at):
        _bring(visit, visit.patient_id, now=now)


def _visit(appointment_id: uuid.UUID) -> Appointment | None:
    visits = Appointment.objects.select_related("visit_type", "encounter")
    return visits.filter(pk=appointment_id).first()


def _open(visit: Appointment, patient_id: uuid.UUID, *, by: Viewer, now: dt.datetime) -> Encounter:
    with record_change(by=by, patient_id=patient_id, what="encounter.opened", now=now) as change:
        known = Encounter.objects.filter(appointment_id=visit.pk).first()
        if known is not None:
            return known
        status = STATUS[S(visit.status)]
        encounter = Encounter(
            patient_id=patient_id,
            status=status,
            source=Source.PRACTITIONER,
            practitioner_id=visit.practitioner_id,
            appointment_id=visit.pk,
            starts_at=visit.starts_at,
            ends_at=_ended(visit, status, now),
            kind=Coded(visit.visit_type.name).as_json(),
            reason=visit.reason,
            recorded_at=now,
        )
        encounter.save(force_insert=True)
        change.wrote(encounter, "encounter.opened")
    return encounter


def _bring(visit: Appointment, patient_id: uuid.UUID, *, now: dt.datetime) -> None:
    with record_change(
        by=SYSTEM, patient_id=patient_id, what="encounter.changed", now=now
    ) as change:
        encounter = Encounter.objects.get(appointment_id=visit.pk)
        encounter.status = STATUS[S(visit.status)]
        encounter.starts_at = visit.starts_at
        encounter.ends_at = _ended(visit, encounter.status, now)
        fields = ("status", "starts_at", "ends_at")
        encounter.save(update_fields=fields)
        change.wrote(encounter, f"encounter.{_word(encounter)}", fields=fields)


def _ended(visit: Appointment, status: str, now: dt.datetime) -> dt.datetime | None:
    return max(now, visit.starts_at) if status == E.FINISHED else None


def _word(encounter: Encounter) -> str:
    return "finished" if encounter.status == E.FINISHED else "changed"


def encounter_for_writing(*, change: RecordChange, encounter_id: uuid.UUID) -> Encounter:
    """Return a visit of this record for somebody who acts as a doctor, or raise NotAllowed."""
    check_is_clinical(change.access)
    encounter = Encounter.objects.filter(pk=encounter_id, patient_id=change.patient_id).first()
    if encounter is None:
        raise NotAllowed("encounter")
    return encounter

"""Read everything a copy of a record holds: one query for each kind of row."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Prefetch, QuerySet

from clinic.audit.models import AuditEvent
from clinic.audit.selectors import trail_of_patient
from clinic.people.models import Patient, Practitioner, User
from clinic.records import models
from clinic.records.choices import DocumentStatus
from clinic.records.permissions import RecordAccess
from clinic.records.selectors.access_log import WITH_GROUND
from clinic.records.selectors.notes import SIGNED
from clinic.scheduling.choices import AppointmentStatus
from clinic.scheduling.models import Appointment


@dataclass(frozen=True, slots=True)
class Gathered:
    """The rows of one record, oldest first within each kind."""

    patient: Patient
    encounters: Sequence[models.Encounter]
    conditions: Sequence[models.Condition]
    allergies: Sequence[models.AllergyIntolerance]
    procedures: Sequence[models.Procedure]
    immunizations: Sequence[models.Immunization]
    family: Sequence[models.FamilyMemberHistory]
    requests: Sequence[models.MedicationRequest]
    statements: Sequence[models.MedicationStatement]
    doses: Sequence[models.DoseEvent]
    observations: Sequence[models.Observation]
    notes: Sequence[models.ClinicalNote]
    follow_ups: Sequence[models.FollowUp]
    documents: Sequence[models.DocumentReference]
    imported: Sequence[models.ImportedResource]
    proposals: Sequence[models.ChangeProposal]
    corrections: Sequence[models.CorrectionRequest]
    appointments: Sequence[Appointment]
    looks: Sequence[AuditEvent]
    people: dict[uuid.UUID, User]

    def practitioners(self) -> list[Practitioner]:
        """Return every doctor whom the rows name, each once."""
        named: dict[uuid.UUID, Practitioner] = {}
        for rows, role in (
            (self.encounters, "practitioner"),
            (self.requests, "requester"),
            (self.notes, "author"),
            (self.follow_ups, "practitioner"),
            (self.appointments, "practitioner"),
        ):
            for row in rows:
                person = getattr(row, role)
                if person is not None:
                    named[person.pk] = person
        for note in self.notes:
            named.update((one.author.pk, one.author) for one in note.addenda.all())
        return list(named.values())


def gather(*, access: RecordAccess) -> Gathered:
    """Return every row that the patient may have a copy of.

    Notes that are not released and files that were refused are not the patient's to read yet.
    """
    looks = list(
        trail_of_patient(patient_id=access.patient_id)
        .filter(detail__contains=WITH_GROUND)
        .order_by("at", "pk")
    )
    return Gathered(
        patient=Patient.objects.get(pk=access.patient_id),
        encounters=_rows(models.Encounter, access, "starts_at", "practitioner"),
        conditions=_rows(models.Condition, access, "recorded_at"),
        allergies=_rows(models.AllergyIntolerance, access, "recorded_at"),
        procedures=_rows(models.Procedure, access, "recorded_at"),
        immunizations=_rows(models.Immunization, access, "recorded_at"),
        family=_rows(models.FamilyMemberHistory, access, "recorded_at"),
        requests=_rows(models.MedicationRequest, access, "authored_at", "requester"),
        statements=_rows(models.MedicationStatement, access, "recorded_at"),
        doses=_rows(models.DoseEvent, access, "due_at", "statement"),
        observations=_rows(models.Observation, access, "effective_at"),
        notes=_notes(access),
        follow_ups=_rows(models.FollowUp, access, "created_at", "practitioner", "visit_type"),
        documents=list(_of(models.DocumentReference, access).filter(status=DocumentStatus.CURRENT)),
        imported=_rows(models.ImportedResource, access, "recorded_at"),
        proposals=_rows(models.ChangeProposal, access, "created_at"),
        corrections=_rows(models.CorrectionRequest, access, "created_at"),
        appointments=_appointments(access),
        looks=looks,
        people=_people(looks),
    )


def _of(model: type[Model], access: RecordAccess) -> QuerySet[Any]:
    return model._default_manager.filter(patient_id=access.patient_id)


def _rows(model: type[Model], access: RecordAccess, order: str, *joined: str) -> list[Any]:
    return list(_of(model, access).select_related(*joined).order_by(order, "pk"))


def _notes(access: RecordAccess) -> list[models.ClinicalNote]:
    addenda = models.NoteAddendum.objects.select_related("author").order_by("signed_at", "pk")
    return list(
        models.ClinicalNote.objects.filter(
            patient_id=access.patient_id, status__in=SIGNED, released_at__isnull=False
        )
        .select_related("author", "encounter")
        .prefetch_related(Prefetch("addenda", addenda))
        .order_by("encounter__starts_at", "pk")
    )


def _appointments(access: RecordAccess) -> list[Appointment]:
    return list(
        Appointment.objects.filter(patient_id=access.patient_id)
        .exclude(status=AppointmentStatus.PROPOSED)
        .select_related("practitioner", "visit_type", "site")
        .order_by("starts_at", "pk")
    )


def _people(looks: Sequence[AuditEvent]) -> dict[uuid.UUID, User]:
    actors = {event.actor for event in looks if event.actor}
    users = User.objects.filter(pk__in=actors).select_related("practitioner", "patient")
    return {user.pk: user for user in users}

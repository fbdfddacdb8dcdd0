"""One clinic with two patients who do not know each other, and the id of everything in it."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.urls import reverse

from clinic.people.choices import Role
from clinic.people.models import Patient, Practitioner, User
from clinic.records.models import ClinicalNote, MedicationStatement
from clinic.scheduling.models import Absence, Appointment, Closure, Site, VisitType
from tests.factories.people import (
    InvitationFactory,
    PatientFactory,
    PractitionerFactory,
    ProxyGrantFactory,
    UserFactory,
)
from tests.factories.records import (
    ConditionFactory,
    CorrectionFactory,
    DocumentFactory,
    EmergencyAccessFactory,
    FollowUpFactory,
    MedicationFactory,
    NoteFactory,
    ObservationFactory,
    PrescriptionFactory,
    ProposalFactory,
)
from tests.factories.scheduling import (
    AbsenceFactory,
    AppointmentFactory,
    ClosureFactory,
    RoomFactory,
    open_practice,
)
from tests.security.addresses import Address

SECRET = "an-invitation-nobody-took-up"  # noqa: S105
CANARY = "canaryhivpositive"
TUESDAY = dt.datetime(2026, 3, 3, 8, 0, tzinfo=dt.UTC)


@dataclass
class World:
    patient: Patient
    outsider: Patient
    practitioner: Practitioner
    other_practitioner: Practitioner
    pending: Practitioner
    receptionist: User
    administrator: User
    site: Site
    visit_type: VisitType
    appointment: Appointment
    absence: Absence
    closure: Closure
    invitation_id: uuid.UUID
    grant_id: uuid.UUID
    glass_id: uuid.UUID
    room_id: uuid.UUID
    observation_id: uuid.UUID
    document_id: uuid.UUID
    history_id: uuid.UUID
    correction_id: uuid.UUID
    proposal_id: uuid.UUID
    note: ClinicalNote
    follow_up_id: uuid.UUID
    statement: MedicationStatement

    def people(self) -> dict[str, User | None]:
        """Return who may come along, the anonymous visitor included."""
        return {
            "visitor": None,
            "patient": self.patient.user,
            "outsider": self.outsider.user,
            "doctor": self.practitioner.user,
            "other doctor": self.other_practitioner.user,
            "waiting doctor": self.pending.user,
            "desk": self.receptionist,
            "administrator": self.administrator,
        }

    def browser(self, who: str) -> Client:
        """Return the signed-in browser of one of them. A server error comes back as status 500."""
        browser = Client(raise_request_exception=True)
        user = self.people()[who]
        if user is not None:
            browser.force_login(user)
        return browser

    def arguments(self) -> dict[str, Any]:
        """Return a value for every argument that an address takes."""
        return {
            "appointment_id": self.appointment.pk,
            "practitioner_id": self.practitioner.pk,
            "patient_id": self.patient.pk,
            "user_id": self.patient.user_id,
            "site_id": self.site.pk,
            "room_id": self.room_id,
            "visit_type_id": self.visit_type.pk,
            "absence_id": self.absence.pk,
            "closure_id": self.closure.pk,
            "invitation_id": self.invitation_id,
            "grant_id": self.grant_id,
            "glass_id": self.glass_id,
            "date": "2026-03-03",
            "secret": SECRET,
            "token": "not-a-token",
            "key": "not-a-key",
            "uidb36": "1",
            "kind": "replace",
            "observation_id": self.observation_id,
            "document_id": self.document_id,
            "measure": "weight",
            "section": "conditions",
            "history_id": self.history_id,
            "act": "confirm",
            "entry_kind": "condition",
            "entry_id": self.history_id,
            "correction_id": self.correction_id,
            "proposal_id": self.proposal_id,
            "note_id": self.note.pk,
            "encounter_id": self.note.encounter_id,
            "follow_up_id": self.follow_up_id,
            "statement_id": self.statement.pk,
            "request_id": self.statement.request_id,
        }

    def path(self, address: Address, **instead: Any) -> str:
        """Return an address with everything filled in from this world, or `instead`."""
        known = self.arguments() | instead
        return reverse(address.name, kwargs={name: known[name] for name in address.arguments})


def build() -> World:
    practitioner = PractitionerFactory(user__email="ines@example.org")
    patient = PatientFactory(
        user__email="amara@example.org",
        given_name="Amara",
        family_name="Quillfeather",
        phone="+49305550123",
        address=CANARY,
    )
    visit_type = open_practice(practitioner)
    appointment = AppointmentFactory(
        patient=patient, practitioner=practitioner, visit_type=visit_type, reason=CANARY
    )
    return World(
        patient=patient,
        outsider=PatientFactory(user__email="bela@example.org", given_name="Bela"),
        practitioner=practitioner,
        other_practitioner=PractitionerFactory(user__email="marek@example.org"),
        pending=PractitionerFactory(user__email="noor@example.org", pending=True),
        receptionist=UserFactory(email="desk@example.org", roles=[Role.FRONT_DESK]),
        administrator=UserFactory(email="admin@example.org", roles=[Role.ADMINISTRATOR]),
        site=appointment.site,
        visit_type=visit_type,
        appointment=appointment,
        absence=AbsenceFactory(
            practitioner=practitioner,
            starts_at=TUESDAY + dt.timedelta(days=1),
            ends_at=TUESDAY + dt.timedelta(days=1, hours=2),
        ),
        closure=ClosureFactory(
            site=appointment.site,
            starts_at=TUESDAY + dt.timedelta(days=30),
            ends_at=TUESDAY + dt.timedelta(days=31),
        ),
        grant_id=ProxyGrantFactory(patient=patient, user__email="carer@example.org").pk,
        glass_id=EmergencyAccessFactory(
            patient=patient, practitioner__user__email="urgent@example.org"
        ).pk,
        invitation_id=InvitationFactory(secret=SECRET, invited_at=TUESDAY).pk,
        room_id=RoomFactory().pk,
        observation_id=ObservationFactory(patient=patient, said=True, note=CANARY).pk,
        document_id=DocumentFactory(patient=patient, title=CANARY).pk,
        history_id=ConditionFactory(patient=patient, said=True, note=CANARY).pk,
        correction_id=CorrectionFactory(patient=patient, text=CANARY).pk,
        proposal_id=ProposalFactory(patient=patient, note=CANARY).pk,
        note=NoteFactory(patient=patient, author=practitioner, sections={"plan": CANARY}),
        follow_up_id=FollowUpFactory(
            patient=patient, practitioner=practitioner, visit_type=visit_type, note=CANARY
        ).pk,
        statement=MedicationFactory(
            patient=patient, note=CANARY, request=PrescriptionFactory(patient=patient, note=CANARY)
        ),
    )

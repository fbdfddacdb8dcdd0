"""What the access test is told: an object for every address, and who may see that object.

Whoever adds an address with an id in it adds a line to `WHO_SEES`: the people of the cast for whom
the object exists. All of them must be in the audience that the view declares. An id with a new name
also needs an object in `Objects`. The record has a table of its own, in `tests/security`.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from clinic.records.choices import DocumentStatus
from clinic.scheduling.choices import WindowKind
from clinic.scheduling.models import Appointment
from reminders import links
from tests.conftest import NOW
from tests.factories import scheduling
from tests.factories.people import InvitationFactory, ProxyGrantFactory
from tests.factories.records import (
    ConditionFactory,
    CorrectionFactory,
    DocumentFactory,
    EmergencyAccessFactory,
    EncounterFactory,
    FollowUpFactory,
    MedicationFactory,
    NoteFactory,
    ObservationFactory,
    PrescriptionFactory,
    ProposalFactory,
)

# The cast. `patient` owns the objects, `practitioner` treats.
VISITOR = "visitor"
OUTSIDER = "outsider"
PATIENT = "patient"
PRACTITIONER = "practitioner"
OTHER_PRACTITIONER = "other_practitioner"
PENDING = "pending_practitioner"
RECEPTIONIST = "receptionist"
ADMINISTRATOR = "administrator"
CAST = (
    *(VISITOR, OUTSIDER, PATIENT, PRACTITIONER),
    *(OTHER_PRACTITIONER, PENDING, RECEPTIONIST, ADMINISTRATOR),
)
EVERYONE = frozenset(CAST)
OWN_VISIT = frozenset({PATIENT})
OWN_HOURS = frozenset({PRACTITIONER, ADMINISTRATOR})
OWN_BOARD = frozenset({PRACTITIONER, RECEPTIONIST, ADMINISTRATOR})
DESK = frozenset({RECEPTIONIST, ADMINISTRATOR})
# What only the patient has to do with.
OWN_RECORD = frozenset({PATIENT})

# For addresses with an object in them: who gets past GET. POST-only addresses answer 405 to these.
WHO_SEES: dict[str, frozenset[str]] = {
    "people:invitation_accept": EVERYONE,
    "people:invitation_withdraw": frozenset({ADMINISTRATOR}),
    "people:practitioner_approve": frozenset({ADMINISTRATOR}),
    "people:practitioner_decline": frozenset({ADMINISTRATOR}),
    "people:grant_accept": EVERYONE,
    "people:grant_end": frozenset({PATIENT, OTHER_PRACTITIONER, ADMINISTRATOR}),
    "people:carer_confirm": OWN_RECORD,
    "people:acting_start": frozenset({OTHER_PRACTITIONER}),
    "people:patient_carers": DESK,
    "people:role_grant": frozenset({ADMINISTRATOR}),
    "people:role_end": frozenset({ADMINISTRATOR}),
    "people:account_close": frozenset({ADMINISTRATOR}),
    "people:account_reopen": frozenset({ADMINISTRATOR}),
    "scheduling:slot_list": EVERYONE,
    "scheduling:slot_hold": EVERYONE,
    "scheduling:appointment_detail": OWN_VISIT,
    "scheduling:appointment_cancel": OWN_VISIT,
    "scheduling:appointment_confirm": OWN_VISIT,
    "scheduling:appointment_late": OWN_VISIT,
    "scheduling:appointment_calendar": OWN_VISIT,
    "scheduling:appointment_move": OWN_VISIT,
    "scheduling:move_hold": OWN_VISIT,
    "scheduling:move_review": OWN_VISIT,
    "scheduling:patient_detail": DESK,
    "scheduling:book_for_caller": OWN_BOARD,
    "scheduling:hours_edit": OWN_HOURS,
    "scheduling:absence_add": OWN_HOURS,
    "scheduling:absence_remove": OWN_HOURS,
    "scheduling:date_set": OWN_HOURS,
    "scheduling:date_remove": OWN_HOURS,
    "scheduling:closure_remove": frozenset({ADMINISTRATOR}),
    "scheduling:setup_site": frozenset({ADMINISTRATOR}),
    "scheduling:setup_room_add": frozenset({ADMINISTRATOR}),
    "scheduling:setup_room": frozenset({ADMINISTRATOR}),
    "scheduling:setup_visit_type": frozenset({ADMINISTRATOR}),
    "scheduling:setup_doctor": frozenset({ADMINISTRATOR}),
    "scheduling:setup_offering": frozenset({ADMINISTRATOR}),
    "scheduling:day_board": OWN_BOARD,
    "scheduling:week_board": OWN_BOARD,
    "scheduling:appointment_status": OWN_BOARD,
    "scheduling:appointment_undo": OWN_BOARD,
    "terminology:suggest": EVERYONE - {VISITOR},
    "fhir:export": OWN_RECORD,
    "fhir:export_file": OWN_RECORD,
    "reminders:link": EVERYONE,
    "reminders:ledger": OWN_BOARD,
}

# Addresses without an id that exist only for some of their audience: the page is about the viewer.
ONLY_FOR: dict[str, frozenset[str]] = {
    "people:waiting": frozenset({PRACTITIONER, OTHER_PRACTITIONER, PENDING}),
}

# These show a step of something under way; without it there is nothing, for anyone.
NEEDS_A_STEP_BEFORE = frozenset(
    {
        "scheduling:move_review",
        # Without a visit no doctor prescribes.
    }
)

# What a stranger's POST says, where an empty one would be refused before the object is looked up.
POSTED: dict[str, dict[str, str]] = {"scheduling:appointment_status": {"to": "arrived"}}

# Answers that mean "you may": a page, nothing to say, a redirect onwards, the wrong method, a form
# to correct, and /readyz without a worker.
MAY = frozenset({200, 204, 302, 303, 400, 405, 409, 422, 503})


class Objects:
    """One object of `patient` and `practitioner` for every kind of id in an address."""

    def __init__(self, person: Callable[[str], Any]) -> None:
        self.person = person

    def value(self, name: str) -> Any:
        """Return what stands for `<name>` in an address."""
        return getattr(self, name)()

    def user_id(self) -> uuid.UUID:
        return self.person(PATIENT).user_id

    def patient_id(self) -> uuid.UUID:
        return self.person(PATIENT).pk

    def practitioner_id(self) -> uuid.UUID:
        practitioner = self.person(PRACTITIONER)
        scheduling.open_practice(practitioner)
        return practitioner.pk

    def appointment_id(self) -> uuid.UUID:
        return self._visit().pk

    def absence_id(self) -> uuid.UUID:
        return scheduling.AbsenceFactory(practitioner=self.person(PRACTITIONER)).pk

    def site_id(self) -> uuid.UUID:
        return scheduling.SiteFactory().pk

    def room_id(self) -> uuid.UUID:
        return scheduling.RoomFactory().pk

    def visit_type_id(self) -> uuid.UUID:
        return scheduling.VisitTypeFactory().pk

    def closure_id(self) -> uuid.UUID:
        return scheduling.ClosureFactory().pk

    def invitation_id(self) -> uuid.UUID:
        return InvitationFactory().pk

    def grant_id(self) -> uuid.UUID:
        carer = self.person(OTHER_PRACTITIONER).user
        return ProxyGrantFactory(patient=self.person(PATIENT), user=carer).pk

    def glass_id(self) -> uuid.UUID:
        return EmergencyAccessFactory(
            patient=self.person(PATIENT), practitioner=self.person(PRACTITIONER)
        ).pk

    def document_id(self) -> uuid.UUID:
        # In quarantine: the one state in which every page answers without a file in the store.
        waits = {"status": DocumentStatus.QUARANTINED, "has_preview": True}
        return DocumentFactory(patient=self.person(PATIENT), **waits).pk

    def observation_id(self) -> uuid.UUID:
        return ObservationFactory(patient=self.person(PATIENT), said=True).pk

    def section(self) -> str:
        return "conditions"

    def history_id(self) -> uuid.UUID:
        return ConditionFactory(patient=self.person(PATIENT), said=True).pk

    def act(self) -> str:
        return "confirm"

    def proposal_id(self) -> uuid.UUID:
        return ProposalFactory(patient=self.person(PATIENT)).pk

    def note_id(self) -> uuid.UUID:
        self._visit()
        patient, author = self.person(PATIENT), self.person(PRACTITIONER)
        return NoteFactory(patient=patient, author=author).pk

    def encounter_id(self) -> uuid.UUID:
        self._visit()
        doctor = self.person(PRACTITIONER)
        return EncounterFactory(patient=self.person(PATIENT), practitioner=doctor).pk

    def statement_id(self) -> uuid.UUID:
        self._visit()
        return MedicationFactory(patient=self.person(PATIENT)).pk

    def request_id(self) -> uuid.UUID:
        self._visit()
        return PrescriptionFactory(patient=self.person(PATIENT)).pk

    def follow_up_id(self) -> uuid.UUID:
        doctor = self.person(PRACTITIONER)
        return FollowUpFactory(patient=self.person(PATIENT), practitioner=doctor).pk

    def measure(self) -> str:
        return "weight"

    def date(self) -> dt.date:
        return NOW.date()

    def entry_kind(self) -> str:
        return "condition"

    def entry_id(self) -> uuid.UUID:
        return ConditionFactory(patient=self.person(PATIENT)).pk

    def correction_id(self) -> uuid.UUID:
        return CorrectionFactory(patient=self.person(PATIENT)).pk

    def kind(self) -> str:
        return WindowKind.values[0]

    def secret(self) -> str:
        InvitationFactory(secret="a-secret-of-the-cast", invited_at=NOW)
        ProxyGrantFactory(patient=self.person(PATIENT), invited=True, secret="a-secret-of-the-cast")
        return "a-secret-of-the-cast"

    def token(self) -> str:
        return links.make_token(appointment=self._visit())

    def _visit(self) -> Appointment:
        return scheduling.AppointmentFactory(
            patient=self.person(PATIENT), practitioner=self.person(PRACTITIONER)
        )

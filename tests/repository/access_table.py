"""What the access test is told: an object for every address, and who may see that object.

Whoever adds an address with an id in it adds a line to `WHO_SEES`: the people of the cast for whom
the object exists. All of them must be in the audience that the view declares. An id with a new name
also needs an object in `Objects`.
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
# The objects of the table hold no visit, so no doctor has to do with the record.
OWN_RECORD = frozenset({PATIENT})
ANY_DOCTOR = frozenset({PRACTITIONER, OTHER_PRACTITIONER})
# Notes come with a visit; this one is a draft, which only its author sees.
TREATING = frozenset({PRACTITIONER})
OWN_AND_TREATING = OWN_RECORD | TREATING

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
    "records:overview": OWN_RECORD,
    "records:timeline": OWN_RECORD,
    # Without a visit no doctor prepares for one.
    "records:summary": frozenset(),
    "records:visit_summary": TREATING,
    "records:access_log": OWN_RECORD,
    "records:rights": OWN_RECORD,
    "records:correction_list": OWN_RECORD,
    "records:correction_new": OWN_RECORD,
    "records:correction_about": OWN_RECORD,
    "records:correction_answer": ANY_DOCTOR,
    "records:erasure_execute": frozenset({ADMINISTRATOR}),
    "records:erasure_refuse": frozenset({ADMINISTRATOR}),
    "fhir:export": OWN_RECORD,
    "fhir:export_file": OWN_RECORD,
    "records:emergency_open": ANY_DOCTOR,
    "records:emergency_end": ANY_DOCTOR,
    "records:emergency_review": frozenset({ADMINISTRATOR}),
    "records:history": OWN_RECORD,
    "records:history_section": OWN_RECORD,
    "records:history_add": OWN_RECORD,
    "records:history_edit": OWN_RECORD,
    "records:history_act": OWN_RECORD,
    "records:history_confirm": frozenset({PRACTITIONER}),
    "records:lifestyle_edit": OWN_RECORD,
    "records:allergy_none": OWN_RECORD,
    "records:allergy_stop": OWN_RECORD,
    "records:proposal_list": OWN_RECORD,
    "records:proposal_accept": frozenset({PRACTITIONER}),
    "records:proposal_decline": frozenset({PRACTITIONER}),
    "records:proposal_accept_all": frozenset({PRACTITIONER}),
    "records:proposal_withdraw": OWN_RECORD,
    "records:document_list": OWN_RECORD,
    "records:document_new": OWN_RECORD,
    "records:document_detail": OWN_RECORD,
    "records:document_edit": OWN_RECORD,
    "records:document_remove": OWN_RECORD,
    "records:document_download": OWN_RECORD,
    "records:document_preview": OWN_RECORD,
    "records:measurement_list": OWN_RECORD,
    "records:measurement_detail": OWN_RECORD,
    "records:measurement_new": OWN_RECORD,
    "records:measurement_units": OWN_RECORD,
    "records:measurement_like": OWN_RECORD,
    "records:measurement_edit": OWN_RECORD,
    "records:measurement_mistake": OWN_RECORD,
    "records:medication_list": OWN_RECORD,
    "records:medication_new": OWN_RECORD,
    "records:medication_plan": OWN_RECORD,
    "records:medication_plan_pdf": OWN_RECORD,
    "records:medication_detail": OWN_AND_TREATING,
    "records:medication_edit": OWN_AND_TREATING,
    "records:medication_stop": OWN_AND_TREATING,
    "records:medication_pause": OWN_AND_TREATING,
    "records:medication_filled": OWN_AND_TREATING,
    "records:medication_act": TREATING,
    "records:dose_mark": OWN_RECORD,
    "records:dose_reminders": OWN_RECORD,
    "records:prescription_new": TREATING,
    "records:prescription_renew": TREATING,
    "records:prescription_cancel": TREATING,
    "records:note_list": OWN_RECORD,
    "records:note_start": TREATING,
    "records:after_visit": TREATING,
    "records:prescription_pdf": TREATING,
    "records:note_detail": TREATING,
    "records:note_edit": TREATING,
    "records:note_save": TREATING,
    "records:note_compare": TREATING,
    "records:note_vitals": TREATING,
    "records:note_sign": TREATING,
    "records:note_release": TREATING,
    "records:note_addition": TREATING,
    "records:note_discard": TREATING,
    "records:note_restore": TREATING,
    "records:follow_up_add": TREATING,
    "records:follow_up_withdraw": TREATING,
    "records:visit_note": TREATING,
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
        "records:emergency_open",
        "records:after_visit",
        "records:prescription_pdf",
        # Without a visit no doctor prescribes.
        "records:prescription_new",
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

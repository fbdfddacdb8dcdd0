"""A record with something of every kind in it, as a doctor and a patient would have filled it."""

from __future__ import annotations

import datetime as dt

from clinic.crypto import storage
from clinic.people.models import Patient, Practitioner
from clinic.records.choices import DoseStatus, Verification
from clinic.records.models import (
    CorrectionRequest,
    DocumentReference,
    DoseEvent,
    ImportedResource,
    NoteAddendum,
)
from clinic.records.services.documents import place_of
from tests.factories.records import (
    RECORDED_AT,
    AllergyFactory,
    ConditionFactory,
    EncounterFactory,
    FamilyHistoryFactory,
    FollowUpFactory,
    ImmunizationFactory,
    LifestyleFactory,
    MedicationFactory,
    NoteFactory,
    ObservationFactory,
    PrescriptionFactory,
    ProcedureFactory,
    ProposalFactory,
    blood_pressure,
)
from tests.factories.scheduling import AppointmentFactory

SNOMED = "http://snomed.info/sct"
LETTER = b"%PDF-1.7 a letter from the hospital"


def fill(patient: Patient, practitioner: Practitioner) -> None:
    """Fill the record of a patient."""
    of = {"patient": patient}
    visit = AppointmentFactory(**of, practitioner=practitioner, reason="Cough")
    encounter = EncounterFactory(
        **of, practitioner=practitioner, appointment=visit, reason="Cough & fever <39>"
    )
    _history(of, encounter)
    _medicines(of, practitioner, encounter)
    _measurements(of, encounter)
    note = NoteFactory(
        **of,
        author=practitioner,
        encounter=encounter,
        signed=True,
        sections={"subjective": "Cough <b>for</b> a week", "plan": "Rest\n& tea"},
    )
    NoteAddendum(
        **of, note=note, author=practitioner, text="X-ray was clear", signed_at=RECORDED_AT
    ).save()
    NoteFactory(**of, author=practitioner, sections={"plan": "a draft nobody may see"})
    NoteFactory(
        **of, author=practitioner, held_back=True, sections={"plan": "held back for review"}
    )
    FollowUpFactory(**of, practitioner=practitioner, encounter=encounter, note="Bring the results")
    ProposalFactory(**of, note="Itches")
    CorrectionRequest(
        **of, target_type="condition", text="It was the left ear", created_at=RECORDED_AT
    ).save()
    letter(patient)


def letter(patient: Patient, *, name: str = "Brief: Klinik 2026.PDF") -> DocumentReference:
    """Keep a file in the record."""
    row = DocumentReference(
        patient=patient,
        title="Hospital letter",
        file_name=name,
        category="letter",
        note="From the ward",
        status="current",
        content_type="application/pdf",
        size_bytes=len(LETTER),
        source="patient",
        uploaded_at=RECORDED_AT,
    )
    row.save(force_insert=True)
    storage.write(source=[LETTER], place=place_of(document_id=row.pk, patient_id=patient.pk))
    return row


def _history(of, encounter) -> None:
    ConditionFactory(
        **of,
        encounter=encounter,
        concept={"text": "Asthma", "system": SNOMED, "code": "195967001"},
        severity="mild",
        onset_date=dt.date(1999, 5, 1),
        onset_precision="month",
        note="Worse in spring",
    )
    ConditionFactory(
        **of,
        text="Otitis",
        clinical_status="resolved",
        abatement_date=dt.date(2001, 1, 1),
        abatement_precision="year",
        verification=Verification.ENTERED_IN_ERROR,
    )
    AllergyFactory(
        **of,
        kind="allergy",
        category="medication",
        criticality="high",
        reaction="Hives",
        reaction_severity="severe",
        said=True,
    )
    AllergyFactory(**of, none=True, clinical_status="inactive")
    ProcedureFactory(**of, performed_date=dt.date(2011, 3, 4))
    ProcedureFactory(**of, text="Date not known")
    ImmunizationFactory(
        **of, occurrence_date=dt.date(2025, 10, 2), dose_number="2", lot_number="AB12"
    )
    ImmunizationFactory(**of, text="As a child")
    FamilyHistoryFactory(**of, onset_age="52", deceased=True, encounter=encounter)
    FamilyHistoryFactory(**of, text="Stroke", relationship="Great-aunt")


def _medicines(of, practitioner, encounter) -> None:
    supply = {"quantity": "60", "filled_on": "2026-01-12", "refills": 2}
    order = PrescriptionFactory(
        **of, requester=practitioner, encounter=encounter, reason="Blood pressure", supply=supply
    )
    taken = MedicationFactory(**of, request=order, encounter=encounter, prescriber_text="Dr Ines")
    DoseEvent(
        **of,
        statement=taken,
        due_at=RECORDED_AT,
        status=DoseStatus.SKIPPED,
        recorded_at=RECORDED_AT,
        reason="Forgot",
    ).save()
    for dosage in (
        {"frequency": "as-needed", "amount": "1", "unit": "puff", "max_per_day": 4},
        {"frequency": "every-hours", "hours": 6, "amount": "2.5", "unit": "mL", "meal": "AC"},
        {"frequency": "weekdays", "weekdays": [1, 4], "times": ["07:30"], "route": "oral"},
        {"frequency": "twice", "amount": "half", "unit": "", "meal": "C", "text": "crushed"},
        {},
    ):
        MedicationFactory(**of, dosage=dosage, text=str(dosage.get("frequency", "Ointment")))
    MedicationFactory(
        **of, text="Stopped", status="stopped", ends_on=dt.date(2026, 1, 9), status_reason="Rash"
    )


def _measurements(of, encounter) -> None:
    ObservationFactory(**of, encounter=encounter, note="After breakfast")
    blood_pressure(of["patient"], 128, 82, encounter=encounter)
    LifestyleFactory(**of)
    coded = {"coded": {"text": "Never smoked", "system": SNOMED, "code": "266919005"}}
    ObservationFactory(**of, text="Tobacco", code="72166-2", value=coded)
    ObservationFactory(**of, text="Panel", code="1-8", value={"parts": {"": {}, "2-6": {}}})
    ObservationFactory(
        **of, text="Score", code="3-4", value={"number": "1E3", "unit": "{score}"}, said=True
    )


def keep_imported(patient: Patient, **content) -> ImportedResource:
    """Keep a resource as another system sent it."""
    row = ImportedResource(
        patient=patient,
        resource_type=content.get("resourceType", "Patient"),
        content=content,
        recorded_at=RECORDED_AT,
        changed_at=RECORDED_AT,
    )
    row.save(force_insert=True)
    return row

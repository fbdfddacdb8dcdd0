"""Factories of the record: entries as a doctor wrote them; valid, minimal, the same every run."""

from __future__ import annotations

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from clinic.records import tokens
from clinic.records.choices import (
    DocumentCategory,
    DocumentStatus,
    EmergencyReason,
    EncounterStatus,
    NoteStatus,
    ObservationCategory,
    ProposalAction,
    ProposalKind,
    Release,
    Source,
    Verification,
)
from clinic.records.models import (
    AllergyIntolerance,
    ChangeProposal,
    ClinicalNote,
    Condition,
    CorrectionRequest,
    DocumentReference,
    EmergencyAccess,
    Encounter,
    FamilyMemberHistory,
    FollowUp,
    Immunization,
    MedicationRequest,
    MedicationStatement,
    Observation,
    Procedure,
)
from tests.factories.people import PatientFactory, PractitionerFactory
from tests.factories.scheduling import VisitTypeFactory

RECORDED_AT = dt.datetime(2026, 1, 12, 10, 0, tzinfo=dt.UTC)


class EntryFactory(DjangoModelFactory):
    """An entry that a doctor confirmed; `said=True` is the patient's, not confirmed."""

    class Meta:
        abstract = True

    class Params:
        text = "Something"
        said = factory.Trait(
            verification=Verification.UNCONFIRMED, source=Source.PATIENT, confirmed_at=None
        )

    patient = factory.SubFactory(PatientFactory)
    concept = factory.LazyAttribute(lambda o: {"text": o.text})
    verification = Verification.CONFIRMED
    source = Source.PRACTITIONER
    recorded_at = RECORDED_AT
    changed_at = RECORDED_AT
    confirmed_at = RECORDED_AT


class ConditionFactory(EntryFactory):
    class Meta:
        model = Condition

    class Params:
        text = "High blood pressure"


class AllergyFactory(EntryFactory):
    """An allergy; `none=True` is the statement that none is known."""

    class Meta:
        model = AllergyIntolerance

    class Params:
        text = "Penicillin"
        none = factory.Trait(
            concept={
                "text": "No known allergies",
                "system": "http://snomed.info/sct",
                "code": AllergyIntolerance.NO_KNOWN_ALLERGIES,
            }
        )


class ProcedureFactory(EntryFactory):
    class Meta:
        model = Procedure

    class Params:
        text = "Appendectomy"


class ImmunizationFactory(EntryFactory):
    class Meta:
        model = Immunization

    class Params:
        text = "Influenza vaccine"


class FamilyHistoryFactory(EntryFactory):
    class Meta:
        model = FamilyMemberHistory

    class Params:
        text = "Breast cancer"

    relationship = "MTH"


class LifestyleFactory(EntryFactory):
    """An answer about how somebody lives."""

    class Meta:
        model = Observation

    class Params:
        text = "Work"
        code = "11341-5"

    concept = factory.LazyAttribute(
        lambda o: {"text": o.text, "system": "http://loinc.org", "code": o.code}
    )
    category = ObservationCategory.SOCIAL_HISTORY
    effective_at = RECORDED_AT
    value = factory.LazyFunction(lambda: {"text": "Carpenter"})
    code_token = factory.LazyAttribute(
        lambda o: tokens.observation_token(patient_id=o.patient.pk, code=o.code)
    )


class MedicationFactory(EntryFactory):
    """A tablet in the morning and in the evening, taken since the first of the year."""

    class Meta:
        model = MedicationStatement

    class Params:
        text = "Ramipril 5 mg"

    starts_on = dt.date(2026, 1, 1)
    dosage = factory.LazyFunction(
        lambda: {
            "amount": "1",
            "unit": "tablet",
            "frequency": "at-times",
            "times": ["08:00", "20:00"],
        }
    )


class PrescriptionFactory(EntryFactory):
    class Meta:
        model = MedicationRequest

    class Params:
        text = "Ramipril 5 mg"

    authored_at = RECORDED_AT
    dosage = factory.LazyFunction(lambda: {"amount": "1", "unit": "tablet", "frequency": "twice"})


class ProposalFactory(DjangoModelFactory):
    """A new allergy that the patient says."""

    class Meta:
        model = ChangeProposal

    class Params:
        text = "Latex"

    patient = factory.SubFactory(PatientFactory)
    kind = ProposalKind.ALLERGY
    action = ProposalAction.ADD
    said = factory.LazyAttribute(lambda o: {"concept": {"text": o.text}, "note": ""})
    created_at = RECORDED_AT
    created_by = factory.SelfAttribute("patient.user")


class CorrectionFactory(DjangoModelFactory):
    """The patient says that something is wrong."""

    class Meta:
        model = CorrectionRequest

    patient = factory.SubFactory(PatientFactory)
    target_type = "record"
    text = "It was the left ear"
    created_at = RECORDED_AT
    created_by = factory.SelfAttribute("patient.user")


class ObservationFactory(EntryFactory):
    """A weight of 71.4 kg; `code`, `text` and `value` make it anything else."""

    class Meta:
        model = Observation

    class Params:
        text = "Body weight"
        code = "29463-7"

    concept = factory.LazyAttribute(
        lambda o: {"text": o.text, "system": "http://loinc.org", "code": o.code}
    )
    effective_at = RECORDED_AT
    value = factory.LazyFunction(lambda: {"number": "71.4", "unit": "kg"})
    code_token = factory.LazyAttribute(
        lambda o: tokens.observation_token(patient_id=o.patient.pk, code=o.code)
    )


def blood_pressure(patient, upper, lower, **more):
    """Keep a blood pressure of a patient."""
    parts = {
        "8480-6": {"number": str(upper), "unit": "mm[Hg]"},
        "8462-4": {"number": str(lower), "unit": "mm[Hg]"},
    }
    return ObservationFactory(
        patient=patient,
        **{"text": "Blood pressure", "code": "85354-9", "value": {"parts": parts}, **more},
    )


class EmergencyAccessFactory(DjangoModelFactory):
    """A record opened to a doctor for four hours from Monday, 2 March 2026, 09:00 UTC."""

    class Meta:
        model = EmergencyAccess

    patient = factory.SubFactory(PatientFactory)
    practitioner = factory.SubFactory(PractitionerFactory)
    user = factory.LazyAttribute(lambda g: g.practitioner.user)
    category = EmergencyReason.TREATMENT
    reason = "Brought in by ambulance, not responding"
    starts_at = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
    ends_at = factory.LazyAttribute(lambda g: g.starts_at + dt.timedelta(hours=4))


class EncounterFactory(DjangoModelFactory):
    """A visit that is over, of the tenth of January 2026."""

    class Meta:
        model = Encounter

    class Params:
        text = "Follow-up"

    patient = factory.SubFactory(PatientFactory)
    practitioner = factory.SubFactory(PractitionerFactory)
    status = EncounterStatus.FINISHED
    starts_at = dt.datetime(2026, 1, 10, 9, 0, tzinfo=dt.UTC)
    ends_at = factory.LazyAttribute(lambda o: o.starts_at + dt.timedelta(minutes=20))
    kind = factory.LazyAttribute(lambda o: {"text": o.text})
    recorded_at = factory.SelfAttribute("starts_at")


class NoteFactory(DjangoModelFactory):
    """A draft; `signed=True` is signed and released, `held_back=True` signed and not released."""

    class Meta:
        model = ClinicalNote

    class Params:
        signed = factory.Trait(
            status=NoteStatus.FINAL,
            signed_at=factory.SelfAttribute("saved_at"),
            released_at=factory.SelfAttribute("saved_at"),
        )
        held_back = factory.Trait(
            status=NoteStatus.FINAL,
            signed_at=factory.SelfAttribute("saved_at"),
            release=Release.AFTER_REVIEW,
        )

    patient = factory.SubFactory(PatientFactory)
    author = factory.SubFactory(PractitionerFactory)
    encounter = factory.SubFactory(
        EncounterFactory,
        patient=factory.SelfAttribute("..patient"),
        practitioner=factory.SelfAttribute("..author"),
    )
    sections = factory.LazyFunction(
        lambda: {"subjective": "Cough for a week", "plan": "Rest and tea"}
    )
    instructions = "Drink two litres a day."
    template_slug = "general"
    created_at = factory.LazyAttribute(lambda o: o.encounter.starts_at)
    saved_at = factory.SelfAttribute("created_at")


class FollowUpFactory(DjangoModelFactory):
    """A visit to be booked between 26 March and 3 April 2026."""

    class Meta:
        model = FollowUp

    patient = factory.SubFactory(PatientFactory)
    practitioner = factory.SubFactory(PractitionerFactory)
    encounter = factory.SubFactory(
        EncounterFactory,
        patient=factory.SelfAttribute("..patient"),
        practitioner=factory.SelfAttribute("..practitioner"),
    )
    visit_type = factory.SubFactory(VisitTypeFactory)
    due_from = dt.date(2026, 3, 26)
    due_until = dt.date(2026, 4, 3)
    created_at = RECORDED_AT


class DocumentFactory(DjangoModelFactory):
    """A letter of two pages from the patient; its file is not in the store."""

    class Meta:
        model = DocumentReference

    patient = factory.SubFactory(PatientFactory)
    title = "Letter from the hospital"
    file_name = "letter.pdf"
    category = DocumentCategory.LETTER
    status = DocumentStatus.CURRENT
    content_type = "application/pdf"
    size_bytes = 210_000
    pages = 2
    source = Source.PATIENT
    uploaded_at = RECORDED_AT
    checked_at = RECORDED_AT

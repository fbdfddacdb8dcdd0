"""Records of the demo patients: illnesses, medicines, measurements and the notes of past visits."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Model

from clinic.crypto import datakeys
from clinic.people.models import Patient, Practitioner
from clinic.portal.demo import stories
from clinic.records import models
from clinic.records.choices import (
    ClinicalStatus,
    DatePrecision,
    EncounterStatus,
    NoteStatus,
    ProposalAction,
    ProposalKind,
    Relationship,
    Source,
    Verification,
)
from clinic.records.dosage import Dosage, Supply
from clinic.records.rules import observations as measures
from clinic.records.services.allergy_proposals import as_said
from clinic.records.services.history_entries import AllergyEntry
from clinic.records.services.observations import value_of
from clinic.records.tokens import observation_token
from clinic.scheduling.choices import AppointmentStatus
from clinic.scheduling.models import Appointment, VisitType
from clinic.terminology.choices import System
from clinic.terminology.coded import Coded

YEAR = dt.timedelta(days=365)
READINGS = 8
# What others point at comes first.
ORDER: tuple[type[Model], ...] = (
    models.PatientRecord,
    models.Encounter,
    models.Condition,
    models.AllergyIntolerance,
    models.Immunization,
    models.Procedure,
    models.FamilyMemberHistory,
    models.MedicationStatement,
    models.Observation,
    models.ClinicalNote,
)


@dataclass(slots=True)
class Sheet:
    """The rows of all records, written together at the end."""

    random: random.Random
    now: dt.datetime
    rows: dict[type[Model], list[Model]] = field(default_factory=lambda: defaultdict(list))

    def add(self, row: Model) -> None:
        self.rows[type(row)].append(row)

    def write(self) -> None:
        for model in ORDER:
            model._default_manager.bulk_create(self.rows[model], batch_size=500)

    def entry(self, patient: Patient, at: dt.datetime) -> dict[str, Any]:
        """Return the columns of an entry that a doctor wrote at `at`."""
        return {
            "patient_id": patient.pk,
            "source": Source.PRACTITIONER,
            "verification": Verification.CONFIRMED,
            "recorded_at": at,
            "confirmed_at": at,
            "changed_at": at,
        }


def create_records(*, patients: Sequence[Patient], draw: random.Random, now: dt.datetime) -> int:
    """Give everybody a record and past visits their notes; return how many entries there are."""
    sheet = Sheet(draw, now)
    datakeys.preload(patient.pk for patient in patients)
    for patient in patients:
        sheet.add(models.PatientRecord(patient_id=patient.pk, version=1, changed_at=now))
    _own_record(patients[0], sheet)
    for patient in patients[1:]:
        _record(patient, sheet)
    _notes(sheet)
    sheet.write()
    return sum(len(rows) for rows in sheet.rows.values())


def _record(patient: Patient, sheet: Sheet) -> None:
    assert patient.birth_date is not None
    age = (sheet.now.date() - patient.birth_date).days // 365
    for story in stories.STORIES:
        if age >= story.from_age and sheet.random.random() < story.share:
            _illness(patient, story, age, sheet)
    _allergies(patient, sheet)
    for name, code, usual, share in stories.VACCINES:
        if age >= usual and sheet.random.random() < share:
            _vaccine(patient, name, code, sheet.random.randint(30, 1200), sheet)
    if age >= 16:
        _readings(patient, "weight", (sheet.random.uniform(54, 96),), sheet, count=3)
        _readings(patient, "pulse", (sheet.random.uniform(58, 82),), sheet, count=3)


def _illness(patient: Patient, story: stories.Story, age: int, sheet: Sheet) -> None:
    years = sheet.random.randint(1, max(1, min(12, age - story.from_age + 1)))
    _condition(patient, story.label, story.code, sheet.now - years * YEAR, sheet)
    for medicine in story.medicines:
        _medicine(patient, medicine, sheet)
    for slug, usual in story.measures:
        _readings(patient, slug, usual, sheet)


def _condition(
    patient: Patient, label: str, code: str, since: dt.datetime, sheet: Sheet
) -> models.Condition:
    row = models.Condition(
        **sheet.entry(patient, since),
        onset_date=since.date().replace(day=1),
        onset_precision=DatePrecision.MONTH,
    )
    row.coded = Coded(label, System.ICD10CM, code)
    sheet.add(row)
    return row


def _medicine(patient: Patient, medicine: stories.Medicine, sheet: Sheet) -> None:
    starts = sheet.now - dt.timedelta(days=30 * medicine.months)
    filled = sheet.now - dt.timedelta(days=sheet.random.randint(3, 70))
    dosage = Dosage(
        amount=medicine.amount, unit=medicine.unit, route="oral", frequency=medicine.frequency
    )
    row = models.MedicationStatement(
        **sheet.entry(patient, starts),
        starts_on=starts.date(),
        dosage=dosage.as_json(),
        reason=medicine.reason,
        supply=Supply(quantity="84", filled_on=filled.date(), refills=2).as_json(),
    )
    row.coded = Coded(medicine.name)
    sheet.add(row)


def _allergies(patient: Patient, sheet: Sheet) -> None:
    at = sheet.now - sheet.random.randint(1, 9) * YEAR
    if sheet.random.random() < stories.ALLERGIC_SHARE:
        _allergy(patient, sheet.random.choice(stories.ALLERGIES), at, sheet)
    elif sheet.random.random() < stories.NONE_STATED_SHARE:
        row = models.AllergyIntolerance(**sheet.entry(patient, at))
        none = models.AllergyIntolerance.NO_KNOWN_ALLERGIES
        row.coded = Coded("No known allergies", System.SNOMED, none)
        sheet.add(row)


def _allergy(
    patient: Patient, allergy: tuple[str, str, str, str], since: dt.datetime, sheet: Sheet
) -> None:
    substance, category, reaction, criticality = allergy
    row = models.AllergyIntolerance(
        **sheet.entry(patient, since),
        kind="allergy",
        category=category,
        reaction=reaction,
        criticality=criticality,
        onset_date=since.date().replace(month=1, day=1),
        onset_precision=DatePrecision.YEAR,
    )
    row.coded = Coded(substance)
    sheet.add(row)


def _vaccine(patient: Patient, name: str, code: str, days: int, sheet: Sheet) -> None:
    at = sheet.now - dt.timedelta(days=days)
    row = models.Immunization(**sheet.entry(patient, at), occurrence_date=at.date())
    row.coded = Coded(name, System.CVX, code)
    sheet.add(row)


def _readings(
    patient: Patient, slug: str, usual: Sequence[float], sheet: Sheet, *, count: int = READINGS
) -> None:
    """Add readings of the last year around the usual numbers."""
    for place in range(count):
        days = (count - place) * (330 // count) - sheet.random.randint(0, 9)
        numbers = [number * sheet.random.uniform(0.96, 1.04) for number in usual]
        _reading(patient, slug, numbers, sheet.now - dt.timedelta(days=days), sheet)


def _reading(
    patient: Patient, slug: str, numbers: Sequence[float], at: dt.datetime, sheet: Sheet
) -> None:
    kind = measures.KINDS[slug]
    places = 0 if slug in ("blood-pressure", "pulse") else 1
    exact = tuple(Decimal(f"{number:.{places}f}") for number in numbers)
    row = models.Observation(
        **sheet.entry(patient, at),
        code_token=observation_token(patient_id=patient.pk, code=kind.code),
        effective_at=at,
        value=value_of(kind=kind, numbers=exact),
    )
    row.coded = Coded(kind.text, measures.LOINC, kind.code)
    sheet.add(row)


def _own_record(patient: Patient, sheet: Sheet) -> None:
    """Fill the record of the patient a newcomer signs in as: enough to see every page at work."""
    now = sheet.now
    since = now - dt.timedelta(days=340)
    _condition(patient, "High blood pressure", "I10", since, sheet)
    healed = _condition(patient, "Fracture of the left ankle", "S82.892A", now - 7 * YEAR, sheet)
    healed.clinical_status = ClinicalStatus.RESOLVED
    healed.abatement_date = (now - 6.7 * YEAR).date()
    healed.abatement_precision = DatePrecision.MONTH
    for allergy, years in ((stories.ALLERGIES[0], 12), (stories.ALLERGIES[1], 5)):
        _allergy(patient, allergy, now - years * YEAR, sheet)
    for medicine in (
        stories.Medicine("Ramipril 5 mg tablets", "1", "tablet", "twice", "Blood pressure", 2),
        stories.Medicine("Bisoprolol 2.5 mg tablets", "1", "tablet", "once", "Blood pressure", 8),
    ):
        _medicine(patient, medicine, sheet)
    _vaccine(patient, "Influenza vaccine", "140", 70, sheet)
    _vaccine(patient, "Tetanus and diphtheria vaccine", "09", 1400, sheet)
    mother = models.FamilyMemberHistory(
        **sheet.entry(patient, since), relationship=Relationship.MOTHER
    )
    mother.coded = Coded("Type 2 diabetes", System.ICD10CM, "E11.9")
    sheet.add(mother)
    # Blood pressure comes down over the year that it is treated.
    for month in range(12):
        at = now - dt.timedelta(days=330 - 30 * month, hours=month % 3)
        falling = (149 - 1.8 * month + month % 2 * 3, 94 - 1.05 * month + month % 3)
        _reading(patient, "blood-pressure", falling, at, sheet)
        _reading(patient, "pulse", (66 + month % 4 - 2,), at, sheet)
        if month % 2:
            _reading(patient, "weight", (74.6 - 0.28 * month,), at, sheet)
    _reading(patient, "height", (168,), since, sheet)


def create_own_requests(*, patient: Patient, visit_type: VisitType, now: dt.datetime) -> None:
    """Leave something to do: a follow-up to book, and a change the doctor has to decide on."""
    last = models.Encounter.objects.filter(patient_id=patient.pk).latest("starts_at")
    assert last.practitioner_id is not None
    models.FollowUp.objects.create(
        patient_id=patient.pk,
        encounter=last,
        practitioner_id=last.practitioner_id,
        visit_type=visit_type,
        due_from=(now + dt.timedelta(days=21)).date(),
        due_until=(now + dt.timedelta(days=49)).date(),
        created_at=last.starts_at,
    )
    models.ChangeProposal.objects.create(
        patient_id=patient.pk,
        kind=ProposalKind.ALLERGY,
        action=ProposalAction.ADD,
        said=as_said(
            AllergyEntry(coded=Coded("Shellfish"), category="food", reaction="Itching mouth")
        ),
        created_at=now - dt.timedelta(days=1),
        created_by_id=patient.user_id,
    )


def _notes(sheet: Sheet) -> None:
    """Write and sign the note of every visit that took place."""
    visits = Appointment.objects.filter(status=AppointmentStatus.FULFILLED).select_related(
        "visit_type", "practitioner"
    )
    for visit in visits.order_by("starts_at", "pk"):
        assert visit.patient_id is not None  # only a hold has nobody
        encounter = models.Encounter(
            patient_id=visit.patient_id,
            status=EncounterStatus.FINISHED,
            practitioner_id=visit.practitioner_id,
            appointment_id=visit.pk,
            starts_at=visit.starts_at,
            ends_at=visit.ends_at,
            kind=Coded(visit.visit_type.name).as_json(),
            reason=visit.reason,
            recorded_at=visit.starts_at,
        )
        sheet.add(encounter)
        sheet.add(_note(encounter, visit.practitioner, sheet))


def _said_of(reason: str, sheet: Sheet) -> stories.Note:
    """Return a note that fits the reason of the visit, any other where none does."""
    fitting = [note for word, note in stories.NOTE_OF.items() if word in reason.casefold()]
    return stories.NOTES[fitting[0]] if fitting else sheet.random.choice(stories.NOTES)


def _note(encounter: models.Encounter, author: Practitioner, sheet: Sheet) -> models.ClinicalNote:
    subjective, objective, assessment, plan, instructions = _said_of(encounter.reason, sheet)
    signed_at = min(encounter.starts_at + dt.timedelta(minutes=25), sheet.now)
    sections: Mapping[str, str] = {
        "subjective": subjective,
        "objective": objective,
        "assessment": assessment,
        "plan": plan,
    }
    return models.ClinicalNote(
        patient_id=encounter.patient_id,
        encounter=encounter,
        author=author,
        status=NoteStatus.FINAL,
        sections=dict(sections),
        instructions=instructions,
        created_at=encounter.starts_at,
        saved_at=signed_at,
        signed_at=signed_at,
        signed_by_id=author.user_id,
        released_at=signed_at,
    )

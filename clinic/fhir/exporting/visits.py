"""Visits, their notes and what follows from them."""

from __future__ import annotations

from django.utils.html import escape
from django.utils.translation import gettext as _

from clinic.fhir.exporting.elements import (
    LOINC,
    Element,
    concept,
    instant,
    known,
    link,
    note,
    period,
    tags,
    words,
)
from clinic.records.choices import NoteStatus
from clinic.records.models import ClinicalNote, Encounter, FollowUp
from clinic.records.presenters.notes import PATIENT_WORDS
from clinic.records.rules.notes import TEXTS
from clinic.records.services.notes import texts_of
from clinic.scheduling.choices import Modality
from clinic.scheduling.models import Appointment

_ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_PROGRESS_NOTE = {"system": LOINC, "code": "11506-3", "display": "Progress note"}
# As a note stands in LOINC's document sections.
_SECTION_CODES = {
    "subjective": "61150-9",
    "objective": "61149-1",
    "assessment": "51848-0",
    "plan": "18776-5",
    "instructions": "69730-0",
}


def encounter(row: Encounter) -> Element:
    name = row.practitioner.full_name if row.practitioner else row.participant_text
    who = link(row.practitioner_id, display=name)
    return known(
        resourceType="Encounter",
        id=str(row.pk),
        meta=tags(source=row.source),
        status=row.status,
        class_={"system": _ACT, "code": "AMB"},
        type=[concept(row.kind)] if row.kind else [],
        subject=link(row.patient_id),
        participant=[{"individual": who}] if who else [],
        appointment=[link(row.appointment_id)] if row.appointment_id else [],
        period=period(instant(row.starts_at), instant(row.ends_at)),
        reasonCode=[words(row.reason)] if row.reason else [],
    )


def composition(row: ClinicalNote) -> Element:
    """Return a released note with its additions, each a section of its own."""
    texts = texts_of(row)
    sections = [_section(name, texts[name]) for name in TEXTS if texts[name].strip()]
    sections += [
        {"title": _("Addition"), "author": [link(one.author_id)], "text": narrative(one.text)}
        for one in row.addenda.all()
    ]
    return known(
        resourceType="Composition",
        id=str(row.pk),
        status=NoteStatus(row.status).value,
        type={"coding": [_PROGRESS_NOTE]},
        subject=link(row.patient_id),
        encounter=link(row.encounter_id),
        date=instant(row.signed_at),
        author=[link(row.author_id, display=row.author.full_name)],
        title=_("Visit note"),
        section=sections,
    )


def narrative(text: str) -> Element:
    """Return a Narrative of plain text: its lines and nothing else."""
    lines = "<br/>".join(escape(line) for line in text.split("\n"))
    return {
        "status": "generated",
        "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{lines}</p></div>',
    }


def _section(name: str, text: str) -> Element:
    code = {"coding": [{"system": LOINC, "code": _SECTION_CODES[name]}]}
    return {"title": str(PATIENT_WORDS[name][0]), "code": code, "text": narrative(text)}


def appointment(row: Appointment) -> Element:
    video = row.modality != Modality.IN_PERSON
    people = [
        {"actor": link(row.patient_id), "status": "accepted"},
        {
            "actor": link(row.practitioner_id, display=row.practitioner.full_name),
            "status": "accepted",
        },
        {"actor": {"display": row.site.name}, "status": "accepted"},
    ]
    return known(
        resourceType="Appointment",
        id=str(row.pk),
        status=row.status,
        serviceType=[words(row.visit_type.name)],
        appointmentType=words(str(Modality(row.modality).label)) if video else {},
        reasonCode=[words(row.reason)] if row.reason else [],
        start=instant(row.starts_at),
        end=instant(row.ends_at),
        created=instant(row.created_at),
        participant=people,
    )


def follow_up(row: FollowUp) -> Element:
    """Return a visit that the patient is to book, as a ServiceRequest."""
    return known(
        resourceType="ServiceRequest",
        id=str(row.pk),
        status=row.status,
        intent="order",
        code=words(row.visit_type.name),
        subject=link(row.patient_id),
        encounter=link(row.encounter_id),
        occurrencePeriod=period(row.due_from.isoformat(), row.due_until.isoformat()),
        authoredOn=instant(row.created_at),
        requester=link(row.practitioner_id, display=row.practitioner.full_name),
        note=note(row.note),
    )

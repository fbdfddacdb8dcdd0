"""What was said about the record: proposals, corrections, and who looked into it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from uuid import UUID

from clinic.audit.models import AuditEvent
from clinic.fhir.exporting.elements import Element, instant, known, link, tags
from clinic.people.carer_rows import name_of
from clinic.people.models import User
from clinic.records.models import ChangeProposal, CorrectionRequest
from clinic.terminology.coded import Coded

_REST = {"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest"}
_READ, _UPDATE = "R", "U"


def proposal(row: ChangeProposal) -> Element:
    """Return a change that the patient proposed, with what was decided."""
    said = Coded.from_json(row.said.get("concept")).text
    texts = [said, row.note, row.decision_note]
    return _told(row.pk, row.patient_id, "proposal", row.status, texts) | known(
        sent=instant(row.created_at)
    )


def correction(row: CorrectionRequest) -> Element:
    """Return what the patient said is wrong, and the answer."""
    about = [link(row.target_id)] if row.target_id else []
    return _told(row.pk, row.patient_id, "correction", row.status, [row.text, row.answer]) | known(
        sent=instant(row.created_at), about=about
    )


def _told(row: UUID, patient: UUID, kind: str, state: str, texts: list[str]) -> Element:
    payload = [{"contentString": text} for text in texts if text]
    return known(
        resourceType="Communication",
        id=str(row),
        meta=tags(kind=kind, state=state),
        status="completed",
        subject=link(patient),
        payload=payload,
    )


def look(event: AuditEvent, people: Mapping[UUID, User]) -> Element:
    """Return who opened or changed the record, when and on what ground."""
    said = json.loads(event.detail)
    person = people.get(event.actor) if event.actor else None
    who = name_of(person) if person else "Betony"
    reads = event.action == "record.read"
    return known(
        resourceType="AuditEvent",
        id=str(event.pk),
        type=_REST,
        subtype=[{"system": "urn:betony:action", "code": event.action}],
        action=_READ if reads else _UPDATE,
        recorded=instant(event.at),
        outcome="0",
        agent=[{"who": {"display": who}, "requestor": True}],
        source={"observer": {"display": "Betony"}},
        entity=[
            {
                "what": {"reference": f"urn:uuid:{event.patient}"},
                "description": ", ".join(filter(None, (said.get("ground"), said.get("what")))),
            }
        ],
    )

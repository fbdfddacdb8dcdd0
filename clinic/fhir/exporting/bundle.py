"""Put the resources of one record together."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator

from clinic.fhir.exporting import (
    documents,
    history,
    medications,
    observations,
    people,
    requests,
    visits,
)
from clinic.fhir.exporting.elements import Element, instant, urn
from clinic.fhir.exporting.gathering import Gathered
from clinic.fhir.exporting.imported import Relinked, rests_by_row
from clinic.fhir.importing.bundles import rest_id


def to_bundle(*, gathered: Gathered, now: dt.datetime) -> Element:
    """Return a Bundle of the type "collection": the patient first, then everything about them."""
    entries = [_entry(resource) for resource in _resources(gathered)]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": instant(now),
        "entry": entries,
    }


def _resources(found: Gathered) -> Iterator[Element]:
    own = list(_own(found))
    whole, rests = rests_by_row(found.imported)
    relinked = Relinked(found.patient.pk, {uuid.UUID(one["id"]) for one in own})
    for resource in own:
        yield relinked.with_rest(resource, rests.get(rest_id(uuid.UUID(resource["id"]))))
    for row in whole:
        yield relinked.whole(row)


def _own(found: Gathered) -> Iterator[Element]:
    yield people.patient(found.patient)
    yield from map(people.practitioner, found.practitioners())
    yield from map(visits.appointment, found.appointments)
    yield from map(visits.encounter, found.encounters)
    yield from map(history.condition, found.conditions)
    yield from map(history.allergy, found.allergies)
    yield from map(history.procedure, found.procedures)
    yield from map(history.immunization, found.immunizations)
    yield from map(history.family_member, found.family)
    yield from map(medications.request, found.requests)
    yield from map(medications.statement, found.statements)
    yield from map(medications.administration, found.doses)
    yield from map(observations.observation, found.observations)
    yield from map(visits.composition, found.notes)
    yield from map(visits.follow_up, found.follow_ups)
    yield from map(documents.document, found.documents)
    yield from map(requests.proposal, found.proposals)
    yield from map(requests.correction, found.corrections)
    for event in found.looks:
        yield requests.look(event, found.people)


def _entry(resource: Element) -> Element:
    found = str(resource.get("id", ""))
    try:
        full_url = urn(uuid.UUID(found))
    except ValueError:
        full_url = f"urn:betony:imported:{resource['resourceType']}:{found}"
    return {"fullUrl": full_url, "resource": resource}

"""One patient's bundle as the readers see it: its resources and what they refer to."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from clinic.fhir.importing.elements import NotReadable, items, mapping, reference, text
from clinic.fhir.importing.report import Report

NAMESPACE = uuid.UUID("6f1f2a64-6d5e-5a0e-9a1e-0d9f6f1b7c11")
# Bookkeeping of the sender, about no patient.
ENVELOPE = frozenset({"resourceType", "id", "meta", "implicitRules", "language"})


def patient_row(source_id: str) -> uuid.UUID:
    """Return the id of the patient that a Patient becomes."""
    return uuid.uuid5(NAMESPACE, f"Patient/{source_id}")


def row_id(patient_id: uuid.UUID, kind: str, source_id: str) -> uuid.UUID:
    """Return the id of the row that one of this patient's resources becomes."""
    return uuid.uuid5(patient_id, f"{kind}/{source_id}")


def rest_id(row: uuid.UUID) -> uuid.UUID:
    """Return the id of what found no column in this row, so that both find together again."""
    return uuid.uuid5(row, "rest")


@dataclass(slots=True)
class PatientBundle:
    """The resources of one patient. `report` counts what happens to them.

    `stated` are the prescriptions that a MedicationStatement of the bundle is based on.
    """

    patient: Mapping[str, Any]
    resources: list[Mapping[str, Any]]
    now: dt.datetime
    names: dict[str, str] = field(default_factory=dict)
    encounters: frozenset[str] = frozenset()
    orders: frozenset[str] = frozenset()
    stated: frozenset[str] = frozenset()
    report: Report = field(default_factory=Report)

    @property
    def patient_id(self) -> uuid.UUID:
        return patient_row(text(self.patient.get("id")))

    def row_id(self, kind: str, source_id: str) -> uuid.UUID:
        """Return the id of the row that a resource becomes: always the same one, and another one
        in another patient's record.
        """
        return row_id(self.patient_id, kind, source_id)

    def is_about_the_patient(self, resource: Mapping[str, Any]) -> bool:
        """Say whether a resource names this patient or none: another's never enters the record."""
        named = {reference(resource.get(name)) for name in ("subject", "patient")} - {""}
        return named <= {text(self.patient.get("id"))}

    def encounter_id(self, resource: Mapping[str, Any]) -> uuid.UUID | None:
        """Return the row of the encounter that a resource names, None for one outside."""
        source_id = reference(resource.get("encounter"))
        return self.row_id("Encounter", source_id) if source_id in self.encounters else None

    def name_of(self, element: Any) -> str:
        """Return the name behind a Reference: what it says itself, or the resource it points to."""
        said = text(mapping(element).get("display"))
        return said or self.names.get(reference(element), "")


def of_bundle(bundle: Mapping[str, Any], *, now: dt.datetime) -> PatientBundle:
    """Return the bundle of one patient; raise NotReadable without exactly one patient."""
    resources = list(_resources(bundle))
    kinds = Counter(text(resource.get("resourceType")) for resource in resources)
    if kinds["Patient"] != 1:
        raise NotReadable(f"{kinds['Patient']} patients in one bundle")
    patient = next(r for r in resources if r.get("resourceType") == "Patient")
    if not text(patient.get("id")):
        raise NotReadable("patient without id")
    found = PatientBundle(patient, resources, now)
    found.report.bundles = 1
    found.report.read.update(kinds)
    found.names = {text(r.get("id")): _name(r) for r in resources if r.get("name")}
    found.encounters = _ids(resources, "Encounter")
    found.orders = _ids(resources, "MedicationRequest")
    found.stated = frozenset(
        reference(order)
        for resource in resources
        if resource.get("resourceType") == "MedicationStatement"
        for order in items(resource.get("basedOn"))
    )
    return found


def _ids(resources: list[Mapping[str, Any]], kind: str) -> frozenset[str]:
    return frozenset(text(r.get("id")) for r in resources if r.get("resourceType") == kind)


def _resources(bundle: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for entry in items(bundle.get("entry")):
        resource = mapping(entry.get("resource"))
        if text(resource.get("resourceType")):
            yield resource


def _name(resource: Mapping[str, Any]) -> str:
    """Return the name of an organization (a text) or of a person (a HumanName)."""
    if isinstance(resource["name"], str):
        return text(resource["name"])
    name = next(iter(items(resource["name"])), {})
    given = name.get("given")
    words = [*(given if isinstance(given, list) else []), name.get("family")]
    return " ".join(filter(None, (text(word) for word in [*_prefix(name), *words])))


def _prefix(name: Mapping[str, Any]) -> list[Any]:
    prefix = name.get("prefix")
    return prefix if isinstance(prefix, list) else []

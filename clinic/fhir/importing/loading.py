"""Write one patient's bundle into the database: one transaction, every row once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Model

from clinic.crypto import datakeys
from clinic.fhir.importing import people
from clinic.fhir.importing.bundles import PatientBundle, of_bundle, rest_id
from clinic.fhir.importing.columns import Resource
from clinic.fhir.importing.elements import NotReadable, text
from clinic.fhir.importing.reading import READERS, leftover, whole
from clinic.fhir.importing.report import Report
from clinic.people.models import Patient
from clinic.people.services.registration import next_record_number
from clinic.people.viewer import SYSTEM
from clinic.records import models
from clinic.records.services.writing import record_change

# What others point at comes first.
ORDER: tuple[type[Model], ...] = (
    models.Encounter,
    models.Condition,
    models.AllergyIntolerance,
    models.Procedure,
    models.Immunization,
    models.FamilyMemberHistory,
    models.MedicationRequest,
    models.MedicationStatement,
    models.Observation,
    models.ImportedResource,
)
Rows = dict[type[Model], list[tuple[str, Model]]]


def import_bundle(*, bundle: Mapping[str, Any], now: dt.datetime) -> Report:
    """Write what of one bundle is not there yet, and return what was read.

    Raises NotReadable where the bundle is not of exactly one patient; then nothing is written.
    """
    found = of_bundle(bundle, now=now)
    rows = _rows(found)
    _ensure_patient(found)
    new = {model: _missing(model, rows[model]) for model in ORDER}
    if not any(new.values()):
        return found.report
    with record_change(
        by=SYSTEM, patient_id=found.patient_id, what="record.imported", now=now
    ) as change:
        for model in ORDER:
            model._default_manager.bulk_create([row for _, row in new[model]], batch_size=500)
            found.report.written.update(kind for kind, _ in new[model] if kind)
        change.wrote(Patient(pk=found.patient_id), "record.imported", fields=found.report.written)
    return found.report


def _ensure_patient(bundle: PatientBundle) -> None:
    """Make the patient and the key that seals the record, in a transaction of their own: the key
    must have been committed before rows are sealed with it.
    """
    if Patient.objects.filter(pk=bundle.patient_id).exists():
        return
    with transaction.atomic():
        datakeys.ensure(datakeys.PATIENT, bundle.patient_id)
        people.read_patient(bundle, record_number=next_record_number()).save(force_insert=True)
    bundle.report.written["Patient"] += 1


def _rows(bundle: PatientBundle) -> Rows:
    rows: Rows = defaultdict(list)
    for resource in bundle.resources:
        for kind, row in _read(resource, bundle):
            rows[type(row)].append((kind, row))
    _drop_dangling(rows)
    return rows


def _drop_dangling(rows: Rows) -> None:
    """Part rows from a visit or an order that could not be read and is kept whole instead."""
    for column, model in (
        ("encounter_id", models.Encounter),
        ("request_id", models.MedicationRequest),
    ):
        there = {row.pk for _, row in rows[model]}
        for _kind, row in (pair for pairs in rows.values() for pair in pairs):
            if getattr(row, column, None) not in there and hasattr(row, column):
                setattr(row, column, None)


def _read(resource: Resource, bundle: PatientBundle) -> list[tuple[str, Model]]:
    """Return the rows of one resource, each with the type it is counted under ("" for none)."""
    kind = text(resource.get("resourceType"))
    if not text(resource.get("id")):
        bundle.report.problems[f"{kind}: no id"] += 1
        return []
    if not bundle.is_about_the_patient(resource):
        bundle.report.problems[f"{kind}: of another patient"] += 1
        return []
    if kind == "Patient":
        return _beside(kind, resource, people.UNDERSTOOD, bundle)
    reader = READERS.get(kind)
    if reader is None:
        bundle.report.kept_whole[kind] += 1
        return [(kind, whole(resource, bundle))]
    try:
        rows = reader.read(resource, bundle)
    except NotReadable as problem:
        bundle.report.problems[f"{kind}: {problem}"] += 1
        bundle.report.kept_whole[kind] += 1
        return [(kind, whole(resource, bundle))]
    counted = [(kind if place == 0 else "", row) for place, row in enumerate(rows)]
    return counted + _beside(kind, resource, reader.understood, bundle)


def _beside(
    kind: str, resource: Resource, understood: frozenset[str], bundle: PatientBundle
) -> list[tuple[str, Model]]:
    """Return the row that keeps what of a resource found no column, and count it."""
    rest = leftover(resource, understood)
    if not rest:
        return []
    for name in rest:
        bundle.report.not_understood[f"{kind}.{name}"] += 1
    source_id = text(resource.get("id"))
    of = bundle.patient_id if kind == "Patient" else bundle.row_id(kind, source_id)
    row = models.ImportedResource(
        id=rest_id(of),
        patient_id=bundle.patient_id,
        resource_type=kind,
        content=rest,
        recorded_at=bundle.now,
        changed_at=bundle.now,
    )
    return [("", row)]


def _missing(model: type[Model], rows: list[tuple[str, Model]]) -> list[tuple[str, Model]]:
    """Return the rows that are not there yet, each once."""
    by_id = {row.pk: (kind, row) for kind, row in rows}
    there = model._default_manager.filter(pk__in=list(by_id)).values_list("pk", flat=True)
    for found in there:
        del by_id[found]
    return list(by_id.values())

"""Keep measurements: add one, correct one, mark one as a mistake.

What is stored is the number in the stored unit of its kind (`rules.observations`), whatever unit it
was typed in.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from clinic.lib import times
from clinic.people.models import Patient
from clinic.people.viewer import Viewer
from clinic.records import tokens
from clinic.records.choices import ObservationCategory, Source, Verification
from clinic.records.models import Observation
from clinic.records.permissions import NotAllowed, RecordAccess
from clinic.records.rules import observations as rules
from clinic.records.rules import units
from clinic.records.selectors import observations as selectors
from clinic.records.services.writing import RecordChange, check_version, record_change
from clinic.terminology.coded import Coded


@dataclass(frozen=True, slots=True)
class Reading:
    """One measurement as it was typed: `kind` is a slug of `rules.KINDS`.

    `numbers` stand in the order of the kind's parts and in `unit` (UCUM; empty: the stored unit).
    `sure` says that a rare value was asked about and is meant.
    """

    kind: str
    numbers: tuple[Decimal, ...]
    measured_at: dt.datetime
    unit: str = ""
    note: str = ""
    sure: bool = False


def record_observation(
    *,
    by: Viewer,
    patient_id: uuid.UUID,
    reading: Reading,
    now: dt.datetime,
    encounter_id: uuid.UUID | None = None,
) -> Observation:
    """Add a measurement to a record. Raises ReadingRefused, ReadingDoubted, NotAllowed."""
    with record_change(by=by, patient_id=patient_id, what="observation.added", now=now) as change:
        kind, numbers = _checked(change, reading)
        row = Observation(
            patient_id=patient_id,
            encounter_id=encounter_id,
            source=change.access.source,
            recorded_at=now,
            recorded_by_id=by.user_id,
            changed_at=now,
            category=ObservationCategory.VITAL_SIGNS,
            code_token=tokens.observation_token(patient_id=patient_id, code=kind.code),
            effective_at=reading.measured_at,
            note=reading.note,
            **_verified(change),
        )
        row.coded = Coded(kind.text, rules.LOINC, kind.code)
        row.value = value_of(kind=kind, numbers=numbers)
        row.save(force_insert=True)
        change.wrote(row, "observation.added")
    return row


def change_observation(
    *,
    by: Viewer,
    patient_id: uuid.UUID,
    observation_id: uuid.UUID,
    reading: Reading,
    now: dt.datetime,
    version: int | None = None,
) -> Observation:
    """Correct a measurement.

    Raises ReadingRefused, ReadingDoubted, ChangedMeanwhile, NotAllowed.
    """
    with record_change(by=by, patient_id=patient_id, what="observation.changed", now=now) as change:
        row = _own_row(change, observation_id)
        if not can_change(access=change.access, row=row):
            raise NotAllowed("measurement of somebody else")
        check_version(row, version)
        kind, numbers = _checked(change, reading, besides=row.pk)
        new = {
            "value": value_of(kind=kind, numbers=numbers),
            "effective_at": reading.measured_at,
            "note": reading.note,
        }
        fields = [name for name, value in new.items() if getattr(row, name) != value]
        for name in fields:
            setattr(row, name, new[name])
        _save(change, row, "observation.changed", fields, {"status": "amended"} | _verified(change))
    return row


def mark_mistaken(
    *,
    by: Viewer,
    patient_id: uuid.UUID,
    observation_id: uuid.UUID,
    now: dt.datetime,
    version: int | None = None,
) -> Observation:
    """Take a measurement out of lists and charts; the row stays. Raises ChangedMeanwhile,
    NotAllowed.
    """
    what = "observation.marked_mistaken"
    with record_change(by=by, patient_id=patient_id, what=what, now=now) as change:
        row = _own_row(change, observation_id)
        if not can_withdraw(access=change.access, row=row):
            raise NotAllowed("measurement of somebody else")
        check_version(row, version)
        gone = {"verification": Verification.ENTERED_IN_ERROR, "status": "entered-in-error"}
        _save(change, row, what, [], gone)
    return row


def can_change(*, access: RecordAccess, row: Observation) -> bool:
    """What was imported keeps the words of its source; a patient corrects the own readings only."""
    known = rules.KIND_OF_CODE.get(row.coded.code)
    if known is None or rules.KINDS[known].derived or row.source == Source.IMPORT:
        return False
    return can_withdraw(access=access, row=row)


def can_withdraw(*, access: RecordAccess, row: Observation) -> bool:
    """A doctor may withdraw any value, the patient's side what came from it.

    How somebody lives is history, with rules of its own.
    """
    if not access.may_write or row.category == ObservationCategory.SOCIAL_HISTORY:
        return False
    return access.is_clinical or row.source in (Source.PATIENT, Source.PROXY)


def value_of(*, kind: rules.Kind, numbers: tuple[Decimal, ...]) -> dict[str, Any]:
    """Return what `Observation.value` holds for numbers in the stored unit."""
    quantities = [{"number": str(units.plain(number)), "unit": kind.unit} for number in numbers]
    if len(quantities) == 1:
        return quantities[0]
    codes = (part.code for part in kind.parts)
    return {"parts": dict(zip(codes, quantities, strict=True))}


def _checked(
    change: RecordChange, reading: Reading, *, besides: uuid.UUID | None = None
) -> tuple[rules.Kind, tuple[Decimal, ...]]:
    """Return kind and numbers in the stored unit, or raise what is wrong with the reading."""
    kind, numbers = rules.read(slug=reading.kind, numbers=reading.numbers, unit=reading.unit)
    rules.check_possible(kind=kind, numbers=numbers)
    rules.check_time(
        measured_at=reading.measured_at, now=change.now, earliest=_birth(change.patient_id)
    )
    if not reading.sure:
        last = selectors.last_before(
            access=change.access, kind=kind.slug, before=reading.measured_at, besides=besides
        )
        rules.check_likely(kind=kind, numbers=numbers, last=last)
    return kind, numbers


def _birth(patient_id: uuid.UUID) -> dt.datetime | None:
    """Return the earliest instant of the birth date in any zone."""
    born = Patient.objects.values_list("birth_date", flat=True).get(pk=patient_id)
    return times.to_instant(born, times.MIDNIGHT, "UTC") - dt.timedelta(days=1) if born else None


def _own_row(change: RecordChange, observation_id: uuid.UUID) -> Observation:
    row = (
        Observation.objects.filter(pk=observation_id, patient_id=change.patient_id)
        .exclude(verification__in=selectors.HIDDEN)
        .first()
    )
    if row is None:
        raise NotAllowed("measurement of another record")
    return row


def _verified(change: RecordChange) -> dict[str, Any]:
    """What a doctor writes is confirmed at once; what the patient's side writes waits for one."""
    if not change.access.is_clinical:
        return {
            "verification": Verification.UNCONFIRMED,
            "confirmed_at": None,
            "confirmed_by_id": None,
        }
    return {
        "verification": Verification.CONFIRMED,
        "confirmed_at": change.now,
        "confirmed_by_id": change.by.user_id,
    }


def _save(
    change: RecordChange, row: Observation, action: str, fields: list[str], state: dict[str, Any]
) -> None:
    for name, value in state.items():
        setattr(row, name, value)
    row.version += 1
    row.changed_at = change.now
    columns = [name.removesuffix("_id") for name in (*fields, *state)]
    row.save(update_fields=[*columns, "version", "changed_at"])
    change.wrote(row, action, fields=fields)

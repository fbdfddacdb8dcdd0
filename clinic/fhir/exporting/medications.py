"""Prescriptions, what is taken, and the doses that were ticked."""

from __future__ import annotations

from typing import Any

from clinic.fhir.exporting.elements import (
    Element,
    as_number,
    clock,
    concept,
    instant,
    known,
    link,
    partial,
    period,
    quantity,
    words,
)
from clinic.fhir.exporting.history import head
from clinic.records.choices import DatePrecision, DoseStatus
from clinic.records.dosage import Dosage, Supply
from clinic.records.dosage_choices import Frequency
from clinic.records.models import DoseEvent, MedicationRequest, MedicationStatement
from clinic.records.presenters.dosage import dosage_words

_PER_DAY = {
    Frequency.ONCE: 1,
    Frequency.TWICE: 2,
    Frequency.THREE_TIMES: 3,
    Frequency.FOUR_TIMES: 4,
}
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def request(row: MedicationRequest) -> Element:
    name = row.requester.full_name if row.requester else row.requester_text
    supply = Supply.from_json(row.supply)
    return head("MedicationRequest", row) | known(
        status=row.status,
        statusReason=words(row.status_reason),
        intent="order",
        medicationCodeableConcept=concept(row.coded),
        authoredOn=instant(row.authored_at),
        requester=link(row.requester_id, display=name),
        reasonCode=[words(row.reason)] if row.reason else [],
        dosageInstruction=dosage(row.dosage),
        dispenseRequest=known(
            numberOfRepeatsAllowed=supply.refills or None,
            quantity=quantity(supply.quantity, Dosage.from_json(row.dosage).unit),
        ),
    )


def statement(row: MedicationStatement) -> Element:
    """Return a MedicationStatement, which R4 hangs on a visit by `context`."""
    found = head("MedicationStatement", row)
    if "encounter" in found:
        found["context"] = found.pop("encounter")
    starts = partial(row.starts_on, row.starts_precision)
    ends = partial(row.ends_on, DatePrecision.DAY)
    return found | known(
        status=row.status,
        statusReason=[words(row.status_reason)] if row.status_reason else [],
        basedOn=[link(row.request_id)] if row.request_id else [],
        medicationCodeableConcept=concept(row.coded),
        effectivePeriod=period(starts, ends),
        dateAsserted=instant(row.recorded_at),
        informationSource=words_only(row.prescriber_text),
        reasonCode=[words(row.reason)] if row.reason else [],
        dosage=dosage(row.dosage),
    )


def administration(row: DoseEvent) -> Element:
    """Return the tick of one dose."""
    reason = [words(row.reason)] if row.reason and row.status == DoseStatus.SKIPPED else []
    return known(
        resourceType="MedicationAdministration",
        id=str(row.pk),
        status=row.status,
        statusReason=reason,
        medicationCodeableConcept=concept(row.statement.coded),
        subject=link(row.patient_id),
        supportingInformation=[link(row.statement_id)],
        effectiveDateTime=instant(row.due_at),
    )


def words_only(name: str) -> Element:
    return {"display": name} if name else {}


def dosage(stored: dict[str, Any]) -> list[Element]:
    """Return how to take it, as figures and, for people, as a sentence."""
    said = Dosage.from_json(stored)
    if not said:
        return []
    dose = quantity(said.amount, said.unit)
    return [
        known(
            text=said.text,
            patientInstruction=dosage_words(said),
            timing={"repeat": repeat} if (repeat := _repeat(said)) else {},
            asNeededBoolean=True if said.frequency == Frequency.AS_NEEDED else None,
            route=words(said.route),
            doseAndRate=[{"doseQuantity": dose}] if dose else [],
            maxDosePerPeriod=_most(said),
        )
    ]


def _repeat(said: Dosage) -> Element:
    times = [clock(time) for time in said.times]
    # R4 has no meal beside a time of day (tim-10).
    meal = [said.meal] if said.meal and not times else []
    more = known(timeOfDay=times, when=meal)
    if said.frequency in _PER_DAY:
        return _every(_PER_DAY[Frequency(said.frequency)], 1, "d") | more
    if said.frequency == Frequency.AT_TIMES and times:
        return _every(len(times), 1, "d") | more
    if said.frequency == Frequency.EVERY_HOURS and said.hours:
        return _every(1, said.hours, "h") | more
    if said.frequency == Frequency.WEEKDAYS and said.weekdays:
        return {"dayOfWeek": [_DAYS[day - 1] for day in said.weekdays]} | more
    return {}


def _every(times: int, length: int, unit: str) -> Element:
    return {"frequency": times, "period": length, "periodUnit": unit}


def _most(said: Dosage) -> Element:
    if not said.max_per_day or as_number(said.amount) is None:
        return {}
    amount = said.quantity
    assert amount is not None
    return {
        "numerator": quantity(f"{amount * said.max_per_day:f}", said.unit),
        "denominator": {
            "value": 1,
            "unit": "d",
            "system": "http://unitsofmeasure.org",
            "code": "d",
        },
    }

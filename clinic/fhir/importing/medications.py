"""Read prescriptions: each becomes the order and the statement that the patient takes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Model

from clinic.fhir.importing.bundles import PatientBundle
from clinic.fhir.importing.columns import (
    Resource,
    entry_columns,
    required_concept,
    required_id,
    required_instant,
)
from clinic.fhir.importing.elements import (
    concept,
    first_concept,
    instant,
    items,
    mapping,
    partial_date,
    quantity,
    reference,
    text,
)
from clinic.records.choices import MedicationStatus, RequestStatus
from clinic.records.dosage import Dosage
from clinic.records.dosage_choices import Frequency
from clinic.records.models import MedicationRequest, MedicationStatement

# How often a day; what is in between has no frequency of its own and is said in words.
_PER_DAY = {
    1: Frequency.ONCE,
    2: Frequency.TWICE,
    3: Frequency.THREE_TIMES,
    4: Frequency.FOUR_TIMES,
}
# https://hl7.org/fhir/R4/valueset-units-of-time.html
_HOURS = {"h": 1, "d": 24, "wk": 168}
_STATEMENT = {
    RequestStatus.ACTIVE: MedicationStatus.ACTIVE,
    RequestStatus.ON_HOLD: MedicationStatus.ON_HOLD,
    RequestStatus.STOPPED: MedicationStatus.STOPPED,
    RequestStatus.COMPLETED: MedicationStatus.COMPLETED,
    RequestStatus.ENTERED_IN_ERROR: MedicationStatus.ENTERED_IN_ERROR,
}


def read_medication_request(resource: Resource, bundle: PatientBundle) -> list[Model]:
    """Return the order and, unless it was a draft or was never valid, the statement."""
    said = text(resource.get("status"))
    status = RequestStatus(said) if said in RequestStatus.values else RequestStatus.COMPLETED
    medicine = required_concept(resource.get("medicationCodeableConcept"))
    dosage = read_dosage(resource.get("dosageInstruction")).as_json()
    named = [bundle.name_of(one) for one in items(resource.get("reasonReference"))]
    named += [concept(one).text for one in items(resource.get("reasonCode"))]
    reasons = dict.fromkeys(filter(None, named))
    order = MedicationRequest(
        **entry_columns(resource, bundle, "MedicationRequest"),
        concept=medicine,
        status=status,
        authored_at=required_instant(resource.get("authoredOn")),
        requester_text=bundle.name_of(resource.get("requester")),
        dosage=dosage,
        reason=", ".join(reasons),
    )
    if status not in _STATEMENT or required_id(resource) in bundle.stated:
        return [order]
    starts_on, _precision = partial_date(resource.get("authoredOn"))
    columns = entry_columns(resource, bundle, "MedicationRequest")
    columns["id"] = bundle.row_id("MedicationStatement", required_id(resource))
    taken = MedicationStatement(
        **columns,
        concept=medicine,
        status=_STATEMENT[status],
        request_id=order.pk,
        starts_on=starts_on,
        dosage=dosage,
        reason=order.reason,
        prescriber_text=order.requester_text,
    )
    return [order, taken]


def read_medication_statement(resource: Resource, bundle: PatientBundle) -> list[Model]:
    """Return what is taken; a statement of its own stands in for the one an order implies."""
    said = text(resource.get("status"))
    taken = mapping(resource.get("effectivePeriod"))
    starts_on, precision = partial_date(taken.get("start") or resource.get("effectiveDateTime"))
    ends_on, _precision = partial_date(taken.get("end"))
    order = next((reference(one) for one in items(resource.get("basedOn"))), "")
    visit = {"encounter": resource.get("context")}
    columns = entry_columns({**resource, **visit}, bundle, "MedicationStatement")
    asserted = instant(resource.get("dateAsserted"))
    if asserted:
        columns["recorded_at"] = asserted
    reasons = [concept(one).text for one in items(resource.get("reasonCode"))]
    return [
        MedicationStatement(
            **columns,
            concept=required_concept(resource.get("medicationCodeableConcept")),
            status=said if said in MedicationStatus.values else MedicationStatus.COMPLETED,
            request_id=bundle.row_id("MedicationRequest", order)
            if order in bundle.orders
            else None,
            starts_on=starts_on,
            starts_precision=precision,
            ends_on=ends_on,
            dosage=read_dosage(resource.get("dosage")).as_json(),
            reason=", ".join(filter(None, reasons)),
            status_reason=first_concept(resource.get("statusReason")).text,
            prescriber_text=bundle.name_of(resource.get("informationSource")),
        )
    ]


def read_dosage(value: Any) -> Dosage:
    """Return the first Dosage of a list; what has no column of its own is said in `text`."""
    instruction = next(iter(items(value)), {})
    rates = items(instruction.get("doseAndRate"))
    amount = quantity(mapping(next(iter(rates), {})).get("doseQuantity"))
    frequency = _frequency(instruction)
    return Dosage(
        amount=amount.get("number", ""),
        unit=amount.get("unit", ""),
        frequency=frequency.get("frequency", Frequency.WORDS),
        hours=frequency.get("hours"),
        text=" ".join(filter(None, (frequency.get("text", ""), _said(instruction)))),
    )


def _said(instruction: Mapping[str, Any]) -> str:
    more = [concept(one).text for one in items(instruction.get("additionalInstruction"))]
    return " ".join(filter(None, [text(instruction.get("text")), *more]))


def _frequency(instruction: Mapping[str, Any]) -> dict[str, Any]:
    if instruction.get("asNeededBoolean") is True:
        return {"frequency": Frequency.AS_NEEDED}
    repeat = mapping(mapping(instruction.get("timing")).get("repeat"))
    times, period = repeat.get("frequency"), repeat.get("period")
    unit = text(repeat.get("periodUnit"))
    if not isinstance(times, int) or not isinstance(period, int | float) or unit not in _HOURS:
        return {}
    if period == 1 and unit == "d" and times in _PER_DAY:
        return {"frequency": _PER_DAY[times]}
    hours = period * _HOURS[unit] / times if times > 0 else 0
    if hours >= 1 and hours == int(hours):
        return {"frequency": Frequency.EVERY_HOURS, "hours": int(hours)}
    return {"text": f"{times}x / {period:g} {unit}"}

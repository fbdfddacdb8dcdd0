"""Prescriptions: written, renewed, cancelled. Each keeps the medicine on file in step."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from clinic.people.viewer import Viewer
from clinic.records import warnings
from clinic.records.choices import MedicationStatus, RequestStatus, Verification
from clinic.records.dosage import Dosage, Supply
from clinic.records.models import Encounter, MedicationRequest, MedicationStatement
from clinic.records.permissions import NotAllowed, check_is_clinical
from clinic.records.rules import medications as rules
from clinic.records.services import medication_rows as rows
from clinic.records.services.writing import RecordChange, record_change
from clinic.terminology.coded import Coded


class SevereWarnings(Exception):
    """Something severe speaks against the order: it needs a reason to be written all the same."""

    def __init__(self, found: Sequence[warnings.Warning]) -> None:
        super().__init__("severe warnings")
        self.found = list(found)


@dataclass(frozen=True, slots=True)
class Order:
    """What a doctor prescribes. `statement_id` is the medicine on file that it goes on with;
    `in_spite` says why it is written although something severe speaks against it.
    """

    coded: Coded
    dosage: Dosage
    supply: Supply = field(default_factory=Supply)
    reason: str = ""
    note: str = ""
    starts_on: dt.date | None = None
    statement_id: uuid.UUID | None = None
    expected_version: int | None = None
    in_spite: str = ""


def prescribe(
    *,
    by: Viewer,
    patient_id: uuid.UUID,
    encounter_id: uuid.UUID | None,
    order: Order,
    now: dt.datetime,
) -> MedicationRequest:
    """Write a prescription, and on the patient's list what it is for.

    The warnings are asked for again under the record's lock. Raises NotAllowed, SevereWarnings,
    ChangedMeanwhile and NotPossible.
    """
    with record_change(by=by, patient_id=patient_id, what="prescription.added", now=now) as change:
        check_is_clinical(change.access)
        _check_encounter(change, encounter_id)
        on_file = _on_file(change, order)
        found = warnings.check_order(
            access=change.access,
            coded=order.coded,
            dosage=order.dosage,
            replaces=order.statement_id,
        )
        severe = [warning for warning in found if warning.is_severe]
        if severe and not order.in_spite:
            raise SevereWarnings(found)
        request = _write(change, order, encounter_id, found)
        _keep_on_list(change, order, request, on_file)
        return request


def renew_prescription(
    *, by: Viewer, patient_id: uuid.UUID, request_id: uuid.UUID, refills: int, now: dt.datetime
) -> MedicationRequest:
    """Let an earlier prescription be filled so often again: the same order, written today.

    What spoke against it was answered when it was written. Raises NotAllowed, NotPossible.
    """
    with record_change(
        by=by, patient_id=patient_id, what="prescription.renewed", now=now
    ) as change:
        check_is_clinical(change.access)
        earlier = _found(change, request_id)
        if not rules.can_renew(status=earlier.status):
            raise rules.NotPossible
        taken = earlier.statements.filter(status__in=rules.CURRENT).first()
        if taken is None:
            raise rules.NotPossible
        request = _renewed(change, earlier, taken, refills)
        _end(change, earlier, RequestStatus.COMPLETED, action="completed")
        rows.rewrite(change, taken, {"request": request}, action="prescribed")
        return request


def cancel_prescription(
    *, by: Viewer, patient_id: uuid.UUID, request_id: uuid.UUID, reason: str, now: dt.datetime
) -> MedicationRequest:
    """Take a prescription back; what is on the list stays until it is stopped.

    Raises NotAllowed, NotPossible.
    """
    with record_change(
        by=by, patient_id=patient_id, what="prescription.cancelled", now=now
    ) as change:
        check_is_clinical(change.access)
        request = _found(change, request_id)
        if not rules.can_cancel(status=request.status):
            raise rules.NotPossible
        return _end(change, request, RequestStatus.CANCELLED, action="cancelled", reason=reason)


def _on_file(change: RecordChange, order: Order) -> MedicationStatement | None:
    if order.statement_id is None:
        return None
    return rows.found(
        change, order.statement_id, act="change", expected_version=order.expected_version
    )


def _check_encounter(change: RecordChange, encounter_id: uuid.UUID | None) -> None:
    if encounter_id is None:
        return
    if not Encounter.objects.filter(pk=encounter_id, patient_id=change.patient_id).exists():
        raise NotAllowed("visit")


def _found(change: RecordChange, request_id: uuid.UUID) -> MedicationRequest:
    found = MedicationRequest.objects.filter(pk=request_id, patient_id=change.patient_id).first()
    if found is None or found.verification in rules.HIDDEN:
        raise NotAllowed("prescription")
    return found


def _write(
    change: RecordChange,
    order: Order,
    encounter_id: uuid.UUID | None,
    found: Sequence[warnings.Warning],
) -> MedicationRequest:
    shown: dict[str, Any] = {"shown": [warning.as_json() for warning in found]} if found else {}
    if order.in_spite:
        shown["reason"] = order.in_spite
    request = _new(
        change,
        encounter_id=encounter_id,
        concept=order.coded.as_json(),
        dosage=order.dosage.as_json(),
        supply=order.supply.as_json(),
        reason=order.reason,
        note=order.note,
        warnings=shown,
    )
    fields = ["concept", "dosage", "supply", "reason"]
    change.wrote(request, "prescription.added", fields=fields + ["in_spite"] * bool(order.in_spite))
    return request


def _renewed(
    change: RecordChange, earlier: MedicationRequest, taken: MedicationStatement, refills: int
) -> MedicationRequest:
    supply = Supply.from_json(earlier.supply)
    request = _new(
        change,
        concept=earlier.concept,
        dosage=taken.dosage,
        supply=Supply(supply.quantity, None, refills).as_json(),
        reason=earlier.reason,
        note=earlier.note,
        warnings=earlier.warnings,
    )
    change.wrote(request, "prescription.renewed", fields=["supply"])
    return request


def _new(change: RecordChange, **columns: Any) -> MedicationRequest:
    request = MedicationRequest(
        patient_id=change.patient_id,
        source=change.access.source,
        verification=Verification.CONFIRMED,
        recorded_at=change.now,
        recorded_by_id=change.by.user_id,
        confirmed_at=change.now,
        confirmed_by_id=change.by.user_id,
        changed_at=change.now,
        authored_at=change.now,
        requester_id=change.by.practitioner_id,
        **columns,
    )
    request.save(force_insert=True)
    return request


def _keep_on_list(
    change: RecordChange,
    order: Order,
    request: MedicationRequest,
    on_file: MedicationStatement | None,
) -> None:
    columns = {"dosage": request.dosage, "request": request, "reason": order.reason}
    if on_file is None:
        starts_on = order.starts_on or rows.today_of(change)
        columns |= {"concept": request.concept, "starts_on": starts_on}
        rows.insert(change, columns, encounter_id=request.encounter_id)
        return
    if on_file.request is not None and on_file.request.status in rules.OPEN_REQUESTS:
        _end(change, on_file.request, RequestStatus.COMPLETED, action="completed")
    columns |= {"status": MedicationStatus.ACTIVE, "status_reason": ""}
    rows.rewrite(change, on_file, columns, action="prescribed")


def _end(
    change: RecordChange,
    request: MedicationRequest,
    status: RequestStatus,
    *,
    action: str,
    reason: str = "",
) -> MedicationRequest:
    request.status = status
    request.status_reason = reason
    request.changed_at = change.now
    request.version += 1
    request.save(update_fields=["status", "status_reason", "changed_at", "version"])
    change.wrote(request, f"prescription.{action}")
    return request

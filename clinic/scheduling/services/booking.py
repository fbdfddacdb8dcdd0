"""Booking: the one service that sells time, whoever asks (C1-C7)."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import IntegrityError

from clinic.audit import services as audit
from clinic.people.viewer import Viewer
from clinic.scheduling import permissions, rules, signals
from clinic.scheduling.choices import AppointmentStatus, ChangeKind
from clinic.scheduling.models import Appointment, AppointmentStatusChange
from clinic.scheduling.services import claims, days
from clinic.scheduling.services.holds import Holder, holds_of
from clinic.scheduling.services.locks import (
    UNIQUE_VIOLATION,
    in_one_transaction,
    lock_holder_and_look,
    lock_schedules,
    sqlstate,
)


class KeyReused(Exception):
    """The idempotency key belongs to a booking of somebody else."""


@dataclass(frozen=True, slots=True)
class Order:
    """A booking as asked for: which time, for whom, what the patient wrote."""

    wish: claims.Wish
    patient_id: uuid.UUID
    idempotency_key: uuid.UUID
    reason: str = ""
    notes: str = ""
    hold_token: uuid.UUID | None = None


@in_one_transaction
def book_appointment(*, order: Order, by: Viewer, now: dt.datetime) -> Appointment:
    """Sell the time to the patient and return the visit; the same key again returns the first
    result (C4).

    A hold of the patient on that time becomes the visit, also when it has run out and nobody else
    took the time (B6). Raises SlotTaken, AlreadyBooked, NotOffered, KeyReused or NotAllowed.
    Writes the status row, the audit event and, through `appointment_recorded`, the reminder rows.
    """
    permissions.check_can_book_for(by, order.patient_id, order.wish.practitioner_id)
    known = lock_holder_and_look(
        order.patient_id, key=order.idempotency_key, hold_token=order.hold_token
    )
    hold = None
    if known:
        first = Appointment.objects.filter(idempotency_key=order.idempotency_key).first()
        if first is not None:
            if first.patient_id != order.patient_id:
                raise KeyReused
            return first
        hold = _hold_for(order)
    if hold is None:
        appointment = _book_directly(order, by=by, now=now)
    else:
        appointment = _confirm(hold, order, now=now)
    return _record(appointment, by=by, now=now)


def _hold_for(order: Order) -> Appointment | None:
    """Return the patient's hold of the wished time, the latest where there are several."""
    holder = Holder(patient_id=order.patient_id, hold_token=order.hold_token)
    holds = holds_of(holder).order_by("-released_at")[:5]
    return next((hold for hold in holds if _is_for(hold, order.wish)), None)


def _is_for(hold: Appointment, wish: claims.Wish) -> bool:
    return (
        hold.practitioner_id == wish.practitioner_id
        and hold.starts_at == wish.starts_at
        and hold.visit_type_id == wish.visit_type_id
    )


def _book_directly(order: Order, *, by: Viewer, now: dt.datetime) -> Appointment:
    opening = claims.find_opening_locked(wish=order.wish, now=now)
    appointment = Appointment(created_by_id=by.user_id, created_at=now)
    claims.fill(appointment, opening, now=now)
    _sell(appointment, order, opening, now=now)
    claims.insert(appointment)
    return appointment


def _confirm(hold: Appointment, order: Order, *, now: dt.datetime) -> Appointment:
    """Turn the hold into the visit. An UPDATE has no ON CONFLICT, so the schedule is taken
    alone.
    """
    lock_schedules([hold.practitioner_id])
    held = hold.released_at is not None and hold.released_at > now
    wish = claims.Wish(
        practitioner_id=order.wish.practitioner_id,
        visit_type_id=order.wish.visit_type_id,
        starts_at=order.wish.starts_at,
        modality=hold.modality,
        for_patient=order.wish.for_patient,
        site_id=hold.site_id,
        ignore_appointment_id=hold.pk,
    )
    # Notice is measured when the time was chosen: reading the confirmation page must not cost it.
    opening = claims.find_opening(wish=wish, now=hold.created_at if held else now)
    claims.fill(hold, opening, now=now)
    _sell(hold, order, opening, now=now)
    try:
        claims.update(
            hold,
            fields=(
                *claims.PLACE_FIELDS,
                "patient",
                "hold_token",
                "status",
                "released_at",
                "idempotency_key",
                "reason",
                "notes",
            ),
        )
    except IntegrityError as error:
        if sqlstate(error) == UNIQUE_VIOLATION:
            # Somebody else's booking took the same key between our look and this row.
            raise KeyReused from error
        raise
    return hold


def _sell(
    appointment: Appointment, order: Order, opening: claims.Opening, *, now: dt.datetime
) -> None:
    appointment.patient_id = order.patient_id
    appointment.hold_token = None
    appointment.idempotency_key = order.idempotency_key
    appointment.reason = order.reason
    appointment.notes = order.notes
    if opening.parameters.needs_approval and order.wish.for_patient:
        appointment.status = AppointmentStatus.PENDING
        appointment.released_at = rules.request_released_at(
            starts_at=appointment.starts_at, now=now
        )
    else:
        appointment.status = AppointmentStatus.BOOKED
        appointment.released_at = None


def _record(appointment: Appointment, *, by: Viewer, now: dt.datetime) -> Appointment:
    change = "requested" if appointment.status == AppointmentStatus.PENDING else "booked"
    AppointmentStatusChange.objects.create(
        appointment=appointment,
        kind=ChangeKind.STATUS,
        at=now,
        by_id=by.user_id,
        from_status=AppointmentStatus.PROPOSED,
        to_status=appointment.status,
    )
    record_change(appointment, action=f"appointment.{change}", change=change, by=by, now=now)
    return appointment


def record_change(
    appointment: Appointment, *, action: str, change: str, by: Viewer, now: dt.datetime
) -> None:
    """Write the audit event, let others write into this transaction, then raise version and
    announce.

    The doctor-day's version comes last: its row is what bookings of one day queue for.
    """
    audit.record(
        actor_id=by.user_id,
        actor_roles=by.roles,
        patient_id=appointment.patient_id,
        action=action,
        object_type="appointment",
        object_id=appointment.pk,
        now=now,
    )
    signals.appointment_recorded.send(
        sender=Appointment, appointment=appointment, change=change, now=now
    )
    days.bump_days(days.days_of(appointment))
    days.announce_change(appointment, change=change)

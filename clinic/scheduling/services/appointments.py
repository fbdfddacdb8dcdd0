"""Changes of an existing visit: status, cancelling, moving, undo, what the patient lets us know."""

from __future__ import annotations

import datetime as dt
import uuid

from clinic.lib import times
from clinic.people.viewer import Viewer
from clinic.scheduling import permissions, rules
from clinic.scheduling.choices import AppointmentStatus, CancellationReason, ChangeKind
from clinic.scheduling.models import Appointment, AppointmentStatusChange
from clinic.scheduling.selectors import availability as reads
from clinic.scheduling.services import claims, days
from clinic.scheduling.services.booking import record_change
from clinic.scheduling.services.holds import Holder, holds_of
from clinic.scheduling.services.locks import in_one_transaction, lock_holder, lock_schedules


class VersionConflict(Exception):
    """Somebody else changed the visit since this page was shown (F4)."""


def _locked(appointment_id: uuid.UUID, *, by: Viewer) -> Appointment:
    """Lock and return the visit; raise NotAllowed where it is none of this person's."""
    appointment = (
        Appointment.objects.select_for_update(no_key=True, of=("self",))
        .filter(permissions.visible_appointments(by), pk=appointment_id)
        .exclude(status=AppointmentStatus.PROPOSED)
        .first()
    )
    if appointment is None:
        raise permissions.NotAllowed
    return appointment


def _locked_with_schedule(appointment_id: uuid.UUID, *, by: Viewer) -> Appointment:
    """Take the schedule alone and then the visit: the order every change that claims time keeps."""
    practitioner_id = (
        Appointment.objects.filter(permissions.visible_appointments(by), pk=appointment_id)
        .values_list("practitioner_id", flat=True)
        .first()
    )
    if practitioner_id is None:
        raise permissions.NotAllowed
    lock_schedules([practitioner_id])
    appointment = _locked(appointment_id, by=by)
    if appointment.practitioner_id != practitioner_id:
        raise VersionConflict
    return appointment


def _append(
    appointment: Appointment,
    *,
    from_status: str,
    by: Viewer,
    now: dt.datetime,
    kind: ChangeKind = ChangeKind.STATUS,
    reason: str = "",
) -> AppointmentStatusChange:
    return AppointmentStatusChange.objects.create(
        appointment=appointment,
        kind=kind,
        at=now,
        by_id=by.user_id,
        from_status=from_status,
        to_status=appointment.status,
        reason=reason,
    )


@in_one_transaction
def change_status(
    *, appointment_id: uuid.UUID, to_status: str, by: Viewer, now: dt.datetime
) -> Appointment:
    """Move the visit along the table S1: arrived, in room, seen, did not come, entered in error.

    Staff only. Raises NotAllowed or TransitionNotAllowed. Leaving by an exit frees the time (S4).
    """
    appointment = _locked(appointment_id, by=by)
    permissions.check_is_staff_for(by, appointment.practitioner_id)
    from_status = appointment.status
    rules.check_transition(from_status=from_status, to_status=to_status, by_staff=True)
    appointment.status = to_status
    fields = ["status"]
    if rules.frees_time(from_status=from_status, to_status=to_status):
        appointment.released_at = max(now, appointment.claimed_at)
        appointment.version += 1
        fields += ["released_at", "version"]
    appointment.save(update_fields=fields)
    _append(appointment, from_status=from_status, by=by, now=now)
    record_change(appointment, action=f"appointment.{to_status}", change="status", by=by, now=now)
    return appointment


@in_one_transaction
def approve_request(*, appointment_id: uuid.UUID, by: Viewer, now: dt.datetime) -> Appointment:
    """Accept a request; the time is checked again under the lock (H5). Raises SlotTaken when
    it is gone.
    """
    appointment = _locked_with_schedule(appointment_id, by=by)
    permissions.check_is_staff_for(by, appointment.practitioner_id)
    rules.check_transition(
        from_status=appointment.status, to_status=AppointmentStatus.BOOKED, by_staff=True
    )
    from_status = appointment.status
    appointment.status = AppointmentStatus.BOOKED
    appointment.claimed_at, appointment.released_at = now, None
    claims.update(appointment, fields=("status", "claimed_at", "released_at"))
    _append(appointment, from_status=from_status, by=by, now=now)
    record_change(appointment, action="appointment.approved", change="booked", by=by, now=now)
    return appointment


@in_one_transaction
def cancel_appointment(
    *,
    appointment_id: uuid.UUID,
    by: Viewer,
    reason: CancellationReason,
    now: dt.datetime,
    late: bool = False,
) -> Appointment:
    """Cancel the visit and free its time at once (P1, P2).

    Raises TooLateToCancel for a patient after the cut-off unless `late` says that they know.
    """
    return cancel_within(appointment_id, by=by, reason=reason, now=now, late=late)


def cancel_within(
    appointment_id: uuid.UUID,
    *,
    by: Viewer,
    reason: CancellationReason,
    now: dt.datetime,
    late: bool = False,
) -> Appointment:
    """Cancel inside a transaction that is already open; otherwise as `cancel_appointment`."""
    appointment = _locked(appointment_id, by=by)
    by_staff = permissions.check_may_change(by, appointment)
    from_status = appointment.status
    rules.check_transition(
        from_status=from_status, to_status=AppointmentStatus.CANCELLED, by_staff=by_staff
    )
    cutoff = parameters_of(appointment).cancel_cutoff_minutes
    rules.check_can_cancel(
        starts_at=appointment.starts_at,
        cutoff_minutes=cutoff,
        now=now,
        by_staff=by_staff,
        late=late,
    )
    appointment.status = AppointmentStatus.CANCELLED
    # A claim never ends before it began, whatever two clocks say.
    appointment.released_at = max(now, appointment.claimed_at)
    appointment.cancellation_reason = reason
    appointment.cancelled_late = not by_staff and rules.is_past_cutoff(
        starts_at=appointment.starts_at, cutoff_minutes=cutoff, now=now
    )
    appointment.version += 1
    appointment.save(
        update_fields=("status", "released_at", "cancellation_reason", "cancelled_late", "version")
    )
    _append(appointment, from_status=from_status, by=by, now=now, reason=reason)
    record_change(appointment, action="appointment.cancelled", change="cancelled", by=by, now=now)
    return appointment


def parameters_of(appointment: Appointment) -> reads.ParametersOfVisit:
    """Return cut-offs and limits of an existing visit, also when it is no longer offered."""
    return reads.parameters_of_visit(
        practitioner_id=appointment.practitioner_id,
        visit_type_id=appointment.visit_type_id,
        site_id=appointment.site_id,
    )


@in_one_transaction
def reschedule_appointment(
    *,
    appointment_id: uuid.UUID,
    starts_at: dt.datetime,
    by: Viewer,
    now: dt.datetime,
    practitioner_id: uuid.UUID | None = None,
    version: int | None = None,
) -> Appointment:
    """Move the visit in one transaction; if that fails the old time stands (P3).

    The visit keeps its id and type, its version rises, a row keeps the old time. A patient stays
    with the doctor; staff may name another. Raises SlotTaken, TooLateToMove, TooManyMoves,
    VersionConflict.
    """
    seen = Appointment.objects.filter(
        permissions.visible_appointments(by), pk=appointment_id
    ).first()
    if seen is None or seen.patient_id is None:
        raise permissions.NotAllowed
    lock_holder(seen.patient_id)
    target_id = practitioner_id or seen.practitioner_id
    lock_schedules({seen.practitioner_id, target_id})
    appointment = _locked(appointment_id, by=by)
    by_staff = permissions.check_may_change(by, appointment)
    if version is not None and version != appointment.version:
        raise VersionConflict
    if not by_staff and target_id != appointment.practitioner_id:
        raise permissions.NotAllowed
    limits = parameters_of(appointment)
    rules.check_can_move(
        status=appointment.status,
        starts_at=appointment.starts_at,
        cutoff_minutes=limits.move_cutoff_minutes,
        moves=appointment.moves,
        max_moves=limits.max_moves,
        now=now,
        by_staff=by_staff,
    )
    _move(appointment, target_id, starts_at, by=by, by_staff=by_staff, now=now)
    return appointment


def _move(
    appointment: Appointment,
    practitioner_id: uuid.UUID,
    starts_at: dt.datetime,
    *,
    by: Viewer,
    by_staff: bool,
    now: dt.datetime,
) -> None:
    old_days = days.days_of(appointment)
    change = AppointmentStatusChange(
        appointment=appointment,
        kind=ChangeKind.MOVE,
        at=now,
        by_id=by.user_id,
        from_status=appointment.status,
        to_status=appointment.status,
        from_starts_at=appointment.starts_at,
        from_ends_at=appointment.ends_at,
        from_practitioner_id=appointment.practitioner_id,
    )
    # The patient's hold on the new time gives way to the visit in the same transaction.
    holds = list(holds_of(Holder(patient_id=appointment.patient_id)).claiming(now))
    for hold in holds:
        hold.released_at, hold.expiry_announced = now, True
        hold.save(update_fields=("released_at", "expiry_announced"))
    wish = claims.Wish(
        practitioner_id=practitioner_id,
        visit_type_id=appointment.visit_type_id,
        starts_at=starts_at,
        modality=appointment.modality,
        for_patient=not by_staff,
        ignore_appointment_id=appointment.pk,
    )
    opening = claims.find_opening(wish=wish, now=now)
    claims.fill(appointment, opening, now=now)
    appointment.version += 1
    appointment.moves += 0 if by_staff else 1
    appointment.confirmed_at = None
    appointment.running_late_minutes = None
    claims.update(
        appointment,
        fields=(
            *claims.PLACE_FIELDS,
            "version",
            "moves",
            "confirmed_at",
            "running_late_minutes",
        ),
    )
    change.save(force_insert=True)
    record_change(appointment, action="appointment.moved", change="moved", by=by, now=now)
    days.bump_days([*old_days, *days.days_of(*holds)])


@in_one_transaction
def undo_last_change(*, appointment_id: uuid.UUID, by: Viewer, now: dt.datetime) -> Appointment:
    """Take back the last change of status of today, as a new row (S3). Staff only.

    Taking back a cancellation claims the time again and raises SlotTaken when it is gone (B9).
    Raises NothingToUndo, NotAllowed.
    """
    appointment = _locked_with_schedule(appointment_id, by=by)
    permissions.check_is_staff_for(by, appointment.practitioner_id)
    last = appointment.status_changes.order_by("-at", "-id").first()
    if last is None or last.kind != ChangeKind.STATUS or last.from_status == "proposed":
        raise rules.NothingToUndo
    zone = appointment.time_zone
    rules.check_can_undo(changed_on=times.local_date(last.at, zone), today=times.today(zone, now))
    from_status = appointment.status
    appointment.status = last.from_status
    fields: tuple[str, ...] = ("status",)
    change = "status"
    if rules.frees_time(from_status=last.from_status, to_status=last.to_status):
        appointment.claimed_at, appointment.released_at = now, None
        if appointment.status == AppointmentStatus.PENDING:
            appointment.released_at = rules.request_released_at(
                starts_at=appointment.starts_at, now=now
            )
        appointment.version += 1
        appointment.cancellation_reason, appointment.cancelled_late = "", False
        fields = (
            "status",
            "claimed_at",
            "released_at",
            "version",
            "cancellation_reason",
            "cancelled_late",
        )
        change = "booked"
    claims.update(appointment, fields=fields)
    _append(appointment, from_status=from_status, by=by, now=now, kind=ChangeKind.UNDO)
    record_change(appointment, action="appointment.undone", change=change, by=by, now=now)
    return appointment


@in_one_transaction
def confirm_attendance(*, appointment_id: uuid.UUID, by: Viewer, now: dt.datetime) -> Appointment:
    """Note that the patient will come. Saying it twice is the same as once."""
    appointment = _locked(appointment_id, by=by)
    permissions.check_may_change(by, appointment)
    if appointment.status != AppointmentStatus.BOOKED:
        raise rules.TransitionNotAllowed(appointment.status, "confirmed")
    if appointment.confirmed_at is None:
        appointment.confirmed_at = now
        appointment.save(update_fields=("confirmed_at",))
        _append(
            appointment, from_status=appointment.status, by=by, now=now, kind=ChangeKind.CONFIRM
        )
        record_change(
            appointment, action="appointment.confirmed", change="confirmed", by=by, now=now
        )
    return appointment


@in_one_transaction
def report_running_late(
    *, appointment_id: uuid.UUID, minutes: int, by: Viewer, now: dt.datetime
) -> Appointment:
    """Tell the clinic that the patient will be some minutes late (1 to 60)."""
    if not 1 <= minutes <= 60:
        raise ValueError("minutes must be 1 to 60")
    appointment = _locked(appointment_id, by=by)
    permissions.check_may_change(by, appointment)
    if appointment.status != AppointmentStatus.BOOKED:
        raise rules.TransitionNotAllowed(appointment.status, "late")
    appointment.running_late_minutes = minutes
    appointment.save(update_fields=("running_late_minutes",))
    _append(appointment, from_status=appointment.status, by=by, now=now, kind=ChangeKind.LATE)
    record_change(appointment, action="appointment.late", change="late", by=by, now=now)
    return appointment

"""Holding a time while somebody decides (H1-H5). A hold is an appointment row whose claim ends
by itself.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from clinic.scheduling import rules
from clinic.scheduling.choices import AppointmentStatus
from clinic.scheduling.models import Appointment, AppointmentQuerySet
from clinic.scheduling.services import claims, days
from clinic.scheduling.services.locks import in_one_transaction, lock_holder, lock_schedules


class HoldEnded(Exception):
    """The hold has run out or was let go; the time may be free or taken."""


class AlreadyExtended(Exception):
    """A hold is extended once (H3)."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds: a patient, a visitor with a secret token, or a visitor who has become a
    patient.
    """

    patient_id: uuid.UUID | None = None
    hold_token: uuid.UUID | None = None

    @property
    def id(self) -> uuid.UUID:
        identifier = self.patient_id or self.hold_token
        if identifier is None:
            raise ValueError("a holder is a patient or has a token")
        return identifier

    def rows(self) -> Q:
        """Return the filter of this holder's rows."""
        mine = Q(pk__in=[])
        if self.patient_id:
            mine |= Q(patient_id=self.patient_id)
        if self.hold_token:
            mine |= Q(hold_token=self.hold_token)
        return mine


def holds_of(holder: Holder) -> AppointmentQuerySet:
    """Return the holder's holds, ended ones included."""
    return Appointment.objects.filter(holder.rows(), status=AppointmentStatus.PROPOSED)


@in_one_transaction
def hold_slot(
    *,
    holder: Holder,
    wish: claims.Wish,
    now: dt.datetime,
    created_by_id: uuid.UUID | None = None,
) -> Appointment:
    """Hold the time for five minutes and let go what this person held before (H1).

    Raises SlotTaken or NotOffered; the earlier hold then stays. Holding the same time again is not
    an extension: the first hold is returned.
    """
    lock_holder(holder.id)
    earlier = list(holds_of(holder).claiming(now))
    for hold in earlier:
        if _is_same(hold, wish):
            return hold
    opening = claims.find_opening_locked(wish=_past_own(wish, earlier), now=now)
    hold = Appointment(
        patient_id=holder.patient_id,
        hold_token=None if holder.patient_id else holder.hold_token,
        status=AppointmentStatus.PROPOSED,
        released_at=rules.hold_released_at(now=now),
        created_by_id=created_by_id,
        created_at=now,
    )
    claims.fill(hold, opening, now=now)
    # An overlapping hold of one's own would stand in the way; any other goes only after success.
    in_the_way = [old for old in earlier if _overlaps(old, hold)]
    _let_go(in_the_way, now=now)
    claims.insert(hold)
    _let_go([old for old in earlier if old not in in_the_way], now=now)
    days.bump_days(days.days_of(hold, *earlier))
    days.announce_holder(hold)
    return hold


@in_one_transaction
def release_hold(*, holder: Holder, now: dt.datetime) -> list[Appointment]:
    """Let go whatever the holder holds and return it; nothing held is not an error."""
    lock_holder(holder.id)
    held = list(holds_of(holder).claiming(now))
    _let_go(held, now=now)
    days.bump_days(days.days_of(*held))
    for hold in held:
        days.announce_holder(hold)
    return held


@in_one_transaction
def extend_hold(*, holder: Holder, now: dt.datetime) -> Appointment:
    """Keep the hold for five more minutes, once (H3). Raises HoldEnded or AlreadyExtended."""
    lock_holder(holder.id)
    hold = holds_of(holder).claiming(now).first()
    if hold is None or hold.released_at is None:
        raise HoldEnded
    if hold.hold_extended:
        raise AlreadyExtended
    lock_schedules([hold.practitioner_id])
    hold.released_at += rules.HOLD_FOR
    hold.hold_extended = True
    claims.update(hold, fields=("released_at", "hold_extended"))
    days.bump_days(days.days_of(hold))
    days.announce_holder(hold)
    return hold


@in_one_transaction
def adopt_hold(
    *, patient_id: uuid.UUID, hold_token: uuid.UUID, now: dt.datetime
) -> Appointment | None:
    """Give the hold of a visitor who has signed in to the patient, and return it.

    Nothing held is not an error. A time over a visit of the patient's own is let go instead; a hold
    that the patient has from elsewhere gives way to this newer choice (H1).
    """
    lock_holder(patient_id)
    hold = holds_of(Holder(hold_token=hold_token)).claiming(now).first()
    if hold is None:
        return None
    lock_schedules([hold.practitioner_id])
    earlier = list(holds_of(Holder(patient_id=patient_id)).claiming(now))
    _let_go(earlier, now=now)
    hold.patient_id, hold.hold_token = patient_id, None
    adopted: Appointment | None = hold
    try:
        # A savepoint: the refusal of the constraint must not end the transaction.
        with transaction.atomic():
            claims.update(hold, fields=("patient", "hold_token"))
    except claims.SlotTaken:
        hold.patient_id, hold.hold_token = None, hold_token
        _let_go([hold], now=now)
        adopted = None
    days.bump_days(days.days_of(hold, *earlier))
    days.announce_holder(hold)
    return adopted


@in_one_transaction
def announce_expired_holds(*, now: dt.datetime) -> int:
    """Tell everybody about holds that have run out since the last call; return how many.

    Decides nothing: an ended hold stops blocking by itself (H2).
    """
    ended = list(
        Appointment.objects.filter(
            status=AppointmentStatus.PROPOSED, expiry_announced=False, released_at__lte=now
        ).select_for_update(skip_locked=True, no_key=True)[:500]
    )
    Appointment.objects.filter(pk__in=[hold.pk for hold in ended]).update(expiry_announced=True)
    days.bump_days(days.days_of(*ended))
    for hold in ended:
        days.announce_holder(hold)
    return len(ended)


@in_one_transaction
def forget_old_holds(*, now: dt.datetime) -> int:
    """Delete holds that ended more than a day ago; return how many. They never became visits."""
    deleted, _ = Appointment.objects.filter(
        status=AppointmentStatus.PROPOSED, released_at__lt=now - dt.timedelta(days=1)
    ).delete()
    return deleted


def _let_go(held: list[Appointment], *, now: dt.datetime) -> None:
    if held:
        Appointment.objects.filter(pk__in=[hold.pk for hold in held]).update(
            released_at=now, expiry_announced=True
        )


def _is_same(hold: Appointment, wish: claims.Wish) -> bool:
    return (hold.practitioner_id, hold.visit_type_id, hold.starts_at, hold.modality) == (
        wish.practitioner_id,
        wish.visit_type_id,
        wish.starts_at,
        wish.modality,
    )


def _overlaps(one: Appointment, other: Appointment) -> bool:
    return one.claim_starts_at < other.claim_ends_at and other.claim_starts_at < one.claim_ends_at


def _past_own(wish: claims.Wish, earlier: list[Appointment]) -> claims.Wish:
    """A person's present hold does not stand in the way of the next choice (H4)."""
    if wish.ignore_appointment_id is not None or not earlier:
        return wish
    return claims.Wish(
        practitioner_id=wish.practitioner_id,
        visit_type_id=wish.visit_type_id,
        starts_at=wish.starts_at,
        modality=wish.modality,
        for_patient=wish.for_patient,
        site_id=wish.site_id,
        ignore_appointment_id=earlier[0].pk,
    )

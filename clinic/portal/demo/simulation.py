"""The demo day moving forward: people arrive, book and cancel through the real services.

Time stays the clock's; what is simulated is people. A speed of 2 lets twice as much happen.
"""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from clinic.lib import times
from clinic.lib.ids import uuid7
from clinic.people.choices import ApprovalStatus
from clinic.people.models import Patient, Practitioner
from clinic.people.viewer import SYSTEM
from clinic.scheduling import availability as engine
from clinic.scheduling import flow, rules
from clinic.scheduling.choices import AppointmentStatus as S
from clinic.scheduling.choices import CancellationReason
from clinic.scheduling.models import Appointment
from clinic.scheduling.selectors import availability as reads
from clinic.scheduling.services import appointments, booking, claims, holds
from clinic.scheduling.services.locks import ScheduleBusy

T = TypeVar("T")

# What happens next, with its weight: holds and bookings most, so that a booking page lives.
ACTS = (("arrive", 3), ("advance", 4), ("hold", 4), ("confirm", 3), ("let_go", 1), ("cancel", 1))


@dataclass(slots=True)
class Simulation:
    """One demo day in motion. `tick` lets one thing happen and says what in one line."""

    draw: random.Random
    held: dict[uuid.UUID, tuple[holds.Holder, claims.Wish]] = field(default_factory=dict)

    def tick(self, *, now: dt.datetime) -> str:
        """Let one thing happen; what turns out impossible is nobody's harm and is not retried."""
        [name] = self.draw.choices([act for act, _ in ACTS], [weight for _, weight in ACTS])
        acts: dict[str, Callable[[dt.datetime], str]] = {
            "arrive": self._arrive,
            "advance": self._advance,
            "hold": self._hold,
            "confirm": self._confirm,
            "let_go": self._let_go,
            "cancel": self._cancel,
        }
        try:
            return acts[name](now)
        except (
            claims.SlotTaken,
            reads.NotOffered,
            rules.TransitionNotAllowed,
            ScheduleBusy,
        ) as refusal:
            return f"refused: {type(refusal).__name__}"

    def _arrive(self, now: dt.datetime) -> str:
        """Somebody whose visit is near comes in."""
        soon = Appointment.objects.filter(
            status=S.BOOKED,
            starts_at__gte=now - dt.timedelta(minutes=30),
            starts_at__lt=now + dt.timedelta(minutes=40),
        ).order_by("starts_at")[:8]
        visit = self._one(list(soon))
        return self._to(visit, S.ARRIVED, now) if visit else "nobody is expected"

    def _advance(self, now: dt.datetime) -> str:
        """A doctor finishes a visit, or calls the next one in when the room is free."""
        in_room = list(
            Appointment.objects.filter(status=S.CHECKED_IN, starts_at__gte=now - dt.timedelta(1))
        )
        busy = {visit.practitioner_id for visit in in_room}
        waiting = [
            visit
            for visit in Appointment.objects.filter(
                status=S.ARRIVED, starts_at__gte=now - dt.timedelta(1)
            ).order_by("starts_at")
            if visit.practitioner_id not in busy
        ]
        visit = self._one(in_room + waiting[:3])
        if visit is None:
            return "no room changes hands"
        return self._to(visit, flow.NEXT_STEP[S(visit.status)], now)

    def _hold(self, now: dt.datetime) -> str:
        """A patient chooses a free time."""
        doctors = Practitioner.objects.filter(approval=ApprovalStatus.APPROVED).order_by("pk")
        doctor = self._one(list(doctors))
        patient = self._one(list(Patient.objects.filter(user=None).order_by("pk")[:400]))
        if doctor is None or patient is None:
            return "nobody is there"
        wish = self._free(doctor.pk, now)
        if wish is None:
            return "no free time"
        holder = holds.Holder(patient_id=patient.pk)
        hold = holds.hold_slot(holder=holder, wish=wish, now=now)
        self.held[patient.pk] = (holder, wish)
        return f"held {hold.local_start} with {doctor.short_name}"

    def _free(self, practitioner_id: uuid.UUID, now: dt.datetime) -> claims.Wish | None:
        offered = self._one(reads.offered_visits(practitioner_ids=[practitioner_id]))
        if offered is None:
            return None
        upper = now + dt.timedelta(days=self.draw.choice((1, 2, 4)))
        loaded = reads.load(practitioner_ids=[practitioner_id], lower=now, upper=upper, now=now)
        modality = self.draw.choice(offered.modalities)
        free = [
            start
            for start in reads.starts_between(
                loaded=loaded,
                offered=offered,
                lower=now,
                upper=upper,
                modality=modality,
                for_patient=True,
                now=now,
            )
            if start.refusal is None
        ]
        start: engine.Start | None = self._one(free)
        if start is None:
            return None
        return claims.Wish(
            practitioner_id=practitioner_id,
            visit_type_id=offered.visit_type_id,
            starts_at=times.from_seconds(start.starts_at),
            modality=modality,
            for_patient=True,
        )

    def _confirm(self, now: dt.datetime) -> str:
        """Somebody who holds a time books it."""
        if not self.held:
            return "nobody holds a time"
        patient_id, (_, wish) = self.held.popitem()
        order = booking.Order(
            wish=wish,
            patient_id=patient_id,
            idempotency_key=uuid7(),
            reason="Check-up",
        )
        visit = booking.book_appointment(order=order, by=SYSTEM, now=now)
        return f"booked {visit.local_start}"

    def _let_go(self, now: dt.datetime) -> str:
        """Somebody thinks better of it."""
        if not self.held:
            return "nobody holds a time"
        _, (holder, _) = self.held.popitem()
        holds.release_hold(holder=holder, now=now)
        return "let a time go"

    def _cancel(self, now: dt.datetime) -> str:
        """A patient without an account cancels a visit of the next days."""
        ahead = Appointment.objects.filter(
            status=S.BOOKED,
            patient__user=None,
            starts_at__gt=now + dt.timedelta(hours=2),
            starts_at__lt=now + dt.timedelta(days=4),
        ).order_by("starts_at")[:60]
        visit = self._one(list(ahead))
        if visit is None:
            return "nobody cancels"
        appointments.cancel_appointment(
            appointment_id=visit.pk, by=SYSTEM, reason=CancellationReason.CANNOT_COME, now=now
        )
        return f"cancelled {visit.local_start}"

    def _to(self, visit: Appointment, status: str, now: dt.datetime) -> str:
        appointments.change_status(appointment_id=visit.pk, to_status=status, by=SYSTEM, now=now)
        return f"{visit.local_start} is {S(status).label.lower()}"

    def _one(self, of: Sequence[T]) -> T | None:
        return self.draw.choice(of) if of else None

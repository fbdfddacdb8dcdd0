"""Loading a batch: everything its messages need, in a fixed number of queries."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from clinic.records.selectors.reminding import still_to_remind
from clinic.scheduling.choices import AppointmentStatus, ChangeKind
from clinic.scheduling.models import AppointmentStatusChange
from reminders.choices import TAKEN_BACK, ReminderKind, ReminderStatus
from reminders.models import Reminder
from reminders.services.claiming import Claim

# Sealed columns stay closed: a message never needs them (N5).
_NEEDED = (
    "patient__id",
    "patient__given_name",
    "patient__email",
    "patient__language",
    "patient__time_zone",
    "patient__reminders_by_email",
    "patient__user__email",
    "patient__user__is_active",
    "patient__user__time_zone",
    "appointment__version",
    "appointment__status",
    "appointment__modality",
    "appointment__starts_at",
    "appointment__ends_at",
    "appointment__time_zone",
    "appointment__site__name",
    "appointment__site__address",
    "appointment__site__phone",
    "appointment__room__name",
    "appointment__practitioner__title",
    "appointment__practitioner__given_name",
    "appointment__practitioner__family_name",
)


@dataclass(frozen=True, slots=True)
class Batch:
    """Claimed rows with visit and patient, and what else is planned for the same people and
    days."""

    rows: Sequence[Reminder]
    others: Sequence[Reminder]
    steps_due: Mapping[uuid.UUID, Sequence[int]]
    moved_from: Mapping[uuid.UUID, tuple[dt.datetime, dt.datetime]]
    # Rows about doses that are still due, wanted and not ticked.
    doses_due: frozenset[uuid.UUID]

    def companions_of(self, row: Reminder) -> list[Reminder]:
        """Return the rows whose visits or doses this reminder speaks of as well (N3)."""
        if row.kind == ReminderKind.DOSE:
            return [
                other
                for other in self.others
                if other.pk != row.pk
                and other.pk in self.doses_due
                and (other.patient_id, other.due_at, other.channel)
                == (row.patient_id, row.due_at, row.channel)
            ]
        if row.kind != ReminderKind.REMINDER:
            return []
        key = (row.patient_id, row.day, row.step_minutes, row.channel)
        return sorted(
            (
                other
                for other in self.others
                if other.pk != row.pk
                and other.kind == row.kind
                and (other.patient_id, other.day, other.step_minutes, other.channel) == key
            ),
            key=lambda other: other.visit.starts_at,
        )


def load_batch(*, claims: Iterable[Claim], now: dt.datetime) -> Batch:
    """Load the claimed rows that are still the claims', in the claims' order.

    Three queries, and three more where there are doses among them.
    """
    fences = {claim.reminder_id: claim.fence for claim in claims}
    order = {reminder_id: position for position, reminder_id in enumerate(fences)}
    found = _with_visit(Reminder.objects.filter(pk__in=fences, status=ReminderStatus.CLAIMED))
    rows = sorted(
        (row for row in found if row.fence == fences[row.pk]), key=lambda row: order[row.pk]
    )
    others = _others(rows)
    doses = _other_doses(rows)
    booked = [other for other in others if other.visit.status == AppointmentStatus.BOOKED]
    return Batch(
        rows=rows,
        others=[*booked, *doses],
        steps_due=_steps_due([*others, *rows], now=now),
        moved_from=_moved_from(rows),
        doses_due=_doses_due([*rows, *doses]),
    )


def _with_visit(rows: QuerySet[Reminder]) -> QuerySet[Reminder]:
    own = (field.name for field in Reminder._meta.concrete_fields)
    return rows.select_related(
        "patient__user", "appointment__site", "appointment__room", "appointment__practitioner"
    ).only(*own, *_NEEDED)


def _others(rows: Iterable[Reminder]) -> list[Reminder]:
    """Return reminders not yet sent, of the same people and days, about visits that still stand."""
    reminders = [row for row in rows if row.kind == ReminderKind.REMINDER]
    if not reminders:
        return []
    found = Reminder.objects.filter(
        patient_id__in={row.patient_id for row in reminders},
        day__in={row.day for row in reminders},
        kind=ReminderKind.REMINDER,
        status__in=TAKEN_BACK,
    )
    return [
        other for other in _with_visit(found) if other.visit.version == other.appointment_version
    ]


def _other_doses(rows: Iterable[Reminder]) -> list[Reminder]:
    """Return dose reminders not yet sent, of the same people and times."""
    doses = [row for row in rows if row.kind == ReminderKind.DOSE]
    if not doses:
        return []
    return list(
        Reminder.objects.filter(
            patient_id__in={row.patient_id for row in doses},
            due_at__in={row.due_at for row in doses},
            kind=ReminderKind.DOSE,
            status__in=TAKEN_BACK,
        )
    )


def _doses_due(rows: Iterable[Reminder]) -> frozenset[uuid.UUID]:
    doses = {(row.statement_id, row.due_at): row.pk for row in rows if row.statement_id is not None}
    still = still_to_remind(doses=list(doses)) if doses else set()
    return frozenset(pk for dose, pk in doses.items() if dose in still)


def _steps_due(rows: Iterable[Reminder], *, now: dt.datetime) -> Mapping[uuid.UUID, list[int]]:
    found: dict[uuid.UUID, list[int]] = defaultdict(list)
    for row in rows:
        if row.step_minutes is not None and row.due_at <= now:
            found[row.visit.pk].append(row.step_minutes)
    return found


def _moved_from(rows: Iterable[Reminder]) -> dict[uuid.UUID, tuple[dt.datetime, dt.datetime]]:
    moved = [row.visit.pk for row in rows if row.kind == ReminderKind.CHANGE]
    if not moved:
        return {}
    changes = (
        AppointmentStatusChange.objects.filter(appointment_id__in=moved, kind=ChangeKind.MOVE)
        .order_by("at", "pk")
        .values_list("appointment_id", "from_starts_at", "from_ends_at")
    )
    return {
        appointment_id: (starts, ends)
        for appointment_id, starts, ends in changes
        if starts and ends
    }

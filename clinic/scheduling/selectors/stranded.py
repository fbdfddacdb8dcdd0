"""Booked visits that the hours, absences and closures as they now stand no longer cover (A9,
A10).
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection

from clinic.lib import times
from clinic.scheduling import availability as engine
from clinic.scheduling.choices import AppointmentStatus
from clinic.scheduling.models import Appointment, DateWindow, WorkingHours
from clinic.scheduling.selectors import availability as reads

FURTHEST = dt.timedelta(days=730)


def practitioners_at(*, site_id: uuid.UUID) -> list[uuid.UUID]:
    """Return everybody who has hours at the site, in id order."""
    weekly = WorkingHours.objects.filter(site_id=site_id).values_list("practitioner_id", flat=True)
    dated = DateWindow.objects.filter(site_id=site_id).values_list("practitioner_id", flat=True)
    return sorted(set(weekly) | set(dated))


def stranded_visits(
    *, practitioner_ids: Collection[uuid.UUID], now: dt.datetime
) -> list[Appointment]:
    """Return future visits that do not lie wholly inside open time, in order.

    A visit was booked on the grid of its day; a new grid strands nobody, only time that is not
    open does.
    """
    visits = list(
        Appointment.objects.claiming(now)
        .filter(
            practitioner_id__in=practitioner_ids,
            status__in=(AppointmentStatus.BOOKED, AppointmentStatus.PENDING),
            starts_at__gte=now,
            starts_at__lt=now + FURTHEST,
        )
        .select_related("patient", "visit_type", "site", "practitioner")
        .order_by("starts_at", "pk")
    )
    if not visits:
        return []
    loaded = reads.load(
        practitioner_ids=practitioner_ids,
        lower=visits[0].starts_at,
        upper=visits[-1].ends_at,
        now=now,
    )
    return [visit for visit in visits if not _is_open(visit, loaded.rules, now)]


def _is_open(visit: Appointment, rules: engine.Rules, now: dt.datetime) -> bool:
    """Ask the engine for a grid of one minute with nothing booked: is the visit's start open
    time?
    """
    minutes = int((visit.ends_at - visit.starts_at).total_seconds() // 60)
    start = engine.check_start(
        rules=rules,
        busy=[],
        parameters=engine.resolve_parameters({"duration_minutes": minutes, "grid_minutes": 1}),
        practitioner_id=visit.practitioner_id,
        visit_type_id=visit.visit_type_id,
        modality=visit.modality,
        site_id=visit.site_id,
        now=times.seconds(now),
        for_patient=False,
        starts_at=times.seconds(visit.starts_at),
    )
    return start.refusal is None

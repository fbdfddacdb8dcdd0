"""Who opened a record, when and on what ground: the audit trail of one patient, folded by day."""

from __future__ import annotations

import datetime as dt
import json
import uuid
import zoneinfo
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Min, QuerySet
from django.db.models.functions import TruncDate

from clinic.audit.models import AuditEvent
from clinic.audit.selectors import trail_of_patient
from clinic.lib import times
from clinic.people.models import User
from clinic.records.permissions import NotAllowed, RecordAccess

DAYS_A_PAGE = 14
# What everybody who opens a record leaves on the trail, and nothing else does.
WITH_GROUND = '"ground":'


@dataclass(slots=True)
class Visit:
    """Everything one person did in the record on one day on one ground."""

    actor: uuid.UUID | None
    roles: tuple[str, ...]
    ground: str
    first: dt.datetime
    last: dt.datetime
    opened: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Day:
    date: dt.date
    visits: Sequence[Visit]


@dataclass(frozen=True, slots=True)
class Log:
    """A page of days, newest first, and what the people in them are called."""

    days: Sequence[Day]
    names: Mapping[uuid.UUID, User]
    page: int
    has_older: bool


def access_log(*, access: RecordAccess, page: int, tz: str) -> Log:
    """Return a page of who opened the record. For the patient's side only: raises NotAllowed."""
    if not access.is_patient_side:
        raise NotAllowed("access log")
    zone = tz or settings.TIME_ZONE
    trail = trail_of_patient(patient_id=access.patient_id).filter(detail__contains=WITH_GROUND)
    dates = _dates(trail, zone, page)
    shown = dates[:DAYS_A_PAGE]
    days = _days(trail, shown, zone)
    actors = {visit.actor for day in days for visit in day.visits if visit.actor}
    return Log(days, _people(actors), page, has_older=len(dates) > DAYS_A_PAGE)


def _dates(trail: QuerySet[AuditEvent], zone: str, page: int) -> list[dt.date]:
    """Return the days of one page on which somebody was there, and one more if there are others."""
    first = (page - 1) * DAYS_A_PAGE
    days = trail.annotate(day=TruncDate("at", tzinfo=zoneinfo.ZoneInfo(zone)))
    found = days.order_by("-day").values_list("day", flat=True).distinct()
    return list(found[first : first + DAYS_A_PAGE + 1])


def _days(trail: QuerySet[AuditEvent], dates: Sequence[dt.date], zone: str) -> list[Day]:
    if not dates:
        return []
    since, _ = times.day_bounds(dates[-1], zone)
    _, until = times.day_bounds(dates[0], zone)
    rows = (
        trail.filter(at__gte=since, at__lt=until)
        .annotate(day=TruncDate("at", tzinfo=zoneinfo.ZoneInfo(zone)))
        .order_by()
        .values("day", "actor", "actor_roles", "action", "detail")
        .annotate(first=Min("at"), last=Max("at"), times=Count("pk"))
    )
    folded: dict[dt.date, dict[tuple[uuid.UUID | None, str], Visit]] = {day: {} for day in dates}
    for row in rows:
        _fold(folded[row["day"]], row)
    return [
        Day(day, sorted(visits.values(), key=lambda visit: visit.last, reverse=True))
        for day, visits in folded.items()
    ]


def _fold(visits: dict[tuple[uuid.UUID | None, str], Visit], row: Mapping[str, Any]) -> None:
    said = json.loads(row["detail"])
    key = row["actor"], said["ground"]
    if key not in visits:
        roles = tuple(filter(None, row["actor_roles"].split(",")))
        visits[key] = Visit(row["actor"], roles, said["ground"], row["first"], row["last"])
    visit = visits[key]
    visit.first, visit.last = min(visit.first, row["first"]), max(visit.last, row["last"])
    if row["action"] == "record.read":
        kept, name = visit.opened, said.get("what", "")
    else:
        kept, name = visit.changed, row["action"]
    kept[name] = kept.get(name, 0) + row["times"]


def _people(actors: Collection[uuid.UUID]) -> dict[uuid.UUID, User]:
    users = User.objects.filter(pk__in=actors).select_related("practitioner", "patient")
    return {user.pk: user for user in users}

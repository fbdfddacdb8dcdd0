"""Reads for the availability engine: rules in one statement, busy time in another, nothing cached
(A13).

Answers hold no patient data; who may ask for which visit type is decided by the callers.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection

from clinic.lib import times
from clinic.people.choices import ApprovalStatus
from clinic.scheduling import availability as engine
from clinic.scheduling import rules
from clinic.scheduling.models import LONGEST_VISIT, PARAMETER_NAMES, Offering, Site, VisitType

ENGINE_PARAMETERS = tuple(name for name in PARAMETER_NAMES if name != "max_moves")


_OFFERED_SQL = f"""
select v.modalities, s.id, s.time_zone,
       {", ".join(f"{layer}.{name}" for layer in "svo" for name in ENGINE_PARAMETERS)}
  from scheduling_offering o
  join people_practitioner p on p.id = o.practitioner_id and p.approval = 'approved'
  join scheduling_visittype v on v.id = o.visit_type_id and v.active
  left join scheduling_site s on s.active and s.id in (
       select site_id from scheduling_workinghours where practitioner_id = %(practitioner)s
       union all select site_id from scheduling_datewindow where practitioner_id = %(practitioner)s)
 where o.practitioner_id = %(practitioner)s and o.visit_type_id = %(visit_type)s
"""  # noqa: S608


class NotOffered(Exception):
    """The practitioner does not (or not any more) offer this visit type."""


@dataclass(frozen=True, slots=True)
class OfferedVisit:
    """A visit type as one practitioner offers it, with the parameters of every site resolved
    (A4).
    """

    practitioner_id: uuid.UUID
    visit_type_id: uuid.UUID
    modalities: tuple[str, ...]
    parameters: Mapping[uuid.UUID, engine.Parameters]
    time_zones: Mapping[uuid.UUID, str]


@dataclass(frozen=True, slots=True)
class Loaded:
    """Everything the engine needs for a span, and the version of the rules it was read at."""

    rules: engine.Rules
    busy: list[engine.Busy]
    room_busy: Mapping[uuid.UUID, list[engine.Busy]]
    versions: Mapping[uuid.UUID, int]


def sites_by_id() -> dict[uuid.UUID, Site]:
    """Return all active sites; a clinic has a handful."""
    return {site.pk: site for site in Site.objects.filter(active=True)}


def offered_visits(
    *,
    practitioner_ids: Collection[uuid.UUID],
    visit_type_id: uuid.UUID | None = None,
    sites: Mapping[uuid.UUID, Site] | None = None,
) -> list[OfferedVisit]:
    """Return what approved practitioners offer, parameters resolved per site."""
    sites = sites_by_id() if sites is None else sites
    offerings = Offering.objects.filter(
        practitioner_id__in=practitioner_ids,
        practitioner__approval=ApprovalStatus.APPROVED,
        visit_type__active=True,
    ).select_related("visit_type")
    if visit_type_id is not None:
        offerings = offerings.filter(visit_type_id=visit_type_id)
    return [resolve(offering, sites) for offering in offerings]


def offered_visit(*, practitioner_id: uuid.UUID, visit_type_id: uuid.UUID) -> OfferedVisit:
    """Return one practitioner's offering; raise NotOffered where there is none.

    Parameters are those of the sites where this doctor has hours: every booking asks this, so it
    is one plain statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OFFERED_SQL, {"practitioner": practitioner_id, "visit_type": visit_type_id})
        rows = cursor.fetchall()
    if not rows:
        raise NotOffered
    count = len(ENGINE_PARAMETERS)
    parameters, time_zones = {}, {}
    for _modalities, site_id, time_zone, *values in rows:
        if site_id is None:
            continue
        layers = (values[:count], values[count : 2 * count], values[2 * count :])
        time_zones[site_id] = time_zone
        parameters[site_id] = engine.resolve_parameters(
            *(dict(zip(ENGINE_PARAMETERS, layer, strict=True)) for layer in layers)
        )
    return OfferedVisit(
        practitioner_id=practitioner_id,
        visit_type_id=visit_type_id,
        modalities=tuple(rows[0][0]),
        parameters=parameters,
        time_zones=time_zones,
    )


def _values(layer: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(layer, name) for name in names}


def _most_moves(layers: list[Any]) -> int:
    found = (layer.max_moves for layer in reversed(layers) if layer.max_moves is not None)
    return next(found, rules.MAX_MOVES_BY_PATIENT)


def resolve(offering: Offering, sites: Mapping[uuid.UUID, Site]) -> OfferedVisit:
    """Return an offering, read with its visit type, with the parameters of every site (A4)."""
    parameters = {}
    for site in sites.values():
        layers = (site, offering.visit_type, offering)
        parameters[site.pk] = engine.resolve_parameters(
            *(_values(layer, ENGINE_PARAMETERS) for layer in layers)
        )
    return OfferedVisit(
        practitioner_id=offering.practitioner_id,
        visit_type_id=offering.visit_type_id,
        modalities=tuple(offering.visit_type.modalities),
        parameters=parameters,
        time_zones={site.pk: site.time_zone for site in sites.values()},
    )


_RULES_SQL = """
select 'version', practitioner_id, null::uuid, null::uuid, version::bigint, null::bigint,
null::date, null::time, null::time, null::date, null::uuid, null::varchar[], '', null::varchar
  from scheduling_schedule where practitioner_id = any(%(practitioners)s)
union all
select 'weekly', h.practitioner_id, h.site_id, h.room_id, h.weekday, null, h.valid_from,
       h.starts, h.ends, h.valid_to, h.visit_type_id, h.modalities, '', s.time_zone
  from scheduling_workinghours h join scheduling_site s on s.id = h.site_id and s.active
 where h.practitioner_id = any(%(practitioners)s)
   and h.valid_from <= %(last_date)s and (h.valid_to is null or h.valid_to >= %(first_date)s)
union all
select w.kind, w.practitioner_id, w.site_id, w.room_id, null, null, w.date,
       w.starts, w.ends, null, w.visit_type_id, w.modalities, '', s.time_zone
  from scheduling_datewindow w join scheduling_site s on s.id = w.site_id and s.active
 where w.practitioner_id = any(%(practitioners)s)
   and w.date between %(first_date)s and %(last_date)s
union all
select 'absence', practitioner_id, null, null, extract(epoch from starts_at)::bigint,
       extract(epoch from ends_at)::bigint, null, null, null, null, visit_type_id, null,
       public_reason, null
  from scheduling_absence
 where practitioner_id = any(%(practitioners)s) and starts_at < %(upper)s and ends_at > %(lower)s
union all
select 'closure', null, site_id, null, extract(epoch from starts_at)::bigint,
       extract(epoch from ends_at)::bigint, null, null, null, null, null, null, public_reason, null
  from scheduling_closure where starts_at < %(upper)s and ends_at > %(lower)s
"""

# A lower bound on the start keeps this on the covering btree: a visit lasts twelve hours at most.
_BUSY_SQL = """
select practitioner_id, extract(epoch from starts_at)::bigint, extract(epoch from ends_at)::bigint,
       buffer_before_minutes * 60, buffer_after_minutes * 60, status = 'proposed', id, patient_id
  from scheduling_appointment
 where practitioner_id = any(%(practitioners)s)
   and starts_at > %(earliest)s and starts_at < %(latest)s
   and (released_at is null or released_at > %(now)s)
"""

_ROOMS_SQL = """
select room_id, extract(epoch from starts_at)::bigint, extract(epoch from ends_at)::bigint,
       0, 0, status = 'proposed', id, patient_id
  from scheduling_appointment
 where room_id = any(%(rooms)s)
   and starts_at > %(earliest)s and starts_at < %(latest)s
   and (released_at is null or released_at > %(now)s)
"""


def load(
    *,
    practitioner_ids: Collection[uuid.UUID],
    lower: dt.datetime,
    upper: dt.datetime,
    now: dt.datetime,
) -> Loaded:
    """Read rules and live claims of the practitioners around `[lower, upper)` in two statements."""
    day = dt.timedelta(days=1)
    span: dict[str, Any] = {
        "practitioners": list(practitioner_ids),
        "lower": lower - day,
        "upper": upper + day,
        # Two days of slack: a site's local date differs from UTC's, and windows may run overnight.
        "first_date": (lower - 2 * day).date(),
        "last_date": (upper + 2 * day).date(),
        "earliest": lower - LONGEST_VISIT - day,
        "latest": upper + day,
        "now": now,
    }
    with connection.cursor() as cursor:
        # Two statements in one message: each sees what is committed when it begins.
        cursor.execute(f"{_RULES_SQL};{_BUSY_SQL}", span)
        loaded_rules, versions = _rules_from(cursor.fetchall())
        cursor.nextset()
        busy = [engine.Busy(*row) for row in cursor.fetchall()]
        rooms = {row.room_id for row in loaded_rules.weekly if row.room_id}
        rooms |= {row.room_id for row in loaded_rules.windows if row.room_id}
        room_busy: dict[uuid.UUID, list[engine.Busy]] = defaultdict(list)
        if rooms:
            cursor.execute(_ROOMS_SQL, span | {"rooms": list(rooms)})
            for row in cursor.fetchall():
                room_busy[row[0]].append(engine.Busy(*row))
    return Loaded(rules=loaded_rules, busy=busy, room_busy=room_busy, versions=versions)


def _rules_from(rows: list[tuple[Any, ...]]) -> tuple[engine.Rules, dict[uuid.UUID, int]]:
    """Sort the rows of `_RULES_SQL` into the engine's values."""
    versions: dict[uuid.UUID, int] = {}
    weekly: list[engine.Weekly] = []
    windows: list[engine.DateWindow] = []
    blocks: list[engine.Block] = []
    for row in rows:
        kind, practitioner_id, site_id, room_id, first, second = row[:6]
        date, starts, ends, valid_to, visit_type_id, modalities, reason, tz = row[6:]
        if kind == "version":
            versions[practitioner_id] = first
        elif kind == "weekly":
            weekly.append(
                engine.Weekly(
                    practitioner_id=practitioner_id,
                    site_id=site_id,
                    room_id=room_id,
                    time_zone=tz,
                    weekday=first,
                    starts=starts,
                    ends=ends,
                    valid_from=date,
                    valid_to=valid_to,
                    visit_type_id=visit_type_id,
                    modalities=tuple(modalities),
                )
            )
        elif kind in ("absence", "closure"):
            blocks.append(
                engine.Block(
                    practitioner_id=practitioner_id,
                    site_id=site_id,
                    starts_at=first,
                    ends_at=second,
                    visit_type_id=visit_type_id,
                    kind=kind,
                    reason=reason,
                )
            )
        else:
            windows.append(
                engine.DateWindow(
                    practitioner_id=practitioner_id,
                    site_id=site_id,
                    room_id=room_id,
                    time_zone=tz,
                    date=date,
                    kind=kind,
                    starts=starts,
                    ends=ends,
                    visit_type_id=visit_type_id,
                    modalities=tuple(modalities),
                )
            )
    return engine.Rules(weekly=weekly, windows=windows, blocks=blocks), versions


def case_for(
    *,
    loaded: Loaded,
    offered: OfferedVisit,
    site_id: uuid.UUID,
    modality: str | None,
    for_patient: bool,
    now: dt.datetime,
    ignore_appointment_id: uuid.UUID | None = None,
) -> engine.Case:
    """Return the keywords every function of the engine takes, for one site of one practitioner."""
    return engine.Case(
        rules=loaded.rules,
        busy=loaded.busy,
        parameters=offered.parameters[site_id],
        practitioner_id=offered.practitioner_id,
        visit_type_id=offered.visit_type_id,
        modality=modality,
        site_id=site_id,
        now=times.seconds(now),
        for_patient=for_patient,
        buffers_may_overlap=bool(settings.SCHEDULING["BUFFERS_MAY_OVERLAP"]),
        ignore_appointment_id=ignore_appointment_id,
        resource_busy=loaded.room_busy,
    )


def sites_with_windows(*, loaded: Loaded, practitioner_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the sites at which the practitioner has any window in the loaded span, in order."""
    found = {row.site_id for row in loaded.rules.weekly_of(practitioner_id)}
    found |= {row.site_id for row in loaded.rules.windows_of(practitioner_id) if row.site_id}
    return sorted(found)


def starts_between(
    *,
    loaded: Loaded,
    offered: OfferedVisit,
    lower: dt.datetime,
    upper: dt.datetime,
    modality: str | None,
    for_patient: bool,
    now: dt.datetime,
    site_id: uuid.UUID | None = None,
    ignore_appointment_id: uuid.UUID | None = None,
) -> list[engine.Start]:
    """Return every grid point of all (or one of the) practitioner's sites in the span, in order."""
    sites = sites_with_windows(loaded=loaded, practitioner_id=offered.practitioner_id)
    found: list[engine.Start] = []
    for place in sites:
        if place not in offered.parameters or site_id not in (None, place):
            continue
        case = case_for(
            loaded=loaded,
            offered=offered,
            site_id=place,
            modality=modality,
            for_patient=for_patient,
            now=now,
            ignore_appointment_id=ignore_appointment_id,
        )
        found += engine.starts(**case, start=times.seconds(lower), end=times.seconds(upper))
    return sorted(found, key=lambda start: start.starts_at)


@dataclass(frozen=True, slots=True)
class ParametersOfVisit:
    """The cut-offs and limits that bind a patient's changes of an existing visit."""

    cancel_cutoff_minutes: int
    move_cutoff_minutes: int
    max_moves: int


def parameters_of_visit(
    *, practitioner_id: uuid.UUID, visit_type_id: uuid.UUID, site_id: uuid.UUID
) -> ParametersOfVisit:
    """Return the limits of a visit, also when its type is no longer offered."""
    offering = (
        Offering.objects.filter(practitioner_id=practitioner_id, visit_type_id=visit_type_id)
        .select_related("visit_type")
        .first()
    )
    site = Site.objects.get(pk=site_id)
    layers: list[Any] = [site, VisitType.objects.get(pk=visit_type_id)]
    if offering is not None:
        layers = [site, offering.visit_type, offering]
    resolved = engine.resolve_parameters(*(_values(layer, ENGINE_PARAMETERS) for layer in layers))
    return ParametersOfVisit(
        cancel_cutoff_minutes=resolved.cancel_cutoff_minutes,
        move_cutoff_minutes=resolved.move_cutoff_minutes,
        max_moves=_most_moves(layers),
    )

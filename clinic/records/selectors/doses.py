"""Reads of doses: what is due today, what may still be ticked, how it went these weeks."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from clinic.lib import times
from clinic.lib.clinic_time import NO_SITE
from clinic.people.models import Patient
from clinic.records.choices import DoseStatus
from clinic.records.dosage import Dosage, due_times
from clinic.records.dosage_choices import Frequency
from clinic.records.models import DoseEvent, MedicationStatement
from clinic.records.permissions import RecordAccess
from clinic.records.rules.adherence import Adherence, adherence
from clinic.records.selectors.medications import current_medications
from clinic.scheduling.selectors.zones import zone_of_clinic

STRIP_DAYS = 28


@dataclass(frozen=True, slots=True)
class Dose:
    """One dose that is due, with its tick where there is one."""

    statement: MedicationStatement
    dosage: Dosage
    due_at: dt.datetime
    event: DoseEvent | None


@dataclass(frozen=True, slots=True)
class AsNeeded:
    """A medicine for when it is needed, with what was taken of it today."""

    statement: MedicationStatement
    dosage: Dosage
    taken: tuple[DoseEvent, ...]


@dataclass(frozen=True, slots=True)
class TodaysDoses:
    """What a patient has to take today, in order; `late` are yesterday's that nobody ticked."""

    date: dt.date
    zone: str
    doses: tuple[Dose, ...]
    late: tuple[Dose, ...]
    as_needed: tuple[AsNeeded, ...]
    strip: Adherence

    def __bool__(self) -> bool:
        return bool(self.doses or self.late or self.as_needed)


def todays_doses(
    *,
    access: RecordAccess,
    now: dt.datetime,
    statements: Sequence[MedicationStatement] | None = None,
) -> TodaysDoses:
    """Return the doses of the patient's day; `statements` where they have been read already."""
    rows = current_medications(access=access) if statements is None else statements
    zone = zone_of(access=access)
    today = times.today(zone, now)
    days = [today - times.ONE_DAY * back for back in range(STRIP_DAYS - 1, -1, -1)]
    events = _events(access, rows, since=times.day_bounds(days[0], zone)[0])
    dosages = {row.pk: Dosage.from_json(row.dosage) for row in rows}
    scheduled = [row for row in rows if dosages[row.pk].is_scheduled]

    def doses_on(date: dt.date) -> Iterable[Dose]:
        for row in scheduled:
            ticked = {event.due_at: event for event in events if event.statement_id == row.pk}
            due = set(due_times(dosage=dosages[row.pk], date=date, zone=zone))
            due |= {at for at in ticked if times.local_date(at, zone) == date}
            for at in due:
                yield Dose(row, dosages[row.pk], at, ticked.get(at))

    return TodaysDoses(
        date=today,
        zone=zone,
        doses=_in_order(doses_on(today)),
        late=_in_order(dose for dose in doses_on(today - times.ONE_DAY) if dose.event is None),
        as_needed=tuple(
            AsNeeded(row, dosages[row.pk], _of_today(events, row, today, zone))
            for row in rows
            if dosages[row.pk].frequency == Frequency.AS_NEEDED
        ),
        strip=_strip(days, scheduled, dosages, events, zone=zone, now=now),
    )


def zone_of(*, access: RecordAccess) -> str:
    """Return the zone of the patient's clock: chosen by the patient, else the clinic's."""
    zones = (
        Patient.objects.filter(pk=access.patient_id)
        .annotate(zone=zone_of_clinic())
        .values_list("time_zone", "user__time_zone", "zone")
        .get()
    )
    return next(filter(None, zones), NO_SITE)


def _events(
    access: RecordAccess, rows: Collection[MedicationStatement], *, since: dt.datetime
) -> list[DoseEvent]:
    if not rows:
        return []
    found = DoseEvent.objects.filter(patient_id=access.patient_id, due_at__gte=since)
    return list(found.filter(statement__in=[row.pk for row in rows]).order_by("due_at"))


def _in_order(doses: Iterable[Dose]) -> tuple[Dose, ...]:
    return tuple(sorted(doses, key=lambda dose: (dose.due_at, dose.statement.label.casefold())))


def _of_today(
    events: Iterable[DoseEvent], row: MedicationStatement, today: dt.date, zone: str
) -> tuple[DoseEvent, ...]:
    return tuple(
        event
        for event in events
        if event.statement_id == row.pk
        and event.status == DoseStatus.TAKEN
        and times.local_date(event.due_at, zone) == today
    )


def _strip(
    days: Sequence[dt.date],
    scheduled: Sequence[MedicationStatement],
    dosages: Mapping[uuid.UUID, Dosage],
    events: Sequence[DoseEvent],
    *,
    zone: str,
    now: dt.datetime,
) -> Adherence:
    known = {row.pk for row in scheduled}
    marked: dict[dt.date, dict[object, str]] = defaultdict(dict)
    for event in events:
        if event.statement_id in known:
            key = (event.statement_id, event.due_at)
            marked[times.local_date(event.due_at, zone)][key] = event.status
    due = {
        date: {
            (row.pk, at)
            for row in scheduled
            for at in due_times(dosage=dosages[row.pk], date=date, zone=zone)
            if at <= now
        }
        for date in days
    }
    return adherence(days=days, due=due, marked=marked)

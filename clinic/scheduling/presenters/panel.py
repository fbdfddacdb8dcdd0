"""Display-ready values of the side panel: who comes, why, what can be done, what has happened."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import formats
from django.utils.translation import gettext as _

from clinic.lib import times
from clinic.people.models import User
from clinic.scheduling import rules
from clinic.scheduling.choices import AppointmentStatus as S
from clinic.scheduling.choices import CancellationReason, ChangeKind, Modality
from clinic.scheduling.models import Appointment, AppointmentStatusChange
from clinic.scheduling.presenters.board import Step, step_for


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the visit's history."""

    time: str
    what: str
    who: str


@dataclass(frozen=True, slots=True)
class Panel:
    """Everything the panel shows of one visit."""

    appointment_id: uuid.UUID
    name: str
    about: str
    record_number: str
    status: str
    status_label: str
    time_text: str
    place: str
    kind: str
    mode: str
    reason: str
    notes: str
    phone: str
    email: str
    emergency: str
    step: Step | None
    can_miss: bool
    can_cancel: bool
    can_move: bool
    can_undo: bool
    history: Sequence[Happening]


def present_panel(*, visit: Appointment, now: dt.datetime, with_reason: bool) -> Panel:
    """Turn the visit into what the panel shows. The desk gets no word of why the patient comes."""
    patient = visit.patient
    assert patient is not None  # a hold has no panel
    said = times.format_visit_time(visit.starts_at, visit.ends_at, visit.time_zone)
    changes = sorted(visit.status_changes.all(), key=lambda change: (change.at, change.pk))
    allowed = rules.TRANSITIONS[visit.status]
    contact = (patient.emergency_contact_name, patient.emergency_contact_phone)
    return Panel(
        appointment_id=visit.pk,
        name=patient.full_name,
        about=_about(patient.birth_date, times.today(visit.time_zone, now)),
        record_number=patient.record_number,
        status=visit.status,
        status_label=str(S(visit.status).label),
        time_text=f"{said.date_text}, {said.starts_text}",
        place=", ".join(filter(None, (visit.site.name, visit.room.name if visit.room else ""))),
        kind=visit.visit_type.name,
        mode=str(Modality(visit.modality).label),
        reason=visit.reason if with_reason else "",
        notes=visit.notes if with_reason else "",
        phone=patient.phone,
        email=patient.email,
        emergency=", ".join(filter(None, contact)),
        step=step_for(appointment_id=visit.pk, status=visit.status),
        can_miss=S.NOSHOW in allowed and visit.status == S.BOOKED,
        can_cancel=S.CANCELLED in allowed,
        can_move=visit.status in rules.MOVABLE,
        can_undo=_can_undo(changes, visit.time_zone, now),
        history=[_happening(change, visit.time_zone) for change in reversed(changes)],
    )


def _about(birth_date: dt.date | None, today: dt.date) -> str:
    if birth_date is None:
        return _("Birth date not known")
    age = (
        today.year
        - birth_date.year
        - ((today.month, today.day) < (birth_date.month, birth_date.day))
    )
    return _("%(age)s, born %(date)s") % {
        "age": age,
        "date": formats.date_format(birth_date, "DATE_FORMAT"),
    }


def _can_undo(changes: Sequence[AppointmentStatusChange], zone: str, now: dt.datetime) -> bool:
    if not changes:
        return False
    last = changes[-1]
    same_day = times.local_date(last.at, zone) == times.today(zone, now)
    return last.kind == ChangeKind.STATUS and last.from_status != S.PROPOSED and same_day


def _happening(change: AppointmentStatusChange, zone: str) -> Happening:
    at = times.to_local(change.at, zone)
    return Happening(
        time=f"{formats.date_format(at.date(), 'j M')} {at:%H:%M}",
        what=_what(change, zone),
        who=_who(change.by),
    )


def _what(change: AppointmentStatusChange, zone: str) -> str:
    if change.kind == ChangeKind.MOVE and change.from_starts_at is not None:
        old = times.to_local(change.from_starts_at, zone)
        moved_from = {"date": times.format_date(old.date()), "time": f"{old:%H:%M}"}
        return _("Moved from %(date)s, %(time)s") % moved_from
    if change.kind == ChangeKind.UNDO:
        return _("Taken back to “%(status)s”") % {"status": S(change.to_status).label}
    if change.kind in (ChangeKind.CONFIRM, ChangeKind.LATE):
        return str(ChangeKind(change.kind).label)
    status = str(S(change.to_status).label)
    if change.reason:
        return f"{status}: {CancellationReason(change.reason).label}"
    return status


def _who(user: User | None) -> str:
    """Return who did it: a doctor or patient by name, the desk by its role, a link nobody."""
    if user is None:
        return ""
    for person in ("practitioner", "patient"):
        found = getattr(user, person, None)
        if found is not None:
            return str(found.full_name)
    return _("Front desk")

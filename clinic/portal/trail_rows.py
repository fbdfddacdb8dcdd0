"""Events of the trail as its page and its export show them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from clinic.audit.models import AuditEvent
from clinic.lib import times
from clinic.people.choices import Role
from clinic.portal.trail import Names
from clinic.portal.trail_words import words_for

HEAD = (
    *("time (UTC)", "actor", "actor id", "roles", "action", "what"),
    *("patient", "patient id", "object", "object id", "detail", "request", "event"),
)


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One line of the page. `facts` holds codes and names of fields, never a value."""

    at: dt.datetime
    day: dt.date
    who: str
    roles: str
    words: str
    code: str
    patient: str
    facts: str


def trail_row(event: AuditEvent, names: Names, *, zone: str) -> TrailRow:
    """Return how the page shows an event, at the time of a zone."""
    at = times.to_local(event.at, zone)
    return TrailRow(
        at=at,
        day=at.date(),
        who=_who(event, names),
        roles=", ".join(_role(code) for code in event.actor_roles.split(",") if code),
        words=words_for(event.action),
        code=event.action,
        patient=_patient(event, names),
        facts="; ".join(_facts(event.detail)),
    )


def export_row(event: AuditEvent, names: Names) -> list[str]:
    """Return an event as the cells of a line, in the order of HEAD."""
    ids = (event.actor, event.patient, event.object_id)
    actor, patient, object_id = (str(value) if value else "" for value in ids)
    return [
        event.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        *(_who(event, names), actor, event.actor_roles, event.action, words_for(event.action)),
        *(_patient(event, names), patient, event.object_type, object_id),
        *(event.detail, event.request_id, str(event.pk)),
    ]


def _who(event: AuditEvent, names: Names) -> str:
    if event.actor is None:
        return _("The system") if event.actor_roles == "system" else _("A visitor")
    return names.actors.get(event.actor) or _("A former account")


def _patient(event: AuditEvent, names: Names) -> str:
    if event.patient is None:
        return ""
    return names.patients.get(event.patient) or _("A former patient")


def _role(code: str) -> str:
    return str(Role(code).label) if code in Role.values else code


def _facts(detail: str) -> Iterable[str]:
    """Yield what the detail says in codes; ids tell a reader nothing."""
    for name, value in json.loads(detail).items():
        values = value if isinstance(value, list) else [value]
        told = [str(item) for item in values if not _is_id(item)]
        if told:
            yield f"{name}: {', '.join(told)}"
        elif values:
            yield f"{name}: {len(values)}"


def _is_id(value: object) -> bool:
    return isinstance(value, str) and len(value) == 36 and value.count("-") == 4

"""Display-ready privacy page: who looked, on what ground, at what, in plain words."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clinic.lib import times
from clinic.people.carer_rows import name_of
from clinic.people.choices import Role
from clinic.people.models import User
from clinic.records.permissions import Ground
from clinic.records.selectors.access_log import Log, Visit

# What a page of the record shows. A page that is missing here is called the record.
PAGES: dict[str, Promise] = {
    "overview": gettext_lazy("Overview"),
    "summary": gettext_lazy("Summary"),
    "timeline": gettext_lazy("Time line"),
    "search": gettext_lazy("Search"),
    "history": gettext_lazy("History"),
    "medications": gettext_lazy("Medicines"),
    "medication-plan": gettext_lazy("Medication plan"),
    "measurements": gettext_lazy("Measurements"),
    "notes": gettext_lazy("Visit notes"),
    "note": gettext_lazy("Visit notes"),
    "encounter": gettext_lazy("Visit notes"),
    "follow-ups": gettext_lazy("Follow-ups"),
    "documents": gettext_lazy("Documents"),
    "document": gettext_lazy("Documents"),
    "access_log": gettext_lazy("This page"),
    "export": gettext_lazy("A copy of everything"),
}
# What kind of entry an act was about, by the first word of its name on the trail.
ENTRIES: dict[str, Promise] = {
    "condition": gettext_lazy("Conditions"),
    "allergy": gettext_lazy("Allergies"),
    "procedure": gettext_lazy("Operations and procedures"),
    "immunization": gettext_lazy("Vaccinations"),
    "family": gettext_lazy("Family"),
    "lifestyle": gettext_lazy("Lifestyle"),
    "medication": gettext_lazy("Medicines"),
    "prescription": gettext_lazy("Prescriptions"),
    "dose": gettext_lazy("Doses"),
    "observation": gettext_lazy("Measurements"),
    "encounter": gettext_lazy("Visits"),
    "note": gettext_lazy("Visit notes"),
    "noterevision": gettext_lazy("Visit notes"),
    "followup": gettext_lazy("Follow-ups"),
    "document": gettext_lazy("Documents"),
    "proposal": gettext_lazy("Proposed changes"),
    "correction": gettext_lazy("Corrections"),
    "emergency": gettext_lazy("Emergency access"),
}
GROUNDS: dict[str, Promise] = {
    Ground.CARE: gettext_lazy("Care: a visit, past or planned"),
    Ground.EMERGENCY: gettext_lazy("Emergency access, without a visit"),
    Ground.PROXY: gettext_lazy("Acts by consent, or as a parent"),
    Ground.SYSTEM: gettext_lazy("The clinic’s own programs, for example an import"),
    Ground.OWN: gettext_lazy("The patient"),
}
TONES: dict[str, str] = {Ground.EMERGENCY: "alert", Ground.PROXY: "yours", Ground.CARE: "act"}


@dataclass(frozen=True, slots=True)
class LogRow:
    """What one person did on one day."""

    name: str
    role: str
    ground: str
    tone: str
    is_emergency: bool
    is_system: bool
    clock: str
    opened: str
    changed: str


@dataclass(frozen=True, slots=True)
class LogDay:
    """One day; the patient's own looks are one line."""

    date: dt.date
    rows: tuple[LogRow, ...]
    own: str


def log_days(log: Log, *, viewer_id: uuid.UUID | None, tz: str) -> list[LogDay]:
    return [
        LogDay(
            date=day.date,
            rows=tuple(
                _row(visit, log.names, tz) for visit in day.visits if not _is_own(visit, viewer_id)
            ),
            own=_own_text([visit for visit in day.visits if _is_own(visit, viewer_id)]),
        )
        for day in log.days
    ]


def _is_own(visit: Visit, viewer_id: uuid.UUID | None) -> bool:
    """The reader's own looks: the patient's, or those of the carer who reads this page."""
    return visit.actor is not None and visit.actor == viewer_id


def _row(visit: Visit, names: Mapping[uuid.UUID, User], tz: str) -> LogRow:
    user = names.get(visit.actor) if visit.actor else None
    return LogRow(
        name=_name(visit, user),
        role=_role(visit),
        ground=str(GROUNDS.get(visit.ground, "")),
        tone=TONES.get(visit.ground, ""),
        is_emergency=visit.ground == Ground.EMERGENCY,
        is_system=visit.ground == Ground.SYSTEM,
        clock=_clock(visit, tz),
        opened=_listed(visit.opened, PAGES, _("Health record")),
        changed=_listed(
            {action.partition(".")[0]: 1 for action in visit.changed}, ENTRIES, _("Health record")
        ),
    )


def _name(visit: Visit, user: User | None) -> str:
    if visit.ground == Ground.SYSTEM:
        return _("The clinic")
    return name_of(user) if user is not None else _("Somebody whose account was removed")


def _role(visit: Visit) -> str:
    if visit.ground in (Ground.SYSTEM, Ground.OWN):
        return ""
    if visit.ground == Ground.PROXY:
        return _("Carer")
    known = [Role(role).label for role in visit.roles if role in Role.values]
    return ", ".join(str(label) for label in known if label != Role.PATIENT.label)


def _clock(visit: Visit, tz: str) -> str:
    """Return "10:05" or "10:05 to 10:40" on the reader's clock."""
    zone = tz or settings.TIME_ZONE
    first = f"{times.to_local(visit.first, zone):%H:%M}"
    last = f"{times.to_local(visit.last, zone):%H:%M}"
    if first == last:
        return first
    return _("%(first)s to %(last)s") % {"first": first, "last": last}


def _listed(codes: Iterable[str], words: Mapping[str, Promise], otherwise: str) -> str:
    """Return the words for some codes, in the order in which the product names them."""
    order = {code: place for place, code in enumerate(words)}
    known = sorted(codes, key=lambda code: order.get(code, len(order)))
    said = [str(words.get(code, otherwise)) for code in known]
    return ", ".join(dict.fromkeys(said))


def _own_text(visits: Iterable[Visit]) -> str:
    """Return "You opened your record 5 times and changed something"."""
    opened = changed = 0
    for visit in visits:
        opened += sum(visit.opened.values())
        changed += sum(visit.changed.values())
    parts = []
    if opened:
        parts.append(
            ngettext("You looked once", "You looked %(times)s times", opened) % {"times": opened}
        )
    if changed:
        parts.append(
            ngettext("you changed one entry", "you changed %(times)s entries", changed)
            % {"times": changed}
        )
    said = ", ".join(parts)
    return said[:1].upper() + said[1:]

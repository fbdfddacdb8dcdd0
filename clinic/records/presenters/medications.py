"""Medicines as pages say them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.lib import times
from clinic.records.choices import DatePrecision, MedicationStatus
from clinic.records.dates import present_partial_date
from clinic.records.dosage import Dosage, Supply
from clinic.records.models import MedicationRequest, MedicationStatement
from clinic.records.presenters.dosage import NOT_SAID, dosage_words, dose_words
from clinic.records.rules import medications as rules

# From so many days before the pack is empty on, it is said.
RUNS_OUT_SOON = 14


class MedicationLine(NamedTuple):
    """One medicine in the three things every list says of it."""

    name: str
    dosage: str
    since: str


@dataclass(frozen=True, slots=True)
class MedicationCard:
    """One medicine on its page and in the lists; empty strings are not shown."""

    id: str
    version: int
    name: str
    dosage: str
    since: str
    reason: str
    prescriber: str
    note: str
    status: str
    status_label: str
    status_reason: str
    ended: str
    refill: Refill | None
    source: str
    is_confirmed: bool
    is_scheduled: bool
    reminds: bool
    waits: bool
    can: Mapping[str, bool]

    @property
    def about(self) -> str:
        """Return the second line of a list: since when, for what, from whom."""
        since = _("since %(month)s") % {"month": self.since} if self.since else ""
        reason = _("for %(reason)s") % {"reason": self.reason} if self.reason else ""
        return ", ".join(filter(None, (since, reason, self.prescriber)))


class Refill(NamedTuple):
    """When a pack runs out, in words; `tone` of the chip."""

    text: str
    tone: str
    icon: str


def medication_line(row: MedicationStatement) -> MedicationLine:
    """Return name, dosage in words and since when: "March 2026"."""
    words = dosage_words(Dosage.from_json(row.dosage))
    return MedicationLine(row.label, words or str(NOT_SAID), since_text(row))


def present_medication(
    row: MedicationStatement, *, today: dt.date, waiting: Collection[uuid.UUID] = ()
) -> MedicationCard:
    """Return one medicine for a page; `waiting` are ids of those that a patient wants changed."""
    line, dosage = medication_line(row), Dosage.from_json(row.dosage)
    ended = formats.date_format(row.ends_on, "DATE_FORMAT") if row.ends_on else ""
    acts = {
        act: rules.can(act=act, status=row.status, verification=row.verification)
        for act in rules.ACTS
    }
    return MedicationCard(
        id=str(row.pk),
        version=row.version,
        name=line.name,
        dosage=line.dosage,
        since=line.since,
        reason=row.reason,
        prescriber=prescriber_of(row),
        note=row.note,
        status=row.status,
        status_label=str(row.get_status_display()),
        status_reason=row.status_reason,
        ended=ended,
        refill=refill_of(row, today=today) if row.status in rules.CURRENT else None,
        source=str(row.get_source_display()),
        is_confirmed=row.is_confirmed,
        is_scheduled=dosage.is_scheduled,
        reminds=row.dose_reminders,
        waits=row.pk in waiting,
        can=acts,
    )


def since_text(row: MedicationStatement) -> str:
    """Return since which month or year it is taken; the day itself tells nobody anything."""
    if row.starts_precision == DatePrecision.DAY:
        return present_partial_date(row.starts_on, DatePrecision.MONTH)
    return present_partial_date(row.starts_on, row.starts_precision)


def prescriber_of(row: MedicationStatement) -> str:
    """Return who prescribed it, as far as is known."""
    if row.request is not None:
        return requester_of(row.request)
    return row.prescriber_text


def requester_of(row: MedicationRequest) -> str:
    return row.requester.full_name if row.requester is not None else row.requester_text


def refill_of(row: MedicationStatement, *, today: dt.date) -> Refill | None:
    """Return when the pack runs out, None where that is not known."""
    ends = Supply.from_json(row.supply).runs_out_on(Dosage.from_json(row.dosage))
    if ends is None:
        return None
    days = (ends - today).days
    if days < 0:
        return Refill(_("Pack should be empty"), "wait", "circle-alert")
    if days == 0:
        return Refill(_("Runs out today"), "wait", "circle-alert")
    if days <= RUNS_OUT_SOON:
        text = ngettext("Runs out tomorrow", "Runs out in %(n)s days", days) % {"n": days}
        return Refill(text, "wait", "clock")
    date = formats.date_format(ends, "MONTH_DAY_FORMAT")
    return Refill(_("Lasts until %(date)s") % {"date": date}, "none", "calendar")


@dataclass(frozen=True, slots=True)
class PrescriptionLine:
    """One prescription of a medicine."""

    id: str
    name: str
    dosage: str
    written: str
    by: str
    quantity: str
    status: str
    status_label: str
    status_reason: str
    in_spite: str
    can_renew: bool
    can_cancel: bool


def present_prescription(row: MedicationRequest, *, zone: str) -> PrescriptionLine:
    """Return a prescription in words: what, when, by whom, how much."""
    dosage, supply = Dosage.from_json(row.dosage), Supply.from_json(row.supply)
    return PrescriptionLine(
        id=str(row.pk),
        name=row.label,
        dosage=dosage_words(dosage) or str(NOT_SAID),
        written=formats.date_format(times.local_date(row.authored_at, zone), "DATE_FORMAT"),
        by=requester_of(row),
        quantity=supply_words(supply, dosage.unit),
        status=row.status,
        status_label=str(row.get_status_display()),
        status_reason=row.status_reason,
        in_spite=str(row.warnings.get("reason", "")),
        can_renew=rules.can_renew(status=row.status),
        can_cancel=rules.can_cancel(status=row.status),
    )


def supply_words(supply: Supply, unit: str) -> str:
    """Return "30 tablets, 2 refills"."""
    refills = ""
    if supply.refills:
        refills = ngettext("%(n)s refill", "%(n)s refills", supply.refills) % {"n": supply.refills}
    return ", ".join(filter(None, (dose_words(supply.quantity, unit), refills)))


def medication_lines(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what a proposal says of a medicine, field by field."""
    stored = values.get("starts_on")
    since = dt.date.fromisoformat(stored) if stored else None
    ends = values.get("ends_on")
    ended = formats.date_format(dt.date.fromisoformat(ends), "DATE_FORMAT") if ends else ""
    status = values.get("status", "")
    return [
        (_("Medicine"), (values.get("concept") or {}).get("text", "")),
        (_("How it is taken"), dosage_words(Dosage.from_json(values.get("dosage")))),
        (_("What it is for"), values.get("reason", "")),
        (_("Since when"), present_partial_date(since, values.get("starts_precision", "day"))),
        (_("Who prescribed it"), values.get("prescriber_text", "")),
        (_("Now"), str(MedicationStatus(status).label) if status else ""),
        (_("Why"), values.get("status_reason", "")),
        (_("Last day"), ended),
        (_("Remark"), values.get("note", "")),
    ]

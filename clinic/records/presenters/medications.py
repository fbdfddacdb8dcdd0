"""Medicines as pages say them."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.records.choices import DatePrecision
from clinic.records.dates import present_partial_date
from clinic.records.dosage import Dosage, Supply
from clinic.records.models import MedicationRequest, MedicationStatement
from clinic.records.presenters.dosage import NOT_SAID, dosage_words

# From so many days before the pack is empty on, it is said.
RUNS_OUT_SOON = 14


class MedicationLine(NamedTuple):
    """One medicine in the three things every list says of it."""

    name: str
    dosage: str
    since: str


class Refill(NamedTuple):
    """When a pack runs out, in words; `tone` of the chip."""

    text: str
    tone: str
    icon: str


def medication_line(row: MedicationStatement) -> MedicationLine:
    """Return name, dosage in words and since when: "March 2026"."""
    words = dosage_words(Dosage.from_json(row.dosage))
    return MedicationLine(row.label, words or str(NOT_SAID), since_text(row))


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
    return Refill(_("Lasts until %(date)s") % {"date": date}, "none", "package")

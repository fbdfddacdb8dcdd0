"""Display-ready uses of emergency access, for the reviewer and for the patient."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.utils import formats
from django.utils.translation import gettext as _

from clinic.lib import times
from clinic.records.choices import ReviewOutcome
from clinic.records.models import EmergencyAccess
from clinic.records.selectors.emergency import Review


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the review said, with its looks."""

    label: str
    tone: str
    icon: str


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One use as its reviewer sees it."""

    id: uuid.UUID
    dom_id: str
    doctor: str
    patient: str
    record_number: str
    category: str
    reason: str
    note: str
    span: str
    is_open: bool
    outcome: Outcome
    reviewed_on: dt.date | None
    form: forms.Form | None


@dataclass(frozen=True, slots=True)
class EmergencyCard:
    """One use as the patient sees it: never the doctor's words."""

    doctor: str
    category: str
    span: str
    is_open: bool
    outcome: Outcome


def review_row(
    review: Review, *, tz: str, now: dt.datetime, form: forms.Form | None = None
) -> ReviewRow:
    row = review.row
    gone = _("The words cannot be read any more, because the record was erased.")
    return ReviewRow(
        id=row.pk,
        dom_id=f"glass-{row.pk}",
        doctor=row.practitioner.full_name,
        patient=row.patient.full_name,
        record_number=row.patient.record_number,
        category=row.get_category_display(),
        reason=gone if review.reason is None else review.reason,
        note=review.note or "",
        span=span_text(row, tz=tz),
        is_open=row.is_open(now),
        outcome=outcome_of(row),
        reviewed_on=row.reviewed_at.date() if row.reviewed_at else None,
        form=form,
    )


def emergency_card(row: EmergencyAccess, *, tz: str, now: dt.datetime) -> EmergencyCard:
    return EmergencyCard(
        doctor=row.practitioner.full_name,
        category=row.get_category_display(),
        span=span_text(row, tz=tz),
        is_open=row.is_open(now),
        outcome=outcome_of(row),
    )


def outcome_of(row: EmergencyAccess) -> Outcome:
    """Return what became of the review, in words, a tone and a sign."""
    if row.review_outcome == ReviewOutcome.JUSTIFIED:
        return Outcome(_("Reviewed: justified"), "act", "circle-check")
    if row.review_outcome == ReviewOutcome.NOT_JUSTIFIED:
        return Outcome(_("Reviewed: not justified"), "alert", "circle-alert")
    return Outcome(_("Being reviewed"), "wait", "clock")


def span_text(row: EmergencyAccess, *, tz: str) -> str:
    """Return "2 March 2026, 10:00 to 14:00" on the reader's clock."""
    zone = tz or settings.TIME_ZONE
    starts = times.to_local(row.starts_at, zone)
    ends = times.to_local(row.ended_at or row.ends_at, zone)
    return _("%(day)s, %(start)s to %(end)s") % {
        "day": formats.date_format(starts, "j F Y"),
        "start": formats.date_format(starts, "H:i"),
        "end": formats.date_format(ends, "H:i"),
    }

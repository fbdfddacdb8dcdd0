"""Corrections and erasures, ready for their pages."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.people.carer_rows import name_of
from clinic.records.choices import CorrectionStatus, ErasureBasis, ErasureStatus
from clinic.records.models import ClinicalNote, DocumentReference
from clinic.records.models.base import CodedEntry
from clinic.records.presenters import history_words
from clinic.records.presenters.timeline import day_text
from clinic.records.selectors.corrections import Correction
from clinic.records.selectors.rights import ErasureCase

KINDS: Mapping[str, Promise] = {
    "condition": gettext_lazy("Condition"),
    "allergy": gettext_lazy("Allergy"),
    "procedure": gettext_lazy("Operation or procedure"),
    "vaccination": gettext_lazy("Vaccination"),
    "family": gettext_lazy("Family"),
    "medication": gettext_lazy("Medicine"),
    "prescription": gettext_lazy("Prescription"),
    "measurement": gettext_lazy("Measurement"),
    "note": gettext_lazy("Visit note"),
    "document": gettext_lazy("Document"),
    "record": gettext_lazy("The whole record"),
}
_STATES: Mapping[str, tuple[str, str]] = {
    CorrectionStatus.OPEN: ("wait", "hourglass"),
    CorrectionStatus.ACCEPTED: ("act", "circle-check"),
    CorrectionStatus.DECLINED: ("none", "info"),
}


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """One request: about what, since when, in which state, and the form to answer with."""

    id: uuid.UUID
    about: str
    text: str
    filed_on: str
    state: str
    tone: str
    icon: str
    answer: str
    answered: str
    is_open: bool
    form: Any = None


def correction_rows(
    found: Iterable[Correction], *, tz: str, forms: Mapping[uuid.UUID, Any] | None = None
) -> list[CorrectionRow]:
    """Return the requests; `forms` are those to answer with, by request."""
    return [_row(one, tz, (forms or {}).get(one.row.pk)) for one in found]


def _row(one: Correction, tz: str, form: Any) -> CorrectionRow:
    row = one.row
    tone, icon = _STATES[row.status]
    return CorrectionRow(
        id=row.pk,
        about=about_text(row.target_type, one.target, tz),
        text=row.text,
        filed_on=day_text(row.created_at, tz),
        state=str(CorrectionStatus(row.status).label),
        tone=tone,
        icon=icon,
        answer=row.answer,
        answered=_answered(row, tz),
        is_open=row.status == CorrectionStatus.OPEN,
        form=form,
    )


def about_text(kind: str, target: Model | None, tz: str) -> str:
    """Return what a request is about: "Condition: Asthma"."""
    words = str(KINDS.get(kind, KINDS["record"]))
    name = _name_of(target, tz)
    return _("%(kind)s: %(name)s") % {"kind": words, "name": name} if name else words


def _name_of(target: Model | None, tz: str) -> str:
    if isinstance(target, CodedEntry):
        return history_words.title(target)
    if isinstance(target, ClinicalNote):
        return day_text(target.encounter.starts_at, tz)
    return target.title or target.file_name if isinstance(target, DocumentReference) else ""


def _answered(row: Any, tz: str) -> str:
    if row.decided_at is None:
        return ""
    who = name_of(row.decided_by) if row.decided_by else ""
    return ", ".join(filter(None, (who, day_text(row.decided_at, tz))))


@dataclass(frozen=True, slots=True)
class ErasureRow:
    """One erasure as administrators see it: nothing of the record itself."""

    patient_id: uuid.UUID
    name: str
    record_number: str
    birth_date: dt.date | None
    basis: str
    requested: str
    decided: str
    state: str
    tone: str
    kept_until: dt.date
    retention_runs: bool
    visits_ahead: bool
    backups_until: dt.date | None
    is_own_request: bool


def erasure_row(
    case: ErasureCase, *, viewer_id: uuid.UUID | None, today: dt.date, tz: str
) -> ErasureRow:
    """Return one erasure; whoever asked for it cannot decide on it."""
    row, patient = case.row, case.row.patient
    tones = {ErasureStatus.EXECUTED: "alert", ErasureStatus.REFUSED: "none"}
    decided = (
        f"{name_of(row.decided_by)}, {day_text(row.decided_at, tz)}"
        if row.decided_by and row.decided_at
        else ""
    )
    return ErasureRow(
        patient_id=row.patient_id,
        name=patient.full_name,
        record_number=patient.record_number,
        birth_date=patient.birth_date,
        basis=str(ErasureBasis(row.legal_basis).label),
        requested=f"{name_of(row.requested_by)}, {day_text(row.requested_at, tz)}",
        decided=decided,
        state=str(ErasureStatus(row.status).label),
        tone=tones.get(ErasureStatus(row.status), "wait"),
        kept_until=case.kept_until,
        retention_runs=case.backups_until is None and today <= case.kept_until,
        visits_ahead=case.visits_ahead,
        backups_until=case.backups_until,
        is_own_request=row.requested_by_id == viewer_id,
    )

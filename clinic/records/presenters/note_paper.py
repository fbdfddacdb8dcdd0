"""What stands on the paper of a visit: the patient's summary, the prescription."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from clinic.people.models import Practitioner
from clinic.records.choices import RequestStatus
from clinic.records.dosage import Dosage, Supply
from clinic.records.models import MedicationRequest
from clinic.records.presenters.dosage import dosage_words, dose_words
from clinic.records.presenters.frame import allergy_lines
from clinic.records.presenters.note_editor import FollowUpLine, MeasuredLine
from clinic.records.presenters.notes import PATIENT_WORDS, NoteView
from clinic.records.selectors.frame import Head

Json = dict[str, Any]


def after_visit(
    *,
    head: Head,
    note: NoteView,
    measured: Sequence[MeasuredLine],
    prescribed: Sequence[MedicationRequest],
    follow_ups: Sequence[FollowUpLine],
) -> Json:
    """Return the values of `after_visit.typ`. The note is the patient's view of it."""
    orders = [row for row in prescribed if row.status == RequestStatus.ACTIVE]
    added = [{"title": _("Added later"), "text": f"{one.text}\n{one.when}"} for one in note.addenda]
    passages = [{"title": one.title, "text": one.text} for one in note.passages]
    return {
        "visit": _visit(note.date_text, note.kind, note.doctor),
        "allergies": allergies(head),
        "instructions": {"title": str(PATIENT_WORDS["instructions"][0]), "text": note.instructions},
        "passages": [*passages, *added],
        "measured": {"title": _("Measured"), "rows": [_measured(line) for line in measured]},
        "orders": {"title": _("Prescribed"), "rows": [_order(row) for row in orders]},
        "follow_ups": {
            "title": _("See you again"),
            "rows": [{"what": line.kind, "when": line.when} for line in follow_ups],
        },
        "notes": [note.signed_text],
    }


def prescription(
    *, head: Head, doctor: Practitioner, date_text: str, rows: Sequence[MedicationRequest]
) -> Json:
    """Return the values of `prescription.typ`."""
    licence = _("Licence %(number)s") % {"number": doctor.license_number}
    about = [doctor.get_specialty_display(), licence if doctor.license_number else ""]
    return {
        "visit": [
            {"label": _("Date"), "value": date_text},
            {"label": _("Prescribed by"), "value": doctor.full_name},
        ],
        "allergies": allergies(head),
        "orders": [_full_order(row) for row in rows],
        "signature": {
            "name": doctor.full_name,
            "about": ", ".join(filter(None, about)),
            "label": _("Signature and stamp"),
        },
        "notes": [],
    }


def allergies(head: Head) -> Json:
    """Return the allergies as every paper names them, first of all."""
    lines = [
        f"{line.substance} ({line.about})" if line.about else line.substance
        for line in allergy_lines(head)
    ]
    none = _("No known allergies") if head.states_none else _("Nobody has asked yet")
    return {"title": _("Allergies"), "text": "; ".join(lines) or none}


def _visit(date_text: str, kind: str, doctor: str) -> list[Json]:
    return [
        {"label": _("Date"), "value": date_text},
        {"label": _("Visit"), "value": kind},
        {"label": _("Doctor"), "value": doctor},
    ]


def _measured(line: MeasuredLine) -> Json:
    return {"label": line.label, "value": f"{line.number} {line.unit}"}


def _order(row: MedicationRequest) -> Json:
    return {"name": row.label, "how": _how(row), "about": row.reason}


def _full_order(row: MedicationRequest) -> Json:
    supply, dosage = Supply.from_json(row.supply), Dosage.from_json(row.dosage)
    facts = [
        (_("For"), row.reason),
        (_("Quantity"), dose_words(supply.quantity, dosage.unit) if supply.quantity else ""),
        (_("Repeats"), str(supply.refills) if supply.refills else _("None")),
    ]
    known = [{"label": label, "value": value} for label, value in facts if value]
    return {"name": row.label, "how": _how(row), "facts": known}


def _how(row: MedicationRequest) -> str:
    words = dosage_words(Dosage.from_json(row.dosage)) or _("Taken as the doctor said")
    return "\n".join(filter(None, (words, row.note)))

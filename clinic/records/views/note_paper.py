"""The paper of a visit as files made in memory: the patient's summary, the prescription."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.people.choices import Role, Units
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.records import pdf
from clinic.records.choices import RequestStatus
from clinic.records.models import ClinicalNote
from clinic.records.permissions import RecordAccess
from clinic.records.presenters import note_editor as beside
from clinic.records.presenters import note_paper as paper
from clinic.records.presenters import notes as present
from clinic.records.selectors import medications, notes
from clinic.records.selectors.frame import Head, head_of
from clinic.records.services.reading import opened_record, record_look
from clinic.records.views.notes import zone_of


@access(Role.PATIENT, Role.PRACTITIONER)
@require_safe
def after_visit(request: PersonRequest, patient_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    """Hand out what the patient takes home from a visit."""
    now = timezone.now()
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="after-visit.pdf", now=now
    ) as opened:
        note = _signed(opened, note_id, now=now)
        tz, head = zone_of(note), head_of(access=opened)
        measured = notes.measured_at(access=opened, encounter=note.encounter, tz=tz)
        asked = notes.follow_ups_of(access=opened, encounter_id=note.encounter_id)
        values = paper.after_visit(
            head=head,
            note=present.note_view(note=note, is_clinical=False, tz=tz),
            measured=beside.measured_lines(rows=measured, units=Units(request.user.units), tz=tz),
            prescribed=medications.prescriptions(access=opened, encounter_id=note.encounter_id),
            follow_ups=beside.follow_up_lines(rows=asked),
        )
        sheet = _sheet(_("After your visit"), head, note, now=now)
        return _file("after_visit", "after-visit.pdf", sheet.as_json() | values)


@access(Role.PATIENT, Role.PRACTITIONER)
@require_safe
def prescription_pdf(
    request: PersonRequest, patient_id: uuid.UUID, note_id: uuid.UUID
) -> HttpResponse:
    """Hand out what was prescribed at a visit and still stands."""
    now = timezone.now()
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="prescription.pdf", now=now
    ) as opened:
        note = _signed(opened, note_id, now=now)
        prescribed = medications.prescriptions(access=opened, encounter_id=note.encounter_id)
        rows = [row for row in prescribed if row.status == RequestStatus.ACTIVE]
        if not rows:
            raise Http404
        head = head_of(access=opened)
        date_text = present.date_text(rows[0].authored_at, zone_of(note))
        doctor = rows[0].requester or note.author
        values = paper.prescription(head=head, doctor=doctor, date_text=date_text, rows=rows)
        sheet = _sheet(_("Prescription"), head, note, now=now)
        return _file("prescription", "prescription.pdf", sheet.as_json() | values)


def _signed(opened: RecordAccess, note_id: uuid.UUID, *, now: dt.datetime) -> ClinicalNote:
    """Return the note and write that its paper was taken; a draft has none."""
    note = notes.note_for(access=opened, note_id=note_id)
    if note.status not in notes.SIGNED:
        raise Http404
    record_look(
        access=opened,
        what="note",
        now=now,
        object_type="clinicalnote",
        object_id=note.pk,
        action="note.downloaded",
    )
    return note


def _sheet(title: str, head: Head, note: ClinicalNote, *, now: dt.datetime) -> pdf.Sheet:
    visit = note.encounter.appointment
    site = visit.site if visit else None
    return pdf.Sheet(
        title,
        head.patient,
        now,
        zone_of(note),
        address=site.address if site else "",
        phone=site.phone if site else "",
    )


def _file(template: str, name: str, values: Mapping[str, Any]) -> HttpResponse:
    response = HttpResponse(pdf.render(template, values), content_type="application/pdf")
    # No name in the file name: it stays behind in download folders of shared computers.
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response

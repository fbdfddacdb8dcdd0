"""The patient's rights: a copy, corrections, how long things are kept, how erasure works."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.people.choices import Role
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.records.forms.rights import AnswerForm, CorrectionForm
from clinic.records.permissions import NotAllowed, RecordAccess, check_is_patient_side
from clinic.records.presenters.rights import about_text, correction_rows
from clinic.records.selectors import corrections as reads
from clinic.records.selectors import rights as rights_reads
from clinic.records.selectors.clinic import clinic_zone
from clinic.records.services import corrections as services
from clinic.records.services.reading import opened_record
from clinic.records.services.writing import ChangedMeanwhile
from clinic.records.views.shell import render_record

TAB = "access_log"
SHOWN = 3


@access(Role.PATIENT)
@require_safe
def rights(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Say what the patient may ask for, and lead to it."""
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="your-data", now=timezone.now()
    ) as opened:
        check_is_patient_side(opened)
        tz = clinic_zone()
        found = reads.corrections(access=opened)
        context = {
            "corrections": correction_rows(found[:SHOWN], tz=tz),
            "more": len(found) - SHOWN,
            "kept_until": rights_reads.kept_until(patient_id=opened.patient_id, tz=tz),
            "years": settings.RECORD_LIMITS["RETENTION_YEARS"],
            "backup_days": settings.RECORDS["BACKUPS_KEPT"].days,
        }
        return render_record(request, opened, "records/rights/page.html", context, tab=TAB)


@access(Role.PATIENT, Role.PRACTITIONER)
@require_safe
def correction_list(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponse:
    """What was said to be wrong: the patient reads the answers, a doctor gives them."""
    return _list(request, patient_id)


@access(Role.PATIENT)
@require_http_methods(["GET", "HEAD", "POST"])
def correction_new(
    request: PersonRequest,
    patient_id: uuid.UUID,
    entry_kind: str = "",
    entry_id: uuid.UUID | None = None,
) -> HttpResponse:
    """Say that one entry, or something in the record, is wrong."""
    form = CorrectionForm(request.POST if request.method == "POST" else None)
    about = services.Entry(entry_kind, entry_id) if entry_id else None
    if form.is_bound and form.is_valid():
        services.file_correction(
            by=request.viewer,
            patient_id=patient_id,
            about=about,
            text=form.cleaned_data["text"],
            now=timezone.now(),
        )
        messages.success(request, _("Sent. You find the answer here."))
        return redirect("records:correction_list", patient_id)
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="corrections", now=timezone.now()
    ) as opened:
        check_is_patient_side(opened)
        if not opened.may_write:
            raise NotAllowed("writing into the record")
        context = {"form": form, "about": _about(opened, about)}
        return render_record(
            request,
            opened,
            "records/rights/correction_new.html",
            context,
            tab=TAB,
            status=422 if form.is_bound else 200,
        )


@access(Role.PRACTITIONER)
@require_POST
def correction_answer(
    request: PersonRequest, patient_id: uuid.UUID, correction_id: uuid.UUID
) -> HttpResponse:
    """Answer one request."""
    form = AnswerForm(request.POST, auto_id=f"id_{correction_id}_%s")
    if not form.is_valid():
        return _list(request, patient_id, bound={correction_id: form}, status=422)
    try:
        services.answer_correction(
            by=request.viewer,
            patient_id=patient_id,
            correction_id=correction_id,
            outcome=form.cleaned_data["outcome"],
            answer=form.cleaned_data["answer"],
            now=timezone.now(),
        )
    except ChangedMeanwhile:
        messages.info(request, _("Somebody else has answered this already."))
    else:
        messages.success(request, _("Sent. The patient sees the answer."))
    return redirect("records:correction_list", patient_id)


def _about(opened: RecordAccess, about: services.Entry | None) -> str:
    if about is None:
        return ""
    target = reads.correction_target(access=opened, kind=about.kind, entry_id=about.id)
    return about_text(about.kind, target, clinic_zone())


def _list(
    request: PersonRequest,
    patient_id: uuid.UUID,
    *,
    bound: dict[uuid.UUID, AnswerForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="corrections", now=timezone.now()
    ) as opened:
        found = reads.corrections(access=opened)
        forms: dict[uuid.UUID, Any] = {}
        if opened.is_clinical:
            forms = {one.row.pk: AnswerForm(auto_id=f"id_{one.row.pk}_%s") for one in found}
        rows = correction_rows(found, tz=clinic_zone(), forms=forms | (bound or {}))
        return render_record(
            request,
            opened,
            "records/rights/corrections.html",
            {"open": [r for r in rows if r.is_open], "done": [r for r in rows if not r.is_open]},
            tab=TAB,
            status=status,
        )

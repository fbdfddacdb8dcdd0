"""Medicines, written: a doctor writes them down, a patient proposes."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.people.choices import Role
from clinic.people.permissions import NotAllowed, access
from clinic.people.requests import PersonRequest
from clinic.records.choices import MedicationStatus, ProposalAction, ProposalKind
from clinic.records.forms.medications import EndForm, MedicationForm
from clinic.records.models import MedicationStatement
from clinic.records.permissions import RecordAccess
from clinic.records.presenters.medications import present_medication
from clinic.records.rules import medications as rules
from clinic.records.selectors import medications as selectors
from clinic.records.selectors.clinic import clinic_today
from clinic.records.services import medications as services
from clinic.records.services import proposals
from clinic.records.services.medication_proposals import as_said
from clinic.records.services.proposals import Proposed
from clinic.records.services.reading import opened_record
from clinic.records.services.writing import ChangedMeanwhile
from clinic.records.views.medications import TAB, typed
from clinic.records.views.shell import render_record

METHODS = ["GET", "HEAD", "POST"]
# What a doctor does and a patient proposes: the question, and what is said then.
ENDS = {"stop": services.stop_medication, "pause": services.pause_medication}


@access(Role.PATIENT, Role.PRACTITIONER)
@require_http_methods(METHODS)
def medication_new(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Write down a medicine that is taken."""
    now = timezone.now()
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="medications", now=now
    ) as opened:
        _check_may_write(opened)
        form = MedicationForm(typed(request), today=clinic_today(now))
        if request.method != "POST" or not form.is_valid():
            return _form_page(request, opened, form)
    entry = form.entry()
    if opened.is_patient_side:
        _propose(request, opened, ProposalAction.ADD, as_said(entry), now)
    else:
        services.add_medication(by=request.viewer, patient_id=patient_id, entry=entry, now=now)
        messages.success(request, _("The medicine is on the list."))
    return redirect("records:medication_list", patient_id)


@access(Role.PATIENT, Role.PRACTITIONER)
@require_http_methods(METHODS)
def medication_edit(
    request: PersonRequest, patient_id: uuid.UUID, statement_id: uuid.UUID
) -> HttpResponse:
    """Change what is on file about a medicine."""
    now = timezone.now()
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="medications", now=now
    ) as opened:
        row = _found(opened, statement_id, act="change")
        form = MedicationForm(typed(request), today=clinic_today(now), on_file=row)
        if request.method != "POST" or not form.is_valid():
            return _form_page(request, opened, form, row=row)
    try:
        _change(request, opened, row, form, now)
    except proposals.NothingProposed:
        form.add_error(None, _("This says what is on file already. Change something first."))
        return _again(request, row, form, now, status=422)
    except (ChangedMeanwhile, proposals.TargetGone, rules.NotPossible):
        return _again(request, row, form, now, status=409)
    return redirect("records:medication_detail", patient_id, statement_id)


@access(Role.PATIENT, Role.PRACTITIONER)
@require_http_methods(METHODS)
def medication_end(
    request: PersonRequest, patient_id: uuid.UUID, statement_id: uuid.UUID, act: str
) -> HttpResponse:
    """Stop or pause a medicine: ask why, then do it or propose it."""
    now = timezone.now()
    today = clinic_today(now)
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="medications", now=now
    ) as opened:
        row = _found(opened, statement_id, act=act)
        initial = {"version": row.version}
        form = EndForm(typed(request), today=today, asks_day=act == "stop", initial=initial)
        if request.method != "POST" or not form.is_valid():
            return _end_page(request, opened, form, row, act)
    try:
        _end(request, opened, row, form.cleaned_data, act, now)
    except (ChangedMeanwhile, proposals.TargetGone, rules.NotPossible):
        messages.warning(
            request, _("This medicine was changed meanwhile. Look at it, then try again.")
        )
    return redirect("records:medication_detail", patient_id, statement_id)


def _change(
    request: PersonRequest,
    opened: RecordAccess,
    row: MedicationStatement,
    form: MedicationForm,
    now: dt.datetime,
) -> None:
    version = form.cleaned_data["version"]
    if opened.is_patient_side:
        said = as_said(form.entry())
        _propose(request, opened, ProposalAction.CHANGE, said, now, row=row, version=version)
        return
    services.change_medication(
        by=request.viewer,
        patient_id=opened.patient_id,
        statement_id=row.pk,
        entry=form.entry(),
        expected_version=version,
        now=now,
    )
    messages.success(request, _("The medicine is changed."))


def _end(
    request: PersonRequest,
    opened: RecordAccess,
    row: MedicationStatement,
    data: Mapping[str, Any],
    act: str,
    now: dt.datetime,
) -> None:
    reason, ends_on, version = data["reason"], data.get("ends_on"), data["version"]
    if opened.is_patient_side:
        status = MedicationStatus.STOPPED if act == "stop" else MedicationStatus.ON_HOLD
        said: dict[str, Any] = {"status": str(status), "status_reason": reason}
        if act == "stop":
            said["ends_on"] = (ends_on or clinic_today(now)).isoformat()
        action = ProposalAction.STOP if act == "stop" else ProposalAction.CHANGE
        _propose(request, opened, action, said, now, row=row, version=version)
        return
    about: dict[str, Any] = {"ends_on": ends_on} if act == "stop" else {}
    ENDS[act](
        by=request.viewer,
        patient_id=opened.patient_id,
        statement_id=row.pk,
        reason=reason,
        expected_version=version,
        now=now,
        **about,
    )
    done = _("The medicine is stopped.") if act == "stop" else _("The medicine is paused.")
    messages.success(request, done)


def _propose(
    request: PersonRequest,
    opened: RecordAccess,
    action: ProposalAction,
    said: Mapping[str, Any],
    now: dt.datetime,
    *,
    row: MedicationStatement | None = None,
    version: int | None = None,
) -> None:
    proposed = Proposed(
        kind=ProposalKind.MEDICATION,
        action=action,
        said=said,
        target_id=row.pk if row else None,
        target_version=version,
    )
    proposals.propose(by=request.viewer, patient_id=opened.patient_id, proposed=proposed, now=now)
    messages.success(request, _("Sent to your doctor, who looks at it and decides."))


def _found(opened: RecordAccess, statement_id: uuid.UUID, *, act: str) -> MedicationStatement:
    _check_may_write(opened)
    row = selectors.medication_for(access=opened, statement_id=statement_id)
    if not rules.can(act=act, status=row.status, verification=row.verification):
        raise NotAllowed("medicine in this state")
    return row


def _check_may_write(opened: RecordAccess) -> None:
    if not opened.may_write:
        raise NotAllowed("writing into the record")


def _again(
    request: PersonRequest,
    row: MedicationStatement,
    form: MedicationForm,
    now: dt.datetime,
    *,
    status: int,
) -> HttpResponse:
    """Show the form as it was typed, beside what is on file by now."""
    with opened_record(
        viewer=request.viewer, patient_id=row.patient_id, what="medications", now=now
    ) as opened:
        fresh = selectors.medication_for(access=opened, statement_id=row.pk)
        return _form_page(request, opened, form, row=fresh, meanwhile=status == 409, status=status)


def _form_page(
    request: PersonRequest,
    opened: RecordAccess,
    form: MedicationForm,
    *,
    row: MedicationStatement | None = None,
    meanwhile: bool = False,
    status: int = 0,
) -> HttpResponse:
    card = present_medication(row, today=clinic_today(timezone.now())) if row else None
    context = {
        "form": form,
        "card": card,
        "meanwhile": meanwhile,
        "proposes": opened.is_patient_side,
        # After a conflict the form goes on from what is on file now, not from what it was sent at.
        "version": row.version if row else "",
    }
    status = status or (422 if form.is_bound else 200)
    template = "records/medications/form.html"
    return render_record(request, opened, template, context, tab=TAB, status=status)


def _end_page(
    request: PersonRequest,
    opened: RecordAccess,
    form: EndForm,
    row: MedicationStatement,
    act: str,
) -> HttpResponse:
    context = {
        "form": form,
        "card": present_medication(row, today=clinic_today(timezone.now())),
        "act": act,
        "proposes": opened.is_patient_side,
    }
    status = 422 if form.is_bound else 200
    template = "records/medications/end.html"
    return render_record(request, opened, template, context, tab=TAB, status=status)

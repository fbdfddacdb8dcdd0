"""The forms of the history: add and edit. An allergy of the patient's becomes a proposal."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinic.people.choices import Role
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.records.choices import HistorySection, ProposalAction, ProposalKind
from clinic.records.forms import history as entry_forms
from clinic.records.forms.entries import EntryForm
from clinic.records.forms.lifestyle import LifestyleForm
from clinic.records.forms.proposals import StopForm
from clinic.records.models.base import CodedEntry
from clinic.records.permissions import NotAllowed, RecordAccess
from clinic.records.presenters import history as presenters
from clinic.records.presenters import history_words as words
from clinic.records.rules import history as rules
from clinic.records.selectors import history as selectors
from clinic.records.services import history as services
from clinic.records.services import proposals
from clinic.records.services.allergies import AlreadyListed
from clinic.records.services.allergy_proposals import as_said
from clinic.records.services.history_entries import AllergyEntry, HistoryEntry
from clinic.records.services.writing import ChangedMeanwhile
from clinic.records.views.history import TAB, opened_history, section_or_404, section_url
from clinic.records.views.shell import render_record

FORM_PAGE = "records/history/form.html"
METHODS = ["GET", "HEAD", "POST"]


@access(Role.PATIENT, Role.PRACTITIONER)
@require_http_methods(METHODS)
def history_add(request: PersonRequest, patient_id: uuid.UUID, section: str) -> HttpResponse:
    """The empty form of a section, and what it sends."""
    key = section_or_404(section)
    with opened_history(request, patient_id, what=f"history.{key}") as opened:
        _check_may_write(opened)
        form = _form(request, opened, key)
        if request.method != "POST" or not form.is_valid():
            return _page(request, opened, key, form)
    try:
        said = _add(request, opened, form.entry(), timezone.now())
    except AlreadyListed:
        form.add_error("what", _("This is on the list already. Change it there instead."))
        return _refused(request, patient_id, key, form)
    messages.success(request, said)
    return redirect(section_url(patient_id, key))


@access(Role.PATIENT, Role.PRACTITIONER)
@require_http_methods(METHODS)
def history_edit(
    request: PersonRequest, patient_id: uuid.UUID, section: str, history_id: uuid.UUID
) -> HttpResponse:
    """The form of one entry, and what it sends; what is typed survives a conflict."""
    key = section_or_404(section)
    with opened_history(request, patient_id, what=f"history.{key}") as opened:
        row = _editable(opened, key, history_id)
        form = _form(request, opened, key, row)
        if request.method != "POST" or not form.is_valid():
            return _page(request, opened, key, form, row=row)
    try:
        said = _change(request, opened, row, form)
    except proposals.NothingProposed:
        form.add_error(None, _("This says what is on file already. Change something first."))
        return _again(request, patient_id, key, form, history_id, status=422)
    except (ChangedMeanwhile, rules.NotPossible, proposals.TargetGone):
        return _again(request, patient_id, key, form, history_id, status=409)
    messages.success(request, said)
    return redirect(section_url(patient_id, key))


@access(Role.PATIENT)
@require_POST
def allergy_stop(
    request: PersonRequest, patient_id: uuid.UUID, section: str, history_id: uuid.UUID
) -> HttpResponse:
    """The patient says that an allergy is not there any more, or never was."""
    key = section_or_404(section)
    if key != HistorySection.ALLERGIES:
        raise Http404
    stop = StopForm(request.POST, prefix="stop")
    if not stop.is_valid():
        return _stop_refused(request, patient_id, history_id, stop)
    proposed = proposals.Proposed(
        kind=ProposalKind.ALLERGY,
        action=ProposalAction.STOP,
        target_id=history_id,
        target_version=stop.cleaned_data["version"],
        note=stop.cleaned_data["note"],
    )
    now = timezone.now()
    try:
        proposals.propose(by=request.viewer, patient_id=patient_id, proposed=proposed, now=now)
    except (ChangedMeanwhile, proposals.TargetGone):
        text = _("This entry was changed meanwhile. The page shows how it stands now.")
        messages.warning(request, text)
    else:
        messages.success(request, _("Sent to your doctor. Until then it stays on file."))
    return redirect(section_url(patient_id, key))


@access(Role.PATIENT, Role.PRACTITIONER)
@require_http_methods(METHODS)
def lifestyle_edit(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Every question about how somebody lives, on one page."""
    key = HistorySection.LIFESTYLE
    with opened_history(request, patient_id, what=f"history.{key}") as opened:
        _check_may_write(opened)
        data = request.POST if request.method == "POST" else None
        form = LifestyleForm(data, on_file=selectors.lifestyle(access=opened))
        if not form.is_valid():
            return _page(request, opened, key, form)
    entries = form.entries()
    if entries:
        services.answer_lifestyle(
            by=request.viewer, patient_id=patient_id, entries=entries, now=timezone.now()
        )
    messages.success(request, _("Saved.") if entries else _("Nothing was changed."))
    return redirect(section_url(patient_id, key))


def _stop_refused(
    request: PersonRequest, patient_id: uuid.UUID, history_id: uuid.UUID, stop: StopForm
) -> HttpResponse:
    key = HistorySection.ALLERGIES
    with opened_history(request, patient_id, what=f"history.{key}") as opened:
        row = _editable(opened, key, history_id)
        form = entry_forms.FORM_OF[key](today=timezone.localdate(), by_doctor=False, on_file=row)
        return _page(request, opened, key, form, row=row, stop=stop, status=422)


def _form(
    request: PersonRequest,
    opened: RecordAccess,
    section: HistorySection,
    row: CodedEntry | None = None,
    data: Any = None,
) -> EntryForm:
    posted = request.POST if request.method == "POST" else None
    return entry_forms.FORM_OF[section](
        data or posted,
        today=timezone.localdate(),
        by_doctor=opened.is_clinical,
        on_file=row,
    )


def _add(
    request: PersonRequest, opened: RecordAccess, entry: HistoryEntry, now: dt.datetime
) -> str:
    by, patient_id = request.viewer, opened.patient_id
    if opened.is_patient_side and isinstance(entry, AllergyEntry):
        proposed = proposals.Proposed(ProposalKind.ALLERGY, ProposalAction.ADD, as_said(entry))
        proposals.propose(by=by, patient_id=patient_id, proposed=proposed, now=now)
        return _("Sent to your doctor. It is shown as not confirmed until then.")
    services.add_entry(by=by, patient_id=patient_id, entry=entry, now=now)
    return _("Added.") if opened.is_clinical else _("Added. A doctor will confirm it.")


def _change(request: PersonRequest, opened: RecordAccess, row: CodedEntry, form: EntryForm) -> str:
    entry, now = form.entry(), timezone.now()
    by, patient_id, version = request.viewer, opened.patient_id, form.cleaned_data["version"]
    if opened.is_patient_side and isinstance(entry, AllergyEntry):
        proposed = proposals.Proposed(
            ProposalKind.ALLERGY, ProposalAction.CHANGE, as_said(entry), row.pk, version
        )
        proposals.propose(by=by, patient_id=patient_id, proposed=proposed, now=now)
        return _("Sent to your doctor. Until then it stays as it is.")
    services.change_entry(
        by=by, patient_id=patient_id, entry_id=row.pk, entry=entry, version=version, now=now
    )
    return _("Saved.")


def _again(
    request: PersonRequest,
    patient_id: uuid.UUID,
    section: HistorySection,
    form: EntryForm,
    history_id: uuid.UUID,
    *,
    status: int,
) -> HttpResponse:
    """Show the form again with everything typed; after a conflict at the version on file now."""
    with opened_history(request, patient_id, what=f"history.{section}") as opened:
        row = selectors.entry(access=opened, section=section, entry_id=history_id)
        meanwhile = None
        if status == 409:
            data = request.POST.copy()
            data["version"] = str(row.version)
            form = _form(request, opened, section, row, data)
            meanwhile = presenters.present_entry(row=row, section=section, access=opened)
        return _page(request, opened, section, form, row=row, meanwhile=meanwhile, status=status)


def _refused(
    request: PersonRequest, patient_id: uuid.UUID, section: HistorySection, form: EntryForm
) -> HttpResponse:
    with opened_history(request, patient_id, what=f"history.{section}") as opened:
        return _page(request, opened, section, form)


def _page(
    request: PersonRequest,
    opened: RecordAccess,
    section: HistorySection,
    form: Any,
    *,
    row: CodedEntry | None = None,
    meanwhile: presenters.EntryLine | None = None,
    stop: StopForm | None = None,
    status: int | None = None,
) -> HttpResponse:
    proposes = opened.is_patient_side and section in rules.BY_PROPOSAL
    if proposes and row is not None and stop is None:
        stop = StopForm(initial={"version": row.version}, prefix="stop")
    context = {
        "form": form,
        "section": section.value,
        "heading": words.title(row) if row is not None else words.add_label(section),
        "row": row,
        "meanwhile": meanwhile,
        "proposes": proposes,
        "stop": stop,
        "back": section_url(opened.patient_id, section),
    }
    if status is None:
        status = 422 if form.is_bound else 200
    return render_record(request, opened, FORM_PAGE, context, tab=TAB, status=status)


def _editable(opened: RecordAccess, section: HistorySection, history_id: uuid.UUID) -> CodedEntry:
    """Return an entry whose form may be shown; 404 where it is not to be edited."""
    _check_may_write(opened)
    row = selectors.entry(access=opened, section=section, entry_id=history_id)
    if not presenters.edit_url(row=row, section=section, access=opened):
        raise Http404
    return row


def _check_may_write(opened: RecordAccess) -> None:
    if not opened.may_write:
        raise NotAllowed("writing into the record")

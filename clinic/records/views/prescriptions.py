"""Prescriptions: write, renew, cancel. A doctor's pages."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.people.choices import Role
from clinic.people.permissions import NotAllowed, access
from clinic.people.requests import PersonRequest
from clinic.records import warnings
from clinic.records.forms.medications import CancelForm, PrescriptionForm, RenewForm
from clinic.records.models import MedicationStatement
from clinic.records.permissions import RecordAccess, check_is_clinical
from clinic.records.presenters.medications import present_medication, present_prescription
from clinic.records.rules import medications as rules
from clinic.records.selectors import medications as selectors
from clinic.records.selectors.clinic import clinic_today, clinic_zone
from clinic.records.services import prescribing
from clinic.records.services.prescribing import Order, SevereWarnings
from clinic.records.services.reading import opened_record
from clinic.records.services.writing import ChangedMeanwhile
from clinic.records.views.medications import TAB, typed
from clinic.records.views.shell import render_record

METHODS = ["GET", "HEAD", "POST"]


@access(Role.PRACTITIONER)
@require_http_methods(METHODS)
def prescription_new(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Prescribe: the order is compared first, and what speaks against it is shown.

    Nothing is written by the first press where there is a warning; the second press says that it
    was read. `medicine` names the entry that the order goes on with, `visit` the visit it is for.
    """
    now = timezone.now()
    statement_id, encounter_id = _id(request, "medicine"), _id(request, "visit")
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="medications", now=now
    ) as opened:
        check_is_clinical(opened)
        row = _on_file(opened, statement_id)
        form = PrescriptionForm(typed(request), on_file=row)
        if request.method != "POST" or not form.is_valid():
            return _form_page(request, opened, form, row)
        order = _order(form, row)
        found = _compare(opened, order)
        if not _was_told(request, form, found):
            return _form_page(request, opened, form, row, found=found)
    return _write(request, patient_id, encounter_id, form, row, order, now)


@access(Role.PRACTITIONER)
@require_http_methods(METHODS)
def prescription_renew(
    request: PersonRequest, patient_id: uuid.UUID, request_id: uuid.UUID
) -> HttpResponse:
    """Let a prescription be filled again."""
    form = RenewForm(typed(request))
    if request.method == "POST" and form.is_valid():
        return _settled(
            request,
            patient_id,
            lambda now: prescribing.renew_prescription(
                by=request.viewer,
                patient_id=patient_id,
                request_id=request_id,
                refills=form.cleaned_data["refills"],
                now=now,
            ),
            _("The prescription is renewed."),
        )
    return _settle_page(request, patient_id, request_id, form, "renew")


@access(Role.PRACTITIONER)
@require_http_methods(METHODS)
def prescription_cancel(
    request: PersonRequest, patient_id: uuid.UUID, request_id: uuid.UUID
) -> HttpResponse:
    """Take a prescription back."""
    form = CancelForm(typed(request))
    if request.method == "POST" and form.is_valid():
        return _settled(
            request,
            patient_id,
            lambda now: prescribing.cancel_prescription(
                by=request.viewer,
                patient_id=patient_id,
                request_id=request_id,
                reason=form.cleaned_data["reason"],
                now=now,
            ),
            _("The prescription is cancelled. The medicine stays on the list until it is stopped."),
        )
    return _settle_page(request, patient_id, request_id, form, "cancel")


def _write(
    request: PersonRequest,
    patient_id: uuid.UUID,
    encounter_id: uuid.UUID | None,
    form: PrescriptionForm,
    row: MedicationStatement | None,
    order: Order,
    now: dt.datetime,
) -> HttpResponse:
    found: list[warnings.Warning] = []
    meanwhile = False
    try:
        prescribing.prescribe(
            by=request.viewer,
            patient_id=patient_id,
            encounter_id=encounter_id,
            order=order,
            now=now,
        )
    except SevereWarnings as refusal:
        found = refusal.found
    except (ChangedMeanwhile, rules.NotPossible):
        meanwhile = True
    else:
        messages.success(request, _("Prescribed, and on the list of medicines."))
        if encounter_id is not None:
            return redirect("records:note_start", patient_id, encounter_id)
        return redirect("records:medication_list", patient_id)
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="medications", now=now
    ) as opened:
        return _form_page(request, opened, form, row, found=found, meanwhile=meanwhile)


def _order(form: PrescriptionForm, row: MedicationStatement | None) -> Order:
    data = form.cleaned_data
    return Order(
        coded=form.coded(),
        dosage=form.dosage(),
        supply=form.supply(),
        reason=data["reason"],
        note=data["note"],
        statement_id=row.pk if row else None,
        expected_version=data["version"] if row else None,
        in_spite=data["in_spite"],
    )


def _compare(opened: RecordAccess, order: Order) -> list[warnings.Warning]:
    return warnings.check_order(
        access=opened, coded=order.coded, dosage=order.dosage, replaces=order.statement_id
    )


def _was_told(
    request: PersonRequest, form: PrescriptionForm, found: list[warnings.Warning]
) -> bool:
    """Say whether this press follows these very warnings, with a reason where one is severe."""
    if not found:
        return True
    if request.POST.get("told") != _digest(found):
        return False
    if any(warning.is_severe for warning in found) and not form.cleaned_data["in_spite"]:
        form.add_error("in_spite", _("Say why it is right all the same, or change the order."))
        return False
    return True


def _digest(found: list[warnings.Warning]) -> str:
    """Return which warnings were shown, as codes: others by now are shown first."""
    return ",".join(f"{warning.kind}.{warning.level}" for warning in found)


def _form_page(
    request: PersonRequest,
    opened: RecordAccess,
    form: PrescriptionForm,
    row: MedicationStatement | None,
    *,
    found: list[warnings.Warning] | None = None,
    meanwhile: bool = False,
) -> HttpResponse:
    found = found or []
    is_severe = any(warning.is_severe for warning in found)
    form.fields["in_spite"].required = is_severe
    context: dict[str, Any] = {
        "form": form,
        "card": present_medication(row, today=clinic_today(timezone.now())) if row else None,
        "warnings": found,
        "is_severe": is_severe,
        "told": _digest(found),
        "meanwhile": meanwhile,
        "medicine": _id(request, "medicine") or "",
        "visit": _id(request, "visit") or "",
    }
    status = 409 if found or meanwhile else 422 if form.is_bound else 200
    template = "records/medications/prescribe.html"
    return render_record(request, opened, template, context, tab=TAB, status=status)


def _settle_page(
    request: PersonRequest,
    patient_id: uuid.UUID,
    request_id: uuid.UUID,
    form: RenewForm | CancelForm,
    act: str,
) -> HttpResponse:
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="medications", now=timezone.now()
    ) as opened:
        check_is_clinical(opened)
        row = selectors.prescription_for(access=opened, request_id=request_id)
        line = present_prescription(row, zone=clinic_zone())
        context = {"form": form, "line": line, "act": act}
        status = 422 if form.is_bound else 200
        template = "records/medications/settle.html"
        return render_record(request, opened, template, context, tab=TAB, status=status)


def _settled(request: PersonRequest, patient_id: uuid.UUID, act: Any, said: str) -> HttpResponse:
    try:
        act(timezone.now())
    except rules.NotPossible:
        messages.warning(request, _("That is not possible with this prescription any more."))
    else:
        messages.success(request, said)
    return redirect("records:medication_list", patient_id)


def _on_file(opened: RecordAccess, statement_id: uuid.UUID | None) -> MedicationStatement | None:
    if statement_id is None:
        return None
    row = selectors.medication_for(access=opened, statement_id=statement_id)
    if not rules.can(act="change", status=row.status, verification=row.verification):
        raise NotAllowed("medicine in this state")
    return row


def _id(request: PersonRequest, name: str) -> uuid.UUID | None:
    typed = request.POST.get(name) or request.GET.get(name)
    if not typed:
        return None
    try:
        return uuid.UUID(typed)
    except ValueError:
        raise Http404 from None

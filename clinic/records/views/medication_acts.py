"""Presses on one medicine: take up again, confirm, take out, a new pack, reminders."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from clinic.people.choices import Role
from clinic.people.permissions import NotAllowed, access
from clinic.people.requests import PersonRequest
from clinic.records.forms.medications import FilledForm
from clinic.records.presenters.medications import present_medication
from clinic.records.rules import medications as rules
from clinic.records.selectors import medications as selectors
from clinic.records.selectors.clinic import clinic_today
from clinic.records.services import medications as services
from clinic.records.services.reading import opened_record
from clinic.records.services.writing import ChangedMeanwhile
from clinic.records.views.medications import TAB, typed
from clinic.records.views.shell import render_record

# By the last part of the address: what is done and what is said then.
ACTS: dict[str, tuple[Callable[..., Any], Any]] = {
    "restart": (services.restart_medication, gettext_lazy("The medicine is taken again.")),
    "confirm": (services.confirm_medication, gettext_lazy("Confirmed.")),
    "mistake": (services.mark_mistaken, gettext_lazy("Taken out as a mistake.")),
}


@access(Role.PRACTITIONER)
@require_POST
def medication_act(
    request: PersonRequest, patient_id: uuid.UUID, statement_id: uuid.UUID, act: str
) -> HttpResponse:
    """One press of a doctor."""
    if act not in ACTS:
        raise Http404
    service, said = ACTS[act]
    try:
        service(
            by=request.viewer,
            patient_id=patient_id,
            statement_id=statement_id,
            expected_version=_version(request),
            now=timezone.now(),
        )
    except (ChangedMeanwhile, rules.NotPossible):
        messages.warning(
            request, _("This medicine was changed meanwhile. Look at it, then try again.")
        )
        return redirect("records:medication_detail", patient_id, statement_id)
    messages.success(request, str(said))
    if act == "mistake":
        return redirect("records:medication_list", patient_id)
    return redirect("records:medication_detail", patient_id, statement_id)


@access(Role.PATIENT)
@require_POST
def dose_reminders(
    request: PersonRequest, patient_id: uuid.UUID, statement_id: uuid.UUID
) -> HttpResponse:
    """Switch the reminders of one medicine."""
    on = request.POST.get("on") == "1"
    try:
        services.set_dose_reminders(
            by=request.viewer,
            patient_id=patient_id,
            statement_id=statement_id,
            on=on,
            now=timezone.now(),
        )
    except rules.NotPossible:
        messages.warning(request, _("Without times there is nothing to remind you of."))
    else:
        said = _("We remind you of each dose.") if on else _("Reminders are off.")
        messages.success(request, said)
    return redirect("records:medication_detail", patient_id, statement_id)


@access(Role.PATIENT, Role.PRACTITIONER)
@require_http_methods(["GET", "HEAD", "POST"])
def medication_filled(
    request: PersonRequest, patient_id: uuid.UUID, statement_id: uuid.UUID
) -> HttpResponse:
    """Note a new pack."""
    now = timezone.now()
    today = clinic_today(now)
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="medications", now=now
    ) as opened:
        row = selectors.medication_for(access=opened, statement_id=statement_id)
        if not opened.may_write or not rules.can(
            act="fill", status=row.status, verification=row.verification
        ):
            raise NotAllowed("medicine in this state")
        form = FilledForm(typed(request), today=today)
        if request.method != "POST" or not form.is_valid():
            context = {"form": form, "card": present_medication(row, today=today)}
            template = "records/medications/filled.html"
            status = 422 if form.is_bound else 200
            return render_record(request, opened, template, context, tab=TAB, status=status)
    services.note_filled(
        by=request.viewer,
        patient_id=patient_id,
        statement_id=statement_id,
        quantity=form.cleaned_data["quantity"],
        filled_on=form.cleaned_data["filled_on"],
        now=now,
    )
    messages.success(request, _("Noted. We say when it runs out."))
    return redirect("records:medication_detail", patient_id, statement_id)


def _version(request: PersonRequest) -> int:
    """Return the version that the page showed; none means one that no row has."""
    typed = request.POST.get("version", "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else 0

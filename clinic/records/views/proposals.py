"""What the patient proposes: the doctor decides line by line, the patient sees how it stands."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from clinic.lib.htmx import wants_partial
from clinic.people.choices import Role
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.records.forms.proposals import DecisionForm
from clinic.records.permissions import RecordAccess
from clinic.records.presenters import proposals as presenters
from clinic.records.selectors import proposals as selectors
from clinic.records.services import proposals as services
from clinic.records.services.writing import ChangedMeanwhile
from clinic.records.views.history import TAB, allergy_banner, opened_history
from clinic.records.views.shell import render_record

MOST_AT_ONCE = 100


@access(Role.PATIENT, Role.PRACTITIONER)
@require_safe
def proposal_list(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Show what waits, field by field, and what was decided lately."""
    return _page(request, patient_id)


@access(Role.PRACTITIONER)
@require_POST
def proposal_accept(
    request: PersonRequest, patient_id: uuid.UUID, proposal_id: uuid.UUID
) -> HttpResponse:
    """Let the record say what the patient says."""
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, patient_id, forms={proposal_id: form}, status=422)
    return _decided(
        request,
        patient_id,
        lambda: services.accept(
            by=request.viewer,
            patient_id=patient_id,
            proposal_id=proposal_id,
            seen_version=form.cleaned_data["version"],
            note=form.cleaned_data["note"],
            now=timezone.now(),
        ),
        _("Accepted. The record says it now."),
        forms={proposal_id: form},
    )


@access(Role.PRACTITIONER)
@require_POST
def proposal_decline(
    request: PersonRequest, patient_id: uuid.UUID, proposal_id: uuid.UUID
) -> HttpResponse:
    """Leave the record as it is."""
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, patient_id, forms={proposal_id: form}, status=422)
    return _decided(
        request,
        patient_id,
        lambda: services.decline(
            by=request.viewer,
            patient_id=patient_id,
            proposal_id=proposal_id,
            note=form.cleaned_data["note"],
            now=timezone.now(),
        ),
        _("Declined. The record stays as it is."),
        forms={proposal_id: form},
    )


@access(Role.PATIENT)
@require_POST
def proposal_withdraw(
    request: PersonRequest, patient_id: uuid.UUID, proposal_id: uuid.UUID
) -> HttpResponse:
    """Take a proposal back."""
    return _decided(
        request,
        patient_id,
        lambda: services.withdraw(
            by=request.viewer, patient_id=patient_id, proposal_id=proposal_id, now=timezone.now()
        ),
        _("Taken back."),
    )


@access(Role.PRACTITIONER)
@require_POST
def proposal_accept_all(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Accept every proposal that was shown and needs no second look."""
    outcome = services.accept_all(
        by=request.viewer,
        patient_id=patient_id,
        proposal_ids=_ids(request.POST.getlist("proposal")),
        now=timezone.now(),
    )
    said = ngettext(
        "%(number)s change accepted", "%(number)s changes accepted", outcome.accepted
    ) % {"number": outcome.accepted}
    if not outcome.left:
        return _answer(request, patient_id, said)
    text = _("%(said)s. The others need another look.") % {"said": said}
    return _answer(request, patient_id, text, status=409)


def _decided(
    request: PersonRequest,
    patient_id: uuid.UUID,
    decide: Callable[[], Any],
    said: str,
    *,
    forms: dict[uuid.UUID, DecisionForm] | None = None,
) -> HttpResponse:
    try:
        decide()
    except services.AlreadyDecided:
        said = _("Somebody has decided this meanwhile. The page shows how it stands now.")
    except (ChangedMeanwhile, services.TargetGone):
        said = _("What is on file was changed meanwhile. Look at both again.")
    except services.ChangeRefused:
        said = _("The record cannot say this as it stands now. Decline it, or settle that first.")
    else:
        return _answer(request, patient_id, said)
    return _page(request, patient_id, forms=forms, refused=said, status=409)


def _answer(
    request: PersonRequest, patient_id: uuid.UUID, said: str, *, status: int = 200
) -> HttpResponse:
    """Say what was done and show the page as it stands now, with and without script."""
    if not wants_partial(request):
        (messages.success if status == 200 else messages.warning)(request, said)
        return redirect("records:proposal_list", patient_id)
    return _page(request, patient_id, text=said, status=status)


def _page(
    request: PersonRequest,
    patient_id: uuid.UUID,
    *,
    forms: dict[uuid.UUID, DecisionForm] | None = None,
    refused: str = "",
    text: str = "",
    status: int = 200,
) -> HttpResponse:
    with opened_history(request, patient_id, what="proposals") as opened:
        waiting, decided = _lines(opened)
        context = {
            "waiting": [(line, _form_of(line, forms or {})) for line in waiting],
            "decided": decided,
            "acceptable": [one for one in waiting if one.accept_url and not one.needs_look],
            "is_own": opened.is_patient_side,
            "patient_id": patient_id,
            "refused": refused,
            "text": text,
        }
        if not wants_partial(request):
            template = "records/history/proposals.html"
            return render_record(request, opened, template, context, tab=TAB, status=status)
        context["head"] = allergy_banner(opened)
        response = render(request, "records/history/_decided.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _lines(
    opened: RecordAccess,
) -> tuple[list[presenters.ProposalLine], list[presenters.ProposalLine]]:
    waiting = selectors.open_proposals(access=opened)
    decided = selectors.decided_proposals(access=opened)
    beside = selectors.beside_what_is_on_file(access=opened, proposals=[*waiting, *decided])
    lines = [presenters.present_proposal(beside=one, access=opened) for one in beside]
    return lines[: len(waiting)], lines[len(waiting) :]


def _form_of(line: presenters.ProposalLine, forms: dict[uuid.UUID, DecisionForm]) -> DecisionForm:
    """Return the form of a line; one that was sent keeps its words, at the version shown now."""
    sent = forms.get(line.id)
    initial = {"version": line.version}
    if sent is None:
        return DecisionForm(initial=initial, auto_id=f"{line.dom_id}-%s")
    data = {"note": sent.data.get("note", ""), "version": line.version or ""}
    return DecisionForm(data, auto_id=f"{line.dom_id}-%s")


def _ids(texts: list[str]) -> list[uuid.UUID]:
    found = []
    for text in texts[:MOST_AT_ONCE]:
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            continue
    return found

"""Medicines: the list, one medicine, and the ticks of its doses."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinic.lib import times
from clinic.lib.datetimes import EARLIEST, LATEST
from clinic.lib.htmx import wants_partial
from clinic.people.choices import Role
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.records.choices import DoseStatus, ProposalKind
from clinic.records.models import MedicationStatement
from clinic.records.permissions import RecordAccess, check_may_write
from clinic.records.presenters.doses import TodayCard, present_today
from clinic.records.presenters.medications import (
    MedicationCard,
    present_medication,
    present_prescription,
)
from clinic.records.presenters.proposals import title
from clinic.records.rules import medications as rules
from clinic.records.selectors import medications as selectors
from clinic.records.selectors.clinic import clinic_today, clinic_zone
from clinic.records.selectors.doses import todays_doses
from clinic.records.selectors.proposals import open_proposals
from clinic.records.services import doses as services
from clinic.records.services.reading import opened_record
from clinic.records.views.shell import render_record

TAB = "medication_list"


@access(Role.PATIENT, Role.PRACTITIONER)
@require_safe
def medication_list(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Show what is taken, what is paused and, folded, what was taken once."""
    now = timezone.now()
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="medications", now=now
    ) as opened:
        return render_record(
            request, opened, "records/medications/list.html", _list(request, opened, now), tab=TAB
        )


@access(Role.PATIENT, Role.PRACTITIONER)
@require_safe
def medication_detail(
    request: PersonRequest, patient_id: uuid.UUID, statement_id: uuid.UUID
) -> HttpResponse:
    """Show one medicine: how it is taken, its four weeks, its prescriptions."""
    now = timezone.now()
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="medications", now=now
    ) as opened:
        row = selectors.medication_for(access=opened, statement_id=statement_id)
        zone = clinic_zone()
        card = present_medication(row, today=times.today(zone, now), waiting=_waiting(opened)[0])
        today = None
        if row.status in rules.CURRENT:
            today = present_today(
                todays_doses(access=opened, now=now, statements=[row]), access=opened, now=now
            )
        written = selectors.prescriptions_of(access=opened, statement_id=statement_id)
        context = {
            "card": card,
            "today": today,
            "prescriptions": [present_prescription(one, zone=zone) for one in written],
        }
        return render_record(request, opened, "records/medications/detail.html", context, tab=TAB)


@access(Role.PATIENT)
@require_POST
def dose_mark(
    request: PersonRequest, patient_id: uuid.UUID, statement_id: uuid.UUID
) -> HttpResponse:
    """Tick one dose, or take the tick back; answered with today's card."""
    now, problem = timezone.now(), ""
    check_may_write(viewer=request.viewer, patient_id=patient_id, now=now)
    try:
        _mark(request, patient_id, statement_id, now)
    except (rules.NoSuchDose, rules.NotPossible):
        problem = _("This medicine was changed meanwhile. Here is how it stands now.")
    except rules.TooLateToMark:
        problem = _("A dose can be ticked until the end of the next day.")
    except rules.TooEarlyToMark:
        problem = _("This dose is not due today.")
    if not wants_partial(request):
        if problem:
            messages.warning(request, problem)
        return redirect("records:medication_list", patient_id)
    with opened_record(
        viewer=request.viewer, patient_id=patient_id, what="medications", now=now
    ) as opened:
        context = {"today": _today(opened, now), "problem": problem}
        status = 409 if problem else 200
        response = render(request, "records/medications/_today.html", context, status=status)
        response["Cache-Control"] = "no-store"
        return response


def _mark(
    request: PersonRequest, patient_id: uuid.UUID, statement_id: uuid.UUID, now: dt.datetime
) -> None:
    dose: dict[str, Any] = {
        "by": request.viewer,
        "patient_id": patient_id,
        "statement_id": statement_id,
        "now": now,
    }
    act = request.POST.get("act", "")
    if act == "needed":
        services.note_taken_as_needed(**dose)
        return
    due_at = _instant(request.POST.get("due", ""))
    if act == "undo":
        services.undo_dose(**dose, due_at=due_at)
    elif act in ("taken", "skipped"):
        status = DoseStatus.TAKEN if act == "taken" else DoseStatus.SKIPPED
        services.mark_dose(**dose, due_at=due_at, status=status)
    else:
        raise rules.NoSuchDose


def _instant(typed: str) -> dt.datetime:
    """Return the instant that a button names; there is no dose at what is none."""
    try:
        due_at = times.from_seconds(int(typed))
    except (ValueError, OverflowError, OSError):
        raise rules.NoSuchDose from None
    # In the first and the last year there is no local time for some instants.
    if not EARLIEST <= due_at < LATEST:
        raise rules.NoSuchDose
    return due_at


def _list(request: PersonRequest, opened: RecordAccess, now: dt.datetime) -> dict[str, Any]:
    current, paused = selectors.current_and_paused(access=opened)
    past = selectors.past_page(access=opened, number=_page_number(request))
    waiting, proposed = _waiting(opened)
    today = clinic_today(now)

    def cards(rows: Sequence[MedicationStatement]) -> list[MedicationCard]:
        return [present_medication(row, today=today, waiting=waiting) for row in rows]

    return {
        "current": cards(current),
        "paused": cards(paused),
        "past": cards(past.rows),
        "past_page": past,
        "proposed": proposed,
        "waits": bool(waiting or proposed),
        "today": present_today(
            todays_doses(access=opened, now=now, statements=current), access=opened, now=now
        ),
    }


def _today(opened: RecordAccess, now: dt.datetime) -> TodayCard:
    return present_today(todays_doses(access=opened, now=now), access=opened, now=now)


def _waiting(opened: RecordAccess) -> tuple[set[uuid.UUID], list[str]]:
    """Return the medicines that the patient wants changed, and the names of new ones."""
    rows = [row for row in open_proposals(access=opened) if row.kind == ProposalKind.MEDICATION]
    changed = {row.target_id for row in rows if row.target_id is not None}
    return changed, [title(row) for row in rows if row.target_id is None]


def _page_number(request: PersonRequest) -> int:
    typed = request.GET.get("past", "1")
    return max(int(typed), 1) if typed.isdecimal() and len(typed) < 6 else 1


def typed(request: PersonRequest) -> QueryDict | None:
    """Return what was sent, None where a form is only opened: an empty form is sent too."""
    return request.POST if request.method == "POST" else None

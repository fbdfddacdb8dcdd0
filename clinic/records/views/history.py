"""The history on one page, and the presses that confirm, rule out, end or take out an entry."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from clinic.lib.htmx import wants_partial
from clinic.people.choices import Role
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.records.choices import HistorySection, ProposalAction, ProposalKind
from clinic.records.permissions import RecordAccess
from clinic.records.presenters import frame as frame_presenters
from clinic.records.presenters import history as presenters
from clinic.records.presenters import proposals as proposal_presenters
from clinic.records.rules.history import NotPossible
from clinic.records.selectors import frame as frame_selectors
from clinic.records.selectors import history as selectors
from clinic.records.selectors import proposals as proposal_selectors
from clinic.records.selectors.clinic import clinic_zone
from clinic.records.services import allergies, history_review, proposals
from clinic.records.services.allergies import AllergiesOnFile
from clinic.records.services.allergy_proposals import as_said
from clinic.records.services.history_entries import no_known_allergies
from clinic.records.services.history_review import Target
from clinic.records.services.reading import opened_record
from clinic.records.services.writing import ChangedMeanwhile
from clinic.records.views.shell import render_record

TAB = "history"
# By the last part of the address: what is done, what is said then, and what takes it back.
ACTS: dict[str, tuple[Callable[..., Any], Any, str]] = {
    "confirm": (history_review.confirm_entry, gettext_lazy("Confirmed"), ""),
    "rule-out": (history_review.rule_out_entry, gettext_lazy("Ruled out"), "put-back"),
    "take-out": (history_review.mark_entry_mistaken, gettext_lazy("Taken out"), "put-back"),
    "put-back": (history_review.restore_entry, gettext_lazy("Put back, to be confirmed"), ""),
    "resolve": (history_review.resolve_entry, gettext_lazy("Marked as past"), "reopen"),
    "reopen": (history_review.reopen_entry, gettext_lazy("Marked as current"), "resolve"),
}


@access(Role.PATIENT, Role.PRACTITIONER)
@require_safe
def history(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Show every section: current first, past folded."""
    with opened_history(request, patient_id, what="history") as opened:
        sections = {section.name.lower(): _section(opened, section) for section in HistorySection}
        said, others = _open_proposals(opened)
        context = {"sections": sections, "said": said, "waiting": len(said) + others}
        return render_record(request, opened, "records/history/history.html", context, tab=TAB)


@access(Role.PATIENT, Role.PRACTITIONER)
@require_safe
def history_section(request: PersonRequest, patient_id: uuid.UUID, section: str) -> HttpResponse:
    """Show one section with everything in it, a hundred entries a page."""
    key = section_or_404(section)
    with opened_history(request, patient_id, what=f"history.{key}") as opened:
        rows = selectors.all_of_section(access=opened, section=key)
        page = Paginator(rows, presenters.A_PAGE).get_page(request.GET.get("page"))
        lines = [presenters.present_entry(row=row, section=key, access=opened) for row in page]
        context = {"title": key.label, "page": page, "lines": lines}
        return render_record(request, opened, "records/history/section.html", context, tab=TAB)


@access(Role.PATIENT, Role.PRACTITIONER)
@require_POST
def history_act(
    request: PersonRequest, patient_id: uuid.UUID, section: str, history_id: uuid.UUID, act: str
) -> HttpResponse:
    """One press on one entry."""
    key = section_or_404(section)
    if act not in ACTS:
        raise Http404
    service, said, undo = ACTS[act]
    target = Target(key, history_id, seen_version(request.POST.get("version", "")))
    now = timezone.now()
    try:
        service(by=request.viewer, patient_id=patient_id, target=target, now=now)
    except (ChangedMeanwhile, NotPossible):
        text = _("This entry was changed meanwhile. The page shows how it stands now.")
        return answer(request, patient_id, key, text, status=409)
    except AllergiesOnFile:
        return answer(request, patient_id, key, _allergies_on_file(), status=409)
    args = [patient_id, section, history_id, undo]
    undo_url = reverse("records:history_act", args=args) if undo else ""
    return answer(request, patient_id, key, str(said), undo_url=undo_url)


@access(Role.PRACTITIONER)
@require_POST
def history_confirm(request: PersonRequest, patient_id: uuid.UUID, section: str) -> HttpResponse:
    """Confirm every entry of a section that was shown, as it was shown."""
    key = section_or_404(section)
    outcome = history_review.confirm_section(
        by=request.viewer,
        patient_id=patient_id,
        section=key,
        seen=_seen(request.POST),
        now=timezone.now(),
    )
    said = ngettext(
        "%(number)s entry confirmed", "%(number)s entries confirmed", outcome.confirmed
    ) % {"number": outcome.confirmed}
    if not outcome.changed:
        return answer(request, patient_id, key, said)
    text = _("%(said)s. The others were changed meanwhile: look at them again.") % {"said": said}
    return answer(request, patient_id, key, text, status=409)


@access(Role.PATIENT, Role.PRACTITIONER)
@require_POST
def allergy_none(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponse:
    """State that no allergy is known: a doctor at once, the patient as a proposal."""
    now, key = timezone.now(), HistorySection.ALLERGIES
    try:
        if request.viewer.patient_id == patient_id:
            _propose_none(request, patient_id, now)
            said = _("Sent to your doctor: no known allergies")
        else:
            allergies.state_no_known_allergies(by=request.viewer, patient_id=patient_id, now=now)
            said = _("No known allergies, as of today")
    except AllergiesOnFile:
        return answer(request, patient_id, key, _allergies_on_file(), status=409)
    return answer(request, patient_id, key, said)


@contextmanager
def opened_history(
    request: PersonRequest, patient_id: uuid.UUID, *, what: str
) -> Iterator[RecordAccess]:
    """Open the record for a page of the history; days on it are those of the clinic."""
    now = timezone.now()
    with (
        opened_record(viewer=request.viewer, patient_id=patient_id, what=what, now=now) as opened,
        timezone.override(clinic_zone()),
    ):
        yield opened


def answer(
    request: PersonRequest,
    patient_id: uuid.UUID,
    section: HistorySection,
    said: str,
    *,
    undo_url: str = "",
    status: int = 200,
) -> HttpResponse:
    """Say what was done and show the section as it stands now, with and without script."""
    if not wants_partial(request):
        (messages.success if status == 200 else messages.warning)(request, said)
        return redirect(section_url(patient_id, section))
    with opened_history(request, patient_id, what="history") as opened:
        context = {
            "section": _section(opened, section),
            "said": _open_proposals(opened)[0] if section == HistorySection.ALLERGIES else [],
            "head": allergy_banner(opened) if section == HistorySection.ALLERGIES else None,
            "text": said,
            "icon": "check" if status == 200 else "circle-alert",
            "undo_url": undo_url,
        }
        response = render(request, "records/history/_answer.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def section_or_404(section: str) -> HistorySection:
    """Return the section an address names."""
    if section not in HistorySection.values:
        raise Http404
    return HistorySection(section)


def section_url(patient_id: uuid.UUID, section: HistorySection) -> str:
    """Return the history page at one section."""
    return f"{reverse('records:history', args=[patient_id])}#history-{section}"


def seen_version(text: str) -> int | None:
    """Return the version a form was rendered at; what is no number is never the present one."""
    if not text:
        return None
    return int(text) if text.isdecimal() and len(text) < 12 else -1


def _section(opened: RecordAccess, section: HistorySection) -> presenters.SectionView:
    most = presenters.visible_of(section) + presenters.FOLDED
    entries = selectors.section_entries(access=opened, section=section, most=most)
    return presenters.present_section(entries=entries, access=opened)


def _open_proposals(opened: RecordAccess) -> tuple[list[proposal_presenters.ProposalLine], int]:
    """Return what waits about allergies, and how many other proposals wait."""
    found = proposal_selectors.open_proposals(access=opened)
    about = [one for one in found if one.kind == ProposalKind.ALLERGY]
    beside = proposal_selectors.beside_what_is_on_file(access=opened, proposals=about)
    lines = [proposal_presenters.present_proposal(beside=one, access=opened) for one in beside]
    return lines, len(found) - len(about)


def allergy_banner(opened: RecordAccess) -> frame_presenters.Frame:
    """Return the head of the record as it stands after a change, for its allergy banner.

    Call it inside `opened_history`: the day is the clinic's there.
    """
    head = frame_selectors.head_of(access=opened)
    today = timezone.localdate()
    return frame_presenters.present_frame(access=opened, head=head, tab=TAB, today=today)


def _propose_none(request: PersonRequest, patient_id: uuid.UUID, now: dt.datetime) -> None:
    said = as_said(no_known_allergies())
    proposed = proposals.Proposed(ProposalKind.ALLERGY, ProposalAction.ADD, said)
    proposals.propose(by=request.viewer, patient_id=patient_id, proposed=proposed, now=now)


def _allergies_on_file() -> str:
    return _("There is an allergy on file or waiting to be confirmed. Settle that first.")


def _seen(data: QueryDict) -> dict[uuid.UUID, int]:
    """Return the entries that a page showed, each with its version; what is garbled is left out."""
    seen = {}
    for pair in data.getlist("seen")[: presenters.A_PAGE]:
        entry_id, _colon, version = pair.partition(":")
        try:
            seen[uuid.UUID(entry_id)] = seen_version(version) or -1
        except ValueError:
            continue
    return seen

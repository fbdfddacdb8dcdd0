"""The frame that every page of a record is rendered in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from clinic.lib import times
from clinic.people.requests import PersonRequest, frame
from clinic.records import fragments
from clinic.records.permissions import RecordAccess
from clinic.records.presenters.frame import present_frame
from clinic.records.selectors.frame import head_of


def render_record(
    request: PersonRequest,
    access: RecordAccess,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    tab: str,
    status: int = 200,
) -> HttpResponse:
    """Render a page of the record with its head and tabs. Call it inside `opened_record`."""
    shown = record_context(request, access, tab=tab) | dict(context or {})
    response = render(request, template, shown, status=status)
    response["Cache-Control"] = "no-store"
    return response


def record_context(request: PersonRequest, access: RecordAccess, *, tab: str) -> dict[str, Any]:
    """Return what the frame of a record page shows, and the topic that keeps it fresh."""
    state = fragments.state_at(access.version)
    head = head_of(access=access)
    today = times.today(head.zone, timezone.now())
    return {
        "frame": frame(request),
        "record": present_frame(access=access, head=head, tab=tab, today=today),
        "record_state": state.pieces[fragments.STATE_ID],
        "record_version": access.version,
        "live_topics": [(fragments.record_topic(access.patient_id), state)],
    }

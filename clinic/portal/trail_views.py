"""The administrator's pages of the audit trail: search it, take it along."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from clinic.audit.csvs import csv_lines
from clinic.audit.selectors import cursor_from
from clinic.lib.htmx import render_page_or_partial
from clinic.people.choices import Role
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.portal import trail
from clinic.portal.trail_form import TrailForm
from clinic.portal.trail_rows import HEAD, export_row, trail_row

CLINIC_ZONE = "UTC"


@access(Role.ADMINISTRATOR)
@require_safe
def trail_list(request: PersonRequest) -> HttpResponse:
    """Show one page of what was asked for; a question that cannot be answered keeps its words."""
    form = _form(request)
    context: dict[str, Any] = {"form": form, "zone": form.zone, "rows": [], "next": ""}
    if form.is_valid():
        after = cursor_from(request.GET.get("after", ""))
        page, names = trail.open_trail(
            question=form.question(), after=after, by=request.viewer, now=timezone.now()
        )
        context |= {
            "rows": [trail_row(event, names, zone=form.zone) for event in page.events],
            "older": _address(request, str(page.next)) if page.next else "",
            "newest": _address(request) if after else "",
            "export": _address(request),
        }
    return render_page_or_partial(
        request,
        "portal/trail.html",
        "portal/_trail_results.html",
        context,
        status=200 if form.is_valid() else 422,
    )


@access(Role.ADMINISTRATOR)
@require_GET
def trail_export(request: PersonRequest) -> HttpResponseBase:
    """Send everything that was asked for as CSV, page by page as the database gives it."""
    form = _form(request)
    if not form.is_valid():
        return redirect(reverse("portal:trail_list") + _address(request))
    now = timezone.now()
    pages = trail.export_trail(question=form.question(), by=request.viewer, now=now)
    name = f"audit-trail-{now:%Y%m%dT%H%M%SZ}.csv"
    return StreamingHttpResponse(
        _streamed(_chunks(pages)),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


def _form(request: PersonRequest) -> TrailForm:
    zone = request.user.time_zone or CLINIC_ZONE
    return TrailForm(request.GET, by=request.viewer, zone=zone)


def _address(request: PersonRequest, after: str = "") -> str:
    """Return the question as a query, for the next page or the export of the same."""
    asked = request.GET.copy()
    asked.pop("after", None)
    if after:
        asked["after"] = after
    return f"?{asked.urlencode()}"


def _chunks(pages: Iterator[tuple[Any, trail.Names]]) -> Iterator[str]:
    # The mark tells spreadsheets that the text is UTF-8.
    yield "\ufeff" + csv_lines([HEAD])
    for page, names in pages:
        yield csv_lines(export_row(event, names) for event in page.events)


async def _streamed(chunks: Iterator[str]) -> AsyncIterator[str]:
    """Draw each chunk in a thread: under ASGI a plain iterator would be read whole at once."""
    draw = sync_to_async(lambda: next(chunks, None))
    while (chunk := await draw()) is not None:
        yield chunk

"""The time line of a record, and the search within it."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clinic.people.choices import Role, Units
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.records.forms.timeline import SearchForm
from clinic.records.permissions import RecordAccess
from clinic.records.presenters.timeline import lines
from clinic.records.selectors import timeline as selectors
from clinic.records.selectors.clinic import clinic_zone
from clinic.records.services.reading import opened_record
from clinic.records.views.shell import render_record

PAGE = "records/timeline/page.html"


@access(Role.PATIENT, Role.PRACTITIONER)
@require_http_methods(["GET", "HEAD", "POST"])
def record_timeline(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Show the record in order of time. A search is posted: its words are no part of an address."""
    what = "search" if request.method == "POST" else "timeline"
    now = timezone.now()
    with opened_record(viewer=request.viewer, patient_id=patient_id, what=what, now=now) as opened:
        if request.method == "POST":
            return _found(request, opened)
        return _page(request, opened)


def _page(request: PersonRequest, opened: RecordAccess) -> HttpResponse:
    kind, number = _kind(request.GET.get("kind", "")), _number(request.GET.get("page", "1"))
    tz = clinic_zone()
    page = selectors.timeline_page(access=opened, tz=tz, kind=kind, number=number)
    context = {
        "form": SearchForm(),
        "kinds": [("", "")] + [(one.value, one.label) for one in selectors.Kind],
        "kind": kind.value if kind else "",
        "lines": lines(moments=page.moments, access=opened, tz=tz, units=Units(request.user.units)),
        "page": page,
    }
    return render_record(request, opened, PAGE, context, tab="timeline")


def _found(request: PersonRequest, opened: RecordAccess) -> HttpResponse:
    form = SearchForm(request.POST)
    if not form.is_valid():
        context = {"form": form, "searched": True}
        return render_record(request, opened, PAGE, context, tab="timeline", status=422)
    tz = clinic_zone()
    moments = selectors.search(access=opened, tz=tz, words=form.cleaned_data["words"])
    context = {
        "form": form,
        "searched": True,
        "lines": lines(moments=moments, access=opened, tz=tz, units=Units(request.user.units)),
        "is_cut": len(moments) == selectors.MOST_FOUND,
    }
    return render_record(request, opened, PAGE, context, tab="timeline")


def _kind(text: str) -> selectors.Kind | None:
    if not text:
        return None
    if text not in selectors.Kind.values:
        raise Http404
    return selectors.Kind(text)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < len(text) < 5 or int(text) < 1:
        raise Http404
    return int(text)

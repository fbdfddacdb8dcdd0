"""Find a doctor by the next free time."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from clinic.lib.htmx import render_page_or_partial
from clinic.people.permissions import PUBLIC, access
from clinic.people.requests import PersonRequest
from clinic.scheduling.choices import Modality
from clinic.scheduling.forms import SearchForm
from clinic.scheduling.fragments import names, next_free
from clinic.scheduling.presenters import find as present
from clinic.scheduling.selectors import practitioners as reads
from clinic.scheduling.views import live

REMOTE = {"video": Modality.VIDEO, "phone": Modality.PHONE}


@access(PUBLIC)
@require_GET
def practitioner_list(request: PersonRequest) -> HttpResponse:
    """Show the doctors who match, each with the next free times, live."""
    form = SearchForm(request.GET)
    if not form.is_valid():
        # Only a made-up address gets here: every choice on the page is valid.
        raise Http404
    now = timezone.now()
    search = _search(form)
    found = reads.find_practitioners(viewer=request.viewer, search=search, now=now)
    chips = {
        row.practitioner.pk: next_free.chips_of(
            row.next, practitioner=row.practitioner, modality=search.modality, now=now
        )
        for row in found.listed
    }
    own = live.own_state(request, now=now)
    topics = [
        (
            names.next_topic(
                practitioner_id=practitioner_id,
                visit_type_id=search.visit_type_id,
                modality=search.modality,
            ),
            fragment,
        )
        for practitioner_id, fragment in chips.items()
    ]
    context = {
        "search": search,
        "q": form.cleaned_data["q"],
        "options": present.options(form.cleaned_data, found),
        "results": present.results(found, chips),
        "found": found,
        "pages": present.pages(found, _query(request)),
        "own": own.pieces,
        "live_topics": [*topics, own.topic] if own.topic else topics,
    }
    return render_page_or_partial(
        request, "scheduling/practitioner_list.html", "scheduling/_results.html", context
    )


def _search(form: SearchForm) -> reads.Search:
    data = form.cleaned_data
    place = data["place"]
    return reads.Search(
        words=data["q"],
        specialty=data["specialty"],
        site_id=place if isinstance(place, uuid.UUID) else None,
        visit_type_id=data["type"],
        modality=REMOTE.get(place) if isinstance(place, str) else None,
        when=data["when"] or "any",
        page=data["page"] or 1,
    )


def _query(request: PersonRequest) -> str:
    """Return the search without its page, for the links to the other pages."""
    query = request.GET.copy()
    query.pop("page", None)
    return query.urlencode()

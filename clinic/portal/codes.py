"""Suggestions for somebody who types a condition, a medicine, an allergen.

The code systems know no person, so their page stands here, above the rules of who may. What is
typed is clinical: it comes in the body, never in the address, and is neither kept nor logged.
"""

from __future__ import annotations

from dataclasses import asdict

from django.http import Http404, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST

from clinic.people.permissions import ACTING, SIGNED_IN, access
from clinic.people.requests import PersonRequest
from clinic.terminology import selectors
from clinic.terminology.choices import Kind

LONGEST = 200


@access(SIGNED_IN, ACTING)
@require_POST
@cache_control(no_store=True, private=True)
def suggest(request: PersonRequest, kind: str) -> JsonResponse:
    """Answer with the likely meanings of what was typed so far."""
    if kind not in Kind.values:
        raise Http404
    query = request.POST.get("q", "")[:LONGEST]
    found = selectors.search_concepts(kind=Kind(kind), query=query)
    lines = [asdict(line) | {"shown": line.shown} for line in found]
    return JsonResponse({"suggestions": lines})

"""`{% emergency_bar %}`: the red bar over every page while a doctor has emergency access."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from clinic.records.emergency_session import remembered, tidy
from clinic.records.selectors.emergency import open_emergencies
from clinic.scheduling.selectors.board import time_zone_of

register = template.Library()


@register.inclusion_tag("records/_emergency_bar.html", takes_context=True)
def emergency_bar(context: template.Context) -> dict[str, Any]:
    """Return what the bar says; nothing for whoever has opened no record in an emergency."""
    request = context.get("request")
    viewer = getattr(request, "viewer", None)
    if viewer is None or viewer.practitioner_id is None or not remembered(request):
        return {"open": []}
    found = open_emergencies(viewer=viewer, now=timezone.now())
    tidy(request, found)
    return {
        "open": found,
        "tz": time_zone_of(viewer.practitioner_id),
        "csrf_token": context.get("csrf_token"),
    }

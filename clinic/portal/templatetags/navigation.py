"""`{% navigation as nav %}`: the entries of the frame, for whoever looks."""

from typing import Any

from django import template
from django.utils import timezone

from clinic.people.viewer import VISITOR
from clinic.portal import navigation as pages

register = template.Library()


@register.simple_tag(takes_context=True)
def navigation(context: template.Context) -> dict[str, Any]:
    """Return the main entries and the account entries; a page without a request has none."""
    request = context.get("request")
    viewer = getattr(request, "viewer", VISITOR)
    match = getattr(request, "resolver_match", None)
    current = match.view_name if match else ""
    return {
        "main": pages.main_entries(viewer=viewer, current=current, today=timezone.localdate()),
        "account": pages.account_entries(viewer=viewer, current=current),
        "name": getattr(getattr(request, "user", None), "own_name", "") or "",
    }

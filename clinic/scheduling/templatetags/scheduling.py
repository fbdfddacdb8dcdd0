"""Filters of the scheduling templates."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def piece(pieces: Mapping[str, str], dom_id: str) -> SafeString:
    """Put in a piece that a template has already rendered, exactly as a push carries it."""
    return mark_safe(pieces[dom_id])  # noqa: S308 - the output of a template, escaped there

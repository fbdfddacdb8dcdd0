"""One view serves the page and its fragment."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails


class HtmxHttpRequest(HttpRequest):
    """A request that passed through django-htmx's middleware."""

    htmx: HtmxDetails


def wants_partial(request: HttpRequest) -> bool:
    """Say whether htmx asked for a piece: a restored or boosted page needs the whole page."""
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    if not htmx:
        return False
    return not htmx.boosted and not htmx.history_restore_request


def render_page_or_partial(
    request: HttpRequest,
    page: str,
    partial: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """Render `partial` for htmx and `page` otherwise, from the same context.

    A refusal passes 409 or 422: htmx puts those pieces in like any other answer.
    """
    template = partial if wants_partial(request) else page
    response = render(request, template, dict(context or {}), status=status)
    # The same address has two bodies; a cache between must not mix them up.
    patch_vary_headers(response, ["HX-Request"])
    return response

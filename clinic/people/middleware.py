"""Apply the access policy to every request, before any view runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode

from clinic.crypto.errors import KeyShredded, OpenRefused
from clinic.people.acting import viewer_behind
from clinic.people.permissions import Decision, NotAllowed, audience_of, decide


class AccessMiddleware:
    """Set `request.viewer` and refuse what the policy does not allow.

    Stands after AuthenticationMiddleware. An account that was closed is nobody from its next
    request on, because the backend no longer loads it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.viewer = SimpleLazyObject(lambda: viewer_behind(request))  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        assert request.resolver_match is not None
        allowed = audience_of(request.resolver_match)
        decision = decide(allowed=allowed, viewer=request.viewer)  # type: ignore[attr-defined]
        if decision is Decision.ALLOW:
            return None
        if decision is Decision.SIGN_IN:
            return _ask_to_sign_in(request)
        raise Http404

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, NotAllowed):
            _hide(exception)
        if isinstance(exception, OpenRefused | KeyShredded):
            return _say_sealed(request, destroyed=isinstance(exception, KeyShredded))
        return None


def _hide(exception: NotAllowed) -> NoReturn:
    raise Http404 from exception


def _say_sealed(request: HttpRequest, *, destroyed: bool) -> HttpResponse:
    """Say that an entry does not open, as a page or on the sheet of the page that is open.

    The trail has it already (`clinic.audit.receivers`). For htmx it is 409 in both cases: 410 is
    never put into a page.
    """
    context = {"destroyed": destroyed}
    if request.headers.get("HX-Request") == "true":
        response = render(request, "people/_sealed.html", context, status=409)
        response["HX-Retarget"], response["HX-Reswap"] = "#sheet", "innerHTML"
    else:
        status = 410 if destroyed else 409
        response = render(request, "people/sealed.html", context, status=status)
    response["Cache-Control"] = "no-store"
    patch_vary_headers(response, ["HX-Request"])
    return response


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Redirect a page to sign-in; tell htmx to take the whole page there, not one piece of it."""
    if request.headers.get("HX-Request") != "true":
        response: HttpResponse = redirect_to_login(request.get_full_path(), "account_login")
    else:
        response = HttpResponse(status=401)
        response["HX-Redirect"] = (
            f"{reverse('account_login')}?{urlencode({'next': _page(request)})}"
        )
    patch_vary_headers(response, ["HX-Request"])
    return response


def _page(request: HttpRequest) -> str:
    """Return the address of the page that htmx was on: the piece it asked for is not a page."""
    current = urlsplit(request.headers.get("HX-Current-URL", ""))
    if current.netloc != request.get_host() or not current.path.startswith("/"):
        return "/"
    return f"{current.path}?{current.query}" if current.query else current.path

"""Which request is being answered, so that the events of one request can be read together."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

request_id: ContextVar[str] = ContextVar("audit_request_id", default="")


class RequestIdMiddleware:
    """Number each request. It is made here: one sent by the client would be theirs to forge."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = request_id.set(secrets.token_hex(8))
        try:
            return self.get_response(request)
        finally:
            request_id.reset(token)

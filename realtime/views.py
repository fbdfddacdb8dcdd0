"""Renewing a page's stream token: the only thing about the live connection that goes over HTTP."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from clinic.people.permissions import PUBLIC, access
from clinic.people.viewer import Viewer
from realtime import tokens
from realtime.routing import socket_path
from realtime.sockets import SESSION_OVER


@require_POST
@access(PUBLIC)
def renew(request: HttpRequest) -> HttpResponse:
    """Answer the address of a new socket for the same page; 401 when its session is over.

    Permissions are asked again. The versions stay those of the rendered page: what the page has
    seen since is only known to the page, and sending it twice does no harm.
    """
    session_key = request.session.session_key
    try:
        grant = tokens.read(
            request.POST.get("token", ""),
            session_key=session_key,
            now=timezone.now(),
            lifetime=tokens.RENEWABLE,
        )
        viewer: Viewer = request.viewer  # type: ignore[attr-defined]
        if grant.user_id not in (None, viewer.user_id):
            raise tokens.Refused(SESSION_OVER)
        token = tokens.renew(grant, viewer=viewer, session_key=session_key, now=timezone.now())
    except (tokens.Refused, tokens.TopicRefused):
        return JsonResponse({}, status=401)
    return JsonResponse({"url": socket_path(token), "token": token})

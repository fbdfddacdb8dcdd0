"""Whom a browser acts for. The session holds the id of a grant; whether it holds is asked anew on
every request, so that a grant that ended a second ago opens nothing.
"""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.people.carers import acting_viewer
from clinic.people.selectors import viewer_of
from clinic.people.viewer import Viewer

SESSION_KEY = "acting_by"


def viewer_behind(request: HttpRequest) -> Viewer:
    """Return who looks: the account, or the patient whom its browser acts for."""
    own = viewer_of(user=request.user)
    grant_id = _chosen(request)
    if grant_id is None:
        return own
    acting = acting_viewer(viewer=own, grant_id=grant_id, now=timezone.now())
    if acting is not None:
        return acting
    stop(request)
    messages.warning(request, _("You no longer act for somebody else. This is your own account."))
    return own


def start(request: HttpRequest, grant_id: uuid.UUID) -> None:
    request.session[SESSION_KEY] = str(grant_id)


def stop(request: HttpRequest) -> None:
    request.session.pop(SESSION_KEY, None)


def _chosen(request: HttpRequest) -> uuid.UUID | None:
    session = getattr(request, "session", None)
    chosen = session.get(SESSION_KEY) if session is not None else None
    return uuid.UUID(chosen) if chosen else None

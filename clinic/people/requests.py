"""The request as views see it after this product's middleware."""

from __future__ import annotations

from clinic.lib.htmx import HtmxHttpRequest
from clinic.people.models import User
from clinic.people.viewer import Viewer


class PersonRequest(HtmxHttpRequest):
    """A request with its viewer; `user` is an account on every view that is not public."""

    viewer: Viewer
    user: User


def frame(request: PersonRequest) -> str:
    """Return the frame of a page that patients and staff share."""
    return "base_staff.html" if request.viewer.is_staff else "base.html"

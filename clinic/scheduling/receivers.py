"""What scheduling does when something happens elsewhere."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils import timezone

from clinic.people.requests import PersonRequest
from clinic.people.selectors import viewer_of
from clinic.scheduling.services import holds
from clinic.scheduling.services.locks import ScheduleBusy
from clinic.scheduling.views.visitors import hold_token


def keep_hold_of_visitor(
    *, user: AbstractBaseUser, request: PersonRequest | None = None, **_: Any
) -> None:
    """Signing in keeps the time that was held before it (H4)."""
    token = hold_token(request) if request is not None else None
    patient_id = viewer_of(user=user).patient_id
    if token is None or patient_id is None:
        return
    try:
        holds.adopt_hold(patient_id=patient_id, hold_token=token, now=timezone.now())
    except ScheduleBusy:
        # The cookie still names the hold; the review page and the booking find it by that.
        return

"""Who holds a time: the account's patient, or a visitor with a token in a signed cookie (H4)."""

from __future__ import annotations

import uuid

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone

from clinic.lib import ratelimit
from clinic.people.requests import PersonRequest
from clinic.scheduling.permissions import patient_of
from clinic.scheduling.services.holds import Holder

COOKIE = "hold"
SALT = "scheduling.hold"
# Long enough to find the doctor's number, register and come back.
COOKIE_SECONDS = 2 * 60 * 60

# A family behind one address may look around; nobody can freeze a day by holding all of it (H4).
VISITOR_HOLDS = ratelimit.Limit(scope="visitor-hold", most=12, seconds=300)
PATIENT_HOLDS = ratelimit.Limit(scope="patient-hold", most=60, seconds=300)


def hold_token(request: PersonRequest) -> uuid.UUID | None:
    """Return the secret of a visitor's hold, None without a cookie or with a forged one."""
    value = request.get_signed_cookie(COOKIE, default=None, salt=SALT, max_age=COOKIE_SECONDS)
    try:
        return uuid.UUID(value) if value else None
    except ValueError:
        return None


def keep_token(response: HttpResponse, token: uuid.UUID) -> None:
    response.set_signed_cookie(
        COOKIE,
        token.hex,
        salt=SALT,
        max_age=COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def holder_of(request: PersonRequest) -> Holder | None:
    """Return whose hold this browser can have, None while a visitor has none."""
    patient_id = patient_of(request.viewer)
    token = hold_token(request)
    if patient_id is None and token is None:
        return None
    return Holder(patient_id=patient_id, hold_token=token)


def new_holder(request: PersonRequest) -> Holder:
    """Return the holder of a new choice; a visitor's token is made at the first one."""
    # A token is a secret, so it is drawn whole, unlike the ids of rows.
    return holder_of(request) or Holder(hold_token=uuid.uuid4())


def wait_seconds(request: PersonRequest) -> int:
    """Count one hold and return how long to wait before the next, 0 while it is allowed."""
    viewer = request.viewer
    now = int(timezone.now().timestamp())
    if viewer.patient_id is not None:
        return ratelimit.retry_after(PATIENT_HOLDS, key=viewer.patient_id.hex, now_seconds=now)
    address = get_adapter(request).get_client_ip(request)
    network = ratelimit.network_of(address)
    return ratelimit.retry_after(VISITOR_HOLDS, key=network, now_seconds=now)

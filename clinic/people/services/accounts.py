"""What happens to an account from outside: attempts to sign in, and a proved new address."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction

from clinic.audit import services as audit
from clinic.people.models import Patient, User
from clinic.people.trail import note
from clinic.people.viewer import Viewer


def note_failed_sign_in(*, email: str, now: dt.datetime) -> None:
    """Put a wrong password on the trail: the account if there is one, never the address typed."""
    user_id = User.objects.filter(email__iexact=email).values_list("pk", flat=True).first()
    audit.record(
        actor_id=None,
        actor_roles=(),
        action="account.sign_in_failed",
        object_type="user",
        object_id=user_id,
        now=now,
    )


def note_confirmation(*, by: Viewer, succeeded: bool, now: dt.datetime) -> None:
    """Put on the trail that somebody confirmed again who they are, or failed to."""
    audit.record(
        actor_id=by.user_id,
        actor_roles=by.roles,
        action="account.confirmed_again" if succeeded else "account.confirmation_failed",
        object_type="user",
        object_id=by.user_id,
        now=now,
    )


def follow_email_change(*, user_id: uuid.UUID, by: Viewer, now: dt.datetime) -> None:
    """Take the newly proved address of an account over to its patient, who is reminded there."""
    with transaction.atomic():
        user = User.objects.get(pk=user_id)
        Patient.objects.filter(user_id=user_id).update(email=user.email)
        note(action="account.email_changed", by=by, now=now, subject=user)

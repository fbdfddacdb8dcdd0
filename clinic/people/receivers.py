"""Listens to allauth: sign-ins are on the trail, and a new password ends open pages."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as allauth
from allauth.account.models import EmailAddress
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db import transaction
from django.utils import timezone

from clinic.lib.announce import announce
from clinic.people import selectors
from clinic.people.models import User
from clinic.people.services import accounts
from clinic.people.signals import access_changed
from clinic.people.trail import note


def connect() -> None:
    """Connect every receiver; called once when the application starts."""
    user_logged_in.connect(_signed_in, dispatch_uid="people.signed_in")
    user_logged_out.connect(_signed_out, dispatch_uid="people.signed_out")
    for signal in (allauth.password_changed, allauth.password_set, allauth.password_reset):
        signal.connect(_password_changed, dispatch_uid="people.password_changed")
    allauth.email_changed.connect(_email_changed, dispatch_uid="people.email_changed")
    allauth.email_confirmed.connect(_email_confirmed, dispatch_uid="people.email_confirmed")


def _signed_in(sender: type, user: User, **_: Any) -> None:
    _note("account.signed_in", user)


def _signed_out(sender: type, user: User | None, **_: Any) -> None:
    if user is not None:
        _note("account.signed_out", user)


def _password_changed(sender: type, user: User, **_: Any) -> None:
    with transaction.atomic():
        _note("account.password_changed", user)
        announce(access_changed, sender=User, user_id=user.pk)


def _email_changed(sender: type, user: User, **_: Any) -> None:
    accounts.follow_email_change(
        user_id=user.pk, by=selectors.viewer_of(user=user), now=timezone.now()
    )


def _email_confirmed(sender: type, email_address: EmailAddress, **_: Any) -> None:
    _note("account.email_confirmed", email_address.user)


def _note(action: str, user: User) -> None:
    note(action=action, by=selectors.viewer_of(user=user), now=timezone.now(), subject=user)
